import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamha.models.llm.saved import Saved

TOKENS, STATE = (1, 2, 3), bytes(range(256)) * 40


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    return Saved(tmp_path / "prefixes")


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_is_kept_is_loaded(saved: Saved) -> None:
    assert saved.load("a model", TOKENS) is None
    saved.keep("a model", TOKENS, STATE)
    assert saved.load("a model", TOKENS) == STATE


@pytest.mark.parametrize(
    ("identity", "tokens"), [("another", TOKENS), ("a model", (1, 2)), ("a model", (12, 3))]
)
def test_another_model_or_prompt_is_another_file(
    saved: Saved, identity: str, tokens: tuple[int, ...]
) -> None:
    saved.keep("a model", TOKENS, STATE)
    assert saved.load(identity, tokens) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(STATE) + 46), st.integers(1, 255))
def test_a_changed_byte_is_noticed(saved: Saved, tmp_path: Path, at: int, change: int) -> None:
    saved.keep("a model", TOKENS, STATE)
    path = only(tmp_path / "prefixes")
    data = bytearray(path.read_bytes())
    data[at] ^= change
    path.write_bytes(data)
    assert saved.load("a model", TOKENS) is None
    assert not path.exists()


@pytest.mark.parametrize("size", [0, 1, 14, 15, 46, 47, 1000, len(STATE) + 46])
def test_a_truncated_file_is_noticed(saved: Saved, tmp_path: Path, size: int) -> None:
    saved.keep("a model", TOKENS, STATE)
    os.truncate(only(tmp_path / "prefixes"), size)
    assert saved.load("a model", TOKENS) is None


def test_a_file_under_the_name_of_another_is_noticed(saved: Saved, tmp_path: Path) -> None:
    saved.keep("a model", TOKENS, STATE)
    old = only(tmp_path / "prefixes")
    data = old.read_bytes()
    old.unlink()
    saved.keep("another", TOKENS, STATE[::-1])
    only(tmp_path / "prefixes").write_bytes(data)
    assert saved.load("another", TOKENS) is None


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    saved = Saved(tmp_path, limit=3 * 10_400)
    for number in range(3):
        saved.keep("a model", (number,), STATE)
        os.utime(max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime), (number, number))
    assert saved.load("a model", (0,)) == STATE  # used now
    saved.keep("a model", (3,), STATE)
    assert [saved.load("a model", (number,)) is not None for number in range(4)] == [True, False, True, True]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3 * 10_400


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    Saved(tmp_path, limit=99).keep("a model", TOKENS, STATE)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_costs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    saved = Saved(tmp_path / "file" / "folder")
    saved.keep("a model", TOKENS, STATE)
    assert saved.load("a model", TOKENS) is None
    assert "cannot keep a prompt" in caplog.text
