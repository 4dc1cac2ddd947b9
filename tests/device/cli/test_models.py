import argparse
import json
from pathlib import Path

import pytest

from lamha.device.cli import models
from lamha.models import catalog
from lamha.models.errors import ModelMissing, UnknownModel
from lamha.models.fetch import Progress, Step
from lamha.models.store import Store

GGUF = b"GGUF" + bytes(1_000_000)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A model of the wearer's own."""
    path = tmp_path / "own.gguf"
    path.write_bytes(GGUF)
    return path


def lamha(*arguments: str) -> int:
    parser = argparse.ArgumentParser("lamha")
    models.add_parser(parser.add_subparsers())
    ns = parser.parse_args(["models", *arguments])
    code: int = ns.func(ns)
    return code


def test_list_shows_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert lamha("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(catalog.load())
    (line,) = [line for line in lines if line.startswith("qwen3-0.6b ")]
    assert "absent" in line
    assert "unverified" in line


def test_list_as_json(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lamha("import", str(own))
    capsys.readouterr()
    assert lamha("list", "--json") == 0
    found = {each["name"]: each for each in map(json.loads, capsys.readouterr().out.splitlines())}
    assert found["own"]["state"] == "ready"
    assert found["own"]["on_disk"] == len(GGUF)
    assert found["silero-vad"] == {
        "name": "silero-vad",
        "kind": "vad",
        "state": "absent",
        "verified": True,
        "size": 2_327_524,
        "on_disk": 0,
        "licence": "MIT",
        "languages": [],
        "profiles": ["glasses", "phone", "dev"],
        "summary": "Silero VAD: where speech starts and ends",
    }


def test_import_path_verify_remove(own: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    placed = str(root / "own" / "own.gguf")
    assert lamha("import", str(own)) == 0
    assert lamha("path", "own") == 0
    assert capsys.readouterr().out == f"{placed}\n{placed}\n"
    assert lamha("verify") == 0
    assert capsys.readouterr().out.split() == ["unverified", "own", "own.gguf"]
    Path(placed).write_bytes(b"GGUF")
    assert lamha("verify", "own", "--json") == 1
    assert json.loads(capsys.readouterr().out) == {"name": "own", "file": "own.gguf", "state": "broken"}
    Path(placed).write_bytes(GGUF)
    assert lamha("path", "own", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"name": "own", "path": placed}
    assert lamha("remove", "own") == 0
    assert capsys.readouterr().out == "1.0 MB freed\n"
    with pytest.raises(UnknownModel):
        lamha("path", "own")


@pytest.fixture
def pulled(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that a pull was asked for; the pull itself makes one file a model."""
    names: list[str] = []

    def pull(store: Store, wanted: list[str], progress: Progress) -> None:
        names.extend(wanted)
        for name in wanted:
            progress(Step(name, "f", "downloading", 1, 0))
            progress(Step(name, "f", "downloading", 1, 2))
            progress(Step(name, "f", "ready", 2, 2))

    monkeypatch.setattr(Store, "pull", pull)
    monkeypatch.setattr(Store, "path", lambda store, name: store.root / name)
    return names


def test_pull_answers_with_paths_and_tells_the_rest_apart(
    pulled: list[str], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lamha("pull", "smollm2-135m") == 0
    out, err = capsys.readouterr()
    assert out == f"{root}/smollm2-135m\n"
    assert err == "smollm2-135m: f is here\n"
    assert pulled == ["smollm2-135m"]


def test_pull_of_a_profile_and_more(pulled: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert lamha("pull", "qwen3-0.6b", "--profile", "dev", "--json") == 0
    assert pulled == ["qwen3-0.6b", *catalog.profile("dev")]
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == pulled


def test_pull_of_nothing_named_is_the_glasses(pulled: list[str]) -> None:
    lamha("pull")
    assert pulled == list(catalog.profile("glasses"))


def test_bars_on_a_terminal(
    pulled: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert lamha("pull", "noto-sans") == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert "━" in err


def test_profiles_are_those_of_the_catalogue() -> None:
    assert models._PROFILES == catalog.PROFILES


def test_errors_are_left_to_the_caller() -> None:
    with pytest.raises(ModelMissing):
        lamha("path", "silero-vad")
    with pytest.raises(UnknownModel, match="silero-vad"):
        lamha("verify", "silero")
