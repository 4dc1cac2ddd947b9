"""Files from an address: downloads that go on where they stopped."""

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from lamha.models import files
from lamha.models.wheels import SourceFailed

TRIES = 5
PAUSE_S = 1.0
TIMEOUT_S = 60.0
_NETWORK = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError)
_PASSING = (408, 425, 429, 500, 502, 503, 504)

Report = Callable[[int, int], None]


def download(url: str, target: Path, size: int, report: Report) -> None:
    """Bring `target` to its full length; `size` is what it must be, 0 if nobody knows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    problem: Exception | None = None
    for _ in range(TRIES):
        if size and _length(target) == size:
            return
        try:
            _attempt(url, target, size, report)
            return
        except _NETWORK as error:
            problem = error
            _give_up_or_wait(url, target, error)
    raise SourceFailed(f"{url}: {problem}")


def _give_up_or_wait(url: str, target: Path, error: Exception) -> None:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            target.unlink()  # longer than what the server has now: start over
        elif error.code not in _PASSING:
            raise SourceFailed(f"{url}: {error}") from error
    time.sleep(PAUSE_S)


def _attempt(url: str, target: Path, size: int, report: Report) -> None:
    start = _length(target)
    request = urllib.request.Request(url, headers=_headers(target, start, size))  # noqa: S310 the catalogue's
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
        start = _agreed(response, url, start)
        total = start + int(response.headers.get("Content-Length") or 0)
        if size and total > start and total != size:
            raise SourceFailed(f"{url} has {total} bytes instead of {size}")
        _note(target).write_text(response.headers.get("ETag") or "", "utf-8")
        files.ensure_room(target.parent, total - start)
        done = _stream(response, target, start, lambda done: report(done, total))
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _agreed(response: http.client.HTTPResponse, url: str, start: int) -> int:
    """Where the answer begins: 0 when the server ignores ranges or has another file by now."""
    if url.startswith("https:") and not response.url.startswith("https:"):
        raise SourceFailed(f"{url} leads to a page without encryption")
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0
    if not (response.headers.get("Content-Range") or "").startswith(f"bytes {start}-"):
        raise SourceFailed(f"{url} answers with another range than was asked for")
    return start


def _headers(target: Path, start: int, size: int) -> dict[str, str]:
    note = _note(target)
    tag = note.read_text("utf-8") if note.exists() else ""
    headers = {"User-Agent": "lamha"}
    if start and (tag or size):  # with neither tag nor checksum, two versions could be mixed unseen
        headers["Range"] = f"bytes={start}-"
        headers |= {"If-Range": tag} if tag else {}
    return headers


def _stream(
    response: http.client.HTTPResponse, target: Path, start: int, report: Callable[[int], None]
) -> int:
    done = start
    with target.open("ab" if start else "wb") as sink:
        while chunk := response.read(files.CHUNK):
            sink.write(chunk)
            done += len(chunk)
            report(done)
    return done


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _note(target: Path) -> Path:
    return target.with_name(target.name + ".etag")
