import numpy as np
import pytest

from lamha.models.llm.model import LanguageModel
from lamha.skills.filling import Slot
from lamha.skills.learnt import (
    REFERENCE,
    Learnt,
    Probe,
    about,
    chance,
    learnt,
    slot_features,
    value_features,
)
from lamha.skills.tools import tools
from lamha.skills.values import Open

(TOOL,) = tools(
    [
        {
            "name": "act",
            "parameters": {
                "properties": {"size": {"enum": ["small", "large"]}, "loud": {"type": "boolean"}},
                "required": ["size"],
            },
        }
    ]
)
SIZE = Slot(TOOL, "size", Open({"enum": ["small", "large"]}, named=True))
LOUD = Slot(TOOL, "loud", Open({"type": "boolean"}))


def test_what_is_installed_loads_and_fits_its_features() -> None:
    what = learnt()
    width = len(what.reference)
    state = np.zeros(width, np.float32)
    assert what.fits.weights.shape == (width,)
    assert what.slots.weights.shape == slot_features(state, SIZE).shape
    assert what.values.weights.shape == value_features(state[None], SIZE).shape[1:]
    numbers = np.concatenate([what.fits.weights, what.slots.weights, what.values.weights, what.reference])
    assert np.isfinite([*numbers, what.fits.bias, what.slots.bias, what.values.bias]).all()
    assert 0 <= what.said(state, LOUD) <= 1
    assert learnt() is what


def test_a_model_is_known_by_its_state() -> None:
    what = learnt()
    random = np.random.default_rng(1)
    noise = random.normal(size=what.reference.shape).astype(np.float32)
    noise *= np.linalg.norm(what.reference) / np.linalg.norm(noise)
    assert what.knows(what.reference)
    assert what.knows(what.reference * 3)
    assert what.knows(what.reference + noise * np.float32(0.1))
    assert not what.knows(noise)
    assert not what.knows(-what.reference)
    assert not what.knows(np.ones(len(what.reference) + 1, np.float32))


@pytest.mark.model
def test_the_default_model_is_known(language_model: LanguageModel) -> None:
    system, words = REFERENCE
    with language_model.glance(words, [system], learnt().adapter) as glance:
        assert learnt().knows(glance.states[0])
    with language_model.glance("Why is the sea so salty?", ["Speak like a pirate."]) as glance:
        assert glance.states.shape[1] == len(learnt().reference)


def test_slots_differ_in_what_is_told_of_them() -> None:
    assert about(SIZE).tolist() != about(LOUD).tolist()
    state = np.ones(1, np.float32)
    named = slot_features(state, Slot(TOOL, "loud", Open({"type": "boolean"}, named=True)))
    assert np.count_nonzero(named != slot_features(state, LOUD)) == 1
    assert value_features(np.ones((3, 1), np.float32), SIZE).shape == (3, 1 + len(about(SIZE)))


def test_chances() -> None:
    flat = Learnt(
        fits=Probe(np.ones(1, np.float32), 0),
        slots=Probe(np.zeros(2 + len(about(SIZE)), np.float32), 0),
        values=Probe(np.eye(1 + len(about(SIZE)), dtype=np.float32)[0], 0),
        query=np.array([[[1], [0]], [[0], [1]]], np.float32),
        key=np.array([[[1], [0]], [[1], [0]]], np.float32),
        reference=np.ones(1, np.float32),
    )
    assert flat.said(np.zeros(1, np.float32), SIZE) == 0.5
    along = np.array([[3], [5]], np.float32)
    where = np.exp(flat.where(np.array([2], np.float32), along))
    assert where == pytest.approx(np.array([[chance(-4), chance(4)], [chance(-2), chance(2)]]), rel=1e-5)
    low, high = flat.right(np.array([[-4], [4]], np.float32), SIZE)
    assert low + high == pytest.approx(1)
    assert low < 0.5 < high
    assert [chance(odds) for odds in (-1e9, 0, 1e9)] == pytest.approx([0, 0.5, 1], abs=1e-9)
