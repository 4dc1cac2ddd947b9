import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from lamha.models.llm.budget import Budget
from lamha.skills import router
from lamha.skills.beyond import BEYOND
from lamha.skills.testing import FakeModel, FakeReading

ACTIONS = {
    "messages.draft": ("Tell Sara [I'm late]", "Text John [hello]"),
    "reminders.show": ("Show my reminders", "List my reminders"),
}
ALL = 4 + len(BEYOND)


class Counting(FakeModel):
    """Knows what it was made to read, and may be interrupted."""

    def __init__(self, patience: int = 10_000) -> None:
        super().__init__()
        self.read_texts: list[str] = []
        self.patience = patience

    def read(
        self, words: str, system: str, budget: Budget | None = None, cancel: Event | None = None
    ) -> FakeReading:
        if len(self.read_texts) == self.patience:
            raise KeyboardInterrupt
        self.read_texts.append(words)
        return super().read(words, system, budget, cancel)


def train(cache: Path, actions: Mapping[str, tuple[str, ...]] = ACTIONS, patience: int = 10_000) -> list[str]:
    """What had to be read for a router."""
    model = Counting(patience)
    router.train(model, actions, cache)
    return model.read_texts


def test_it_decides_between_actions_and_refusal(tmp_path: Path) -> None:
    trained = router.train(FakeModel(), ACTIONS, tmp_path)
    decision = trained.decide(FakeModel().read("Show my reminders", ""))
    assert decision.action == "reminders.show"
    assert decision.confidence == max(decision.odds.values())
    assert set(decision.odds) == {*ACTIONS, "none"}
    assert trained.decide(FakeModel().read("Turn on the lights", "")).action is None


def test_below_the_threshold_nothing_is_done(tmp_path: Path) -> None:
    probe = router.train(FakeModel(), ACTIONS, tmp_path).probe
    unsure = router.Router(probe, threshold=1.0).decide(FakeModel().read("Show my reminders", ""))
    assert unsure.action is None
    assert unsure.odds["reminders.show"] > 0.5


def test_only_new_examples_are_read(tmp_path: Path) -> None:
    assert len(train(tmp_path)) == ALL
    assert train(tmp_path) == []
    more = {**ACTIONS, "ask.answer": ("Why is the [sky] blue?", "Show my reminders")}
    assert train(tmp_path, more) == ["Why is the sky blue?"]
    assert train(tmp_path) == []


def test_progress_counts_what_is_new(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    router.train(FakeModel(), ACTIONS, tmp_path, lambda done, all_: steps.append((done, all_)))
    assert steps == [(done, ALL) for done in range(1, ALL + 1)]


def test_another_model_has_a_cache_of_its_own(tmp_path: Path) -> None:
    train(tmp_path)
    other = Counting()
    other.identity = "other"
    router.train(other, ACTIONS, tmp_path)
    assert len(other.read_texts) == ALL
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("patience", [0, 1, 10])
def test_an_interrupted_training_keeps_what_was_done(tmp_path: Path, patience: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, patience=patience)
    assert len(train(tmp_path)) == ALL - patience
    assert len(list(tmp_path.iterdir())) == 1


def _foreign(path: Path, **arrays: object) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def _other_widths(path: Path) -> None:
    _foreign(path, texts=np.array(list(BEYOND)), features=np.zeros((len(BEYOND), 1, 3)))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not an archive, " * 100),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "zeros inside": lambda path: path.write_bytes(
        path.read_bytes()[:300] + bytes(2000) + path.read_bytes()[2300:]
    ),
    "one array": lambda path: path.write_bytes(b"\x93NUMPY" + bytes(200)),
    "pickled": lambda path: _foreign(
        path, of=np.array(path.stem), texts=np.array([{}]), features=np.zeros(1)
    ),
    "other arrays": lambda path: _foreign(path, something=np.zeros(3)),
    "other widths": _other_widths,
    "of something else": lambda path: _foreign(
        path, of=np.array("x"), texts=np.array(["hello"]), features=np.zeros((1, 1, 512))
    ),
    "unequal lengths": lambda path: _foreign(
        path, of=np.array(path.stem), texts=np.array(["Hello there", "a"]), features=np.zeros((1, 1, 512))
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_cache_is_computed_again(tmp_path: Path, kind: str) -> None:
    train(tmp_path)
    (path,) = tmp_path.iterdir()
    DAMAGE[kind](path)
    assert len(train(tmp_path)) == ALL
    assert train(tmp_path) == []


def test_without_a_place_for_the_cache_it_works_each_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        assert len(train(tmp_path / "file")) == ALL
        assert len(train(tmp_path / "file")) == ALL
    assert "cannot be kept" in caplog.text


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert len(train(tmp_path)) == ALL
    assert list(tmp_path.iterdir()) == []
