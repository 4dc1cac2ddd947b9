import contextlib
import fcntl
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lamha.models import catalog, urls
from lamha.models.catalog import Entry, File, Source
from lamha.models.errors import ChecksumMismatch, DownloadFailed, NoSpace
from lamha.models.store import Store
from lamha.models.wheels import SourceFailed

DATA = bytes(range(256)) * 4096  # 1 MiB: more than a socket's buffer takes at once

SIOCSIFFLAGS, IFF_UP = 0x8914, 1  # linux/sockios.h, net/if.h


@dataclass
class Site:
    """What the server on this machine has and how it misbehaves."""

    data: bytes = DATA
    tag: str = '"v1"'
    knows_ranges: bool = True
    cut: list[int] = field(default_factory=list)  # bytes sent of each answer before it breaks off
    statuses: list[int] = field(default_factory=list)  # answered first, one a request
    shift: int = 0  # a server that answers another range
    asked: list[str | None] = field(default_factory=list)  # the Range of each request
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        site, wanted = self.site, self.headers["Range"]
        site.asked.append(wanted)
        if site.statuses:
            self.send_error(site.statuses.pop(0))
            return
        valid = wanted and site.knows_ranges and self.headers["If-Range"] in (None, site.tag)
        start = int(wanted[len("bytes=") : -1]) if valid else 0
        if start >= len(site.data):
            self.send_error(416)
            return
        body = site.data[start:]
        self.send_response(206 if valid else 200)
        if valid:
            shown = start + site.shift
            self.send_header("Content-Range", f"bytes {shown}-{len(site.data) - 1}/{len(site.data)}")
        self.send_header("Content-Length", str(len(body)))
        if site.tag:
            self.send_header("ETag", site.tag)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # a client may hang up after the headers
            self.wfile.write(body[: site.cut.pop(0)] if site.cut else body)

    def log_message(self, *_: object) -> None:
        """A test's output is no access log."""


@pytest.fixture(scope="session")
def loopback() -> None:
    """The machine's way to itself, which is down in a network namespace that is new."""
    up = struct.pack("16sh14x", b"lo", IFF_UP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("127.0.0.1", 9))  # sends nothing
        except OSError:
            try:
                fcntl.ioctl(probe, SIOCSIFFLAGS, up)
            except OSError as error:
                pytest.skip(f"the loopback interface is down and cannot be set up: {error}")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, loopback: None) -> Iterator[Site]:
    monkeypatch.setattr(urls, "PAUSE_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = Site()
    handler = type("OneSite", (Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}/model"
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def download(site: Site, target: Path, size: int = 0) -> list[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    urls.download(site.address, target, size, lambda done, total: steps.append((done, total)))
    return steps


def test_download_reports_how_far_it_is(site: Site, tmp_path: Path) -> None:
    steps = download(site, tmp_path / "new" / "f")
    assert (tmp_path / "new" / "f").read_bytes() == DATA
    assert steps[-1] == (len(DATA), len(DATA))
    assert site.asked == [None]


def test_dropped_connections_go_on_where_they_broke(site: Site, tmp_path: Path) -> None:
    site.cut = [1000, 500_000]
    download(site, tmp_path / "f", len(DATA))
    assert (tmp_path / "f").read_bytes() == DATA
    assert site.asked == [None, "bytes=1000-", "bytes=501000-"]


def test_a_later_pull_goes_on_too(site: Site, tmp_path: Path) -> None:
    site.cut = [1000 * n for n in range(1, 6)]
    with pytest.raises(SourceFailed, match="IncompleteRead"):
        download(site, tmp_path / "f")
    download(site, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA
    assert site.asked[-1] == "bytes=15000-"


def test_a_server_that_ignores_ranges(site: Site, tmp_path: Path) -> None:
    site.cut, site.knows_ranges = [1000], False
    download(site, tmp_path / "f", len(DATA))
    assert (tmp_path / "f").read_bytes() == DATA


def test_a_file_that_changed_meanwhile_starts_over(site: Site, tmp_path: Path) -> None:
    site.cut = [1000] * 5
    with pytest.raises(SourceFailed):
        download(site, tmp_path / "f")
    site.data, site.tag = DATA[::-1], '"v2"'
    download(site, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA[::-1]


def test_without_tag_and_checksum_nothing_is_continued(site: Site, tmp_path: Path) -> None:
    site.cut, site.tag = [1000], ""
    download(site, tmp_path / "f")
    assert site.asked == [None, None]
    assert (tmp_path / "f").read_bytes() == DATA


def test_another_range_than_asked_is_refused(site: Site, tmp_path: Path) -> None:
    site.cut, site.shift = [1000], 7
    with pytest.raises(SourceFailed, match="another range"):
        download(site, tmp_path / "f")


def test_a_leftover_longer_than_the_file_starts_over(site: Site, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(DATA + b"more")
    (tmp_path / "f.etag").write_text(site.tag)
    download(site, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA


def test_what_is_whole_is_not_asked_for(site: Site, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(DATA)
    download(site, tmp_path / "f", len(DATA))
    assert site.asked == []


def test_404_is_final_and_503_passes(site: Site, tmp_path: Path) -> None:
    site.statuses = [404]
    with pytest.raises(SourceFailed, match="404"):
        download(site, tmp_path / "f")
    assert len(site.asked) == 1
    site.statuses = [503, 503]
    download(site, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == DATA


def test_another_size_is_refused_before_it_is_downloaded(site: Site, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=f"{len(DATA)} bytes instead of 5"):
        download(site, tmp_path / "f", 5)
    assert not (tmp_path / "f").exists()


@pytest.mark.usefixtures("loopback")
def test_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urls, "PAUSE_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(SourceFailed, match="refused"):
        urls.download("http://127.0.0.1:9/model", tmp_path / "f", 0, lambda *_: None)


def test_no_room_for_what_the_server_announces(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_: Path, needed: int) -> None:
        raise NoSpace(f"{needed} bytes")

    monkeypatch.setattr(urls.files, "ensure_room", no_room)
    with pytest.raises(NoSpace, match=str(len(DATA))):
        download(site, tmp_path / "f")
    assert len(site.asked) == 1


@pytest.fixture
def store(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store whose one model lies, unverified, on the site."""
    new = File("new.gguf", 0, "", (Source("url", url=site.address),))
    monkeypatch.setattr(catalog, "_entries", lambda: (Entry("new", "llm", "new", "MIT", (), (), (new,)),))
    return Store(tmp_path / "models")


def test_an_unverified_file_is_pinned_at_its_first_download(store: Store, site: Site) -> None:
    store.pull(["new"])
    assert store.path("new").read_bytes() == DATA
    assert [check.state for check in store.verify()] == ["unverified"]
    assert hashlib.sha256(DATA).hexdigest() in (store.root / "pins.json").read_text()

    store.remove(["new"])
    site.data = DATA[::-1]
    with pytest.raises(ChecksumMismatch, match=r"mend pins\.json"):
        store.pull(["new"])
    site.data = DATA + b"?"
    with pytest.raises(DownloadFailed, match="bytes instead of"):
        store.pull(["new"])
    site.data = DATA
    store.pull(["new"])
    assert store.path("new").read_bytes() == DATA
