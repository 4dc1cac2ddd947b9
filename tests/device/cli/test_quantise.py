import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lamha.device.cli import models, quantise
from lamha.models.errors import ModelMissing, QuantiseFailed, UnknownModel
from lamha.models.llm.quantising import quality
from lamha.models.llm.quantising.quality import Quality
from lamha.models.llm.quantising.quantise import FOR_BOARD, Recipe
from lamha.models.paths import models_dir
from lamha.models.store import Store

REAL = models_dir()  # before a test points it elsewhere
NAME = "qwen2.5-coder-0.5b"
BEFORE = Quality(1000, 100, 30, {"en": 50.0, "ar": 100.0, "zh": 80.0}, None)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def borrowed(root: Path) -> Callable[[str], Path]:
    """Puts a real model into the test's own store, without copying it."""

    def borrow(name: str) -> Path:
        try:
            path = Store(REAL).path(name)
        except ModelMissing as missing:
            pytest.skip(str(missing))
        (root / name).mkdir(parents=True)
        (root / name / path.name).symlink_to(path)
        return path

    return borrow


@pytest.fixture
def own(root: Path, tmp_path: Path) -> str:
    """A model of the wearer's own, which is no real one."""
    (tmp_path / "own.gguf").write_bytes(b"GGUF" + bytes(1000))
    Store().import_path(tmp_path / "own.gguf")
    return "own"


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantise, "_packs", lambda: lambda _: True)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, packed: None) -> list[Recipe]:
    """Nothing is made or measured: the first recipe loses too much, the second is good. What was made."""
    made: list[Recipe] = []
    good = replace(BEFORE, size=400, decode=50)
    poor = replace(good, perplexity={"en": 60.0, "ar": 130.0, "zh": 90.0})

    def make(source: Path, target: Path, recipe: Recipe, progress: Callable[[int, int], None]) -> None:
        made.append(recipe)
        progress(1, 1)
        target.write_bytes(b"GGUF" + str(recipe).encode())

    def measure(path: Path, _: object) -> Quality:
        if path.name == "own.gguf":
            return BEFORE
        return good if made and made[-1].output else poor

    monkeypatch.setattr("lamha.models.llm.quantising.quantise.quantise", make)
    monkeypatch.setattr(quality, "measure", measure)
    monkeypatch.setattr(quantise, "_routing", lambda _: 0.9)
    return made


def lamha(*arguments: str) -> int:
    parser = argparse.ArgumentParser("lamha")
    models.add_parser(parser.add_subparsers())
    ns = parser.parse_args(["models", *arguments])
    code: int = ns.func(ns)
    return code


def test_the_first_that_is_good_enough_is_kept(
    own: str, measured: list[Recipe], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lamha("quantise", own, "--for-board") == 0
    out, err = capsys.readouterr()
    assert measured == list(FOR_BOARD)
    lines = out.splitlines()
    assert "perplexity ar" in lines[0]
    assert "130.00 (+30.0%)" in lines[2]
    assert "90.0%" in lines[3]
    assert "not kept, perplexity is" in lines[4]
    assert lines[5].endswith(f"kept, {root}/own-q4_0/own-q4_0.gguf")
    assert "--model own-q4_0" in lines[6]
    assert err.splitlines()[0] == "measuring own"


def test_what_is_kept_is_a_model_like_others(
    own: str, measured: list[Recipe], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lamha("quantise", own, "--for-board", "--json") == 0
    table = json.loads(capsys.readouterr().out)
    assert table["kept"] == "own-q4_0"
    assert table["before"]["perplexity"]["zh"] == 80
    assert [bool(each["objection"]) for each in table["attempts"]] == [True, False]
    assert table["attempts"][1]["recipe"]["output"] == "Q8_0"
    assert lamha("path", "own-q4_0") == lamha("verify", "own-q4_0") == lamha("list") == 0
    out = capsys.readouterr().out
    assert table["path"] in out
    assert "made from own on this device" in out
    Path(table["path"]).write_bytes(b"GGUF something else")
    assert lamha("verify", "own-q4_0") == 1
    assert lamha("remove", "own-q4_0") == 0
    with pytest.raises(UnknownModel):
        lamha("path", "own-q4_0")


def test_a_copy_takes_over_what_is_known_of_its_source(root: Path, tmp_path: Path) -> None:
    (tmp_path / "ready.gguf").write_bytes(b"GGUF")
    Store().keep(tmp_path / "ready.gguf", f"{NAME}-q4_0", NAME)
    entry, source = Store().find(f"{NAME}-q4_0"), Store().find(NAME)
    assert (entry.licence, entry.languages, entry.kind) == (source.licence, source.languages, "llm")
    assert entry.profiles == ()
    assert not entry.verified


def test_nothing_is_kept_where_nothing_is_good_enough(
    own: str, measured: list[Recipe], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(QuantiseFailed, match="no copy of own is good enough"):
        lamha("quantise", own, "--to", "q4_0", "--json")
    assert json.loads(capsys.readouterr().out)["kept"] is None
    assert not (root / "own-q4_0").exists()
    assert not [path for path in (root / ".partial").rglob("*") if path.name != ".lock"]


def test_force_keeps_what_loses_more(own: str, measured: list[Recipe], root: Path) -> None:
    assert lamha("quantise", own, "--to", "q4_0", "--force", "--no-routing") == 0
    assert (root / "own-q4_0" / "own-q4_0.gguf").is_file()
    assert lamha("quantise", own, "--to", "q4_0", "--force", "--no-routing") == 0  # again, in its place


def test_a_name_that_is_taken_is_told_first(own: str, measured: list[Recipe], tmp_path: Path) -> None:
    (tmp_path / "own-q4_0.gguf").write_bytes(b"GGUF")
    Store().import_path(tmp_path / "own-q4_0.gguf")
    with pytest.raises(QuantiseFailed, match="another model called own-q4_0"):
        lamha("quantise", own, "--for-board")
    assert not measured


def test_ctrl_c_leaves_nothing(
    own: str, measured: list[Recipe], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(path: Path) -> float:
        if path.name != "own.gguf":
            raise KeyboardInterrupt
        return 0.9

    monkeypatch.setattr(quantise, "_routing", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lamha("quantise", own, "--for-board")
    assert not (root / "own-q4_0").exists()
    assert not (root / ".partial" / ".made").exists()


def test_a_processor_without_the_kernel(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantise, "_packs", lambda: lambda _: False)
    with pytest.raises(QuantiseFailed, match="no faster kernel"):
        lamha("quantise", own, "--for-board")


def test_what_is_no_language_model_or_no_kind(root: Path, own: str) -> None:
    with pytest.raises(QuantiseFailed, match="cannot become Q9"):
        lamha("quantise", own, "--to", "Q9")
    with pytest.raises(ModelMissing):
        lamha("quantise", NAME, "--to", "Q8_0")
    with pytest.raises(UnknownModel):
        lamha("quantise", "nobody", "--to", "Q8_0")
    with pytest.raises(SystemExit):
        lamha("quantise", own)


@pytest.mark.model
def test_a_voice_is_no_language_model(borrowed: Callable[[str], Path]) -> None:
    borrowed("silero-vad")
    with pytest.raises(QuantiseFailed, match="no language model"):
        lamha("quantise", "silero-vad", "--to", "Q8_0")


@pytest.mark.model
def test_a_small_model_becomes_too_much_worse(
    borrowed: Callable[[str], Path], packed: None, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    borrowed("smollm2-135m")
    with pytest.raises(QuantiseFailed, match="good enough"):
        lamha("quantise", "smollm2-135m", "--for-board", "--no-routing", "--json")
    attempts = json.loads(capsys.readouterr().out)["attempts"]
    assert len(attempts) == len(FOR_BOARD)
    assert all("perplexity" in each["objection"] for each in attempts)
    assert not (root / "smollm2-135m-q4_0").exists()


@pytest.mark.model
def test_the_small_default_becomes_faster_and_little_worse(
    borrowed: Callable[[str], Path], packed: None, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = borrowed(NAME)
    assert lamha("quantise", NAME, "--for-board", "--no-routing", "--force", "--json") == 0
    table = json.loads(capsys.readouterr().out)
    kept = table["attempts"][-1]
    assert kept["size"] < 0.9 * source.stat().st_size
    for language, before in table["before"]["perplexity"].items():
        assert kept["perplexity"][language] < 1.15 * before
    assert lamha("verify", f"{NAME}-q4_0") == 0
    assert source.is_file()
