"""What was learnt once, of many tools, and holds for tools never seen: a LoRA and probes on its state.

`fits`: do the words ask for what a signature does? `slots`: do they say anything for one of its parameters?
`values`: is this value the one that is meant? The LoRA and the linear probes are trained together by
`lamha.benchmarks.lessons` on tool sets made for it, and hold for the model they were trained on;
`Learnt.knows` tells whether another model's state means the same (a requantised one's does).
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lamha.skills.filling import Slot

type Vector = NDArray[np.float32]

FILE, ADAPTER = "learnt.npz", "learnt.gguf"
REFERENCE = ("You are an assistant.", "Turn the light on, please.")
"""An instruction and words; the state after them is kept beside the weights."""
ALIKE = 0.95
"""Cosine of two models' states from which on they mean the same; another model's is about 0."""
KINDS = ("string", "boolean", "integer", "number", "array", "object")


@dataclass(frozen=True)
class Probe:
    """A logistic probe, calibrated on tool sets that its weights were not fitted on."""

    weights: Vector
    bias: float

    def odds(self, states: Vector) -> Vector:
        """Log odds, for states of shape (…, width)."""
        return np.asarray(states @ self.weights + self.bias)


@dataclass(frozen=True)
class Learnt:
    """All of it."""

    fits: Probe
    slots: Probe
    values: Probe
    query: Vector
    """Shape (2, width + 1, thin): what a slot's state (and a 1) looks for, a first and a last word."""
    key: Vector
    """Of the same shape: what a word's state has of it."""
    reference: Vector
    adapter: Path | None = None
    """The LoRA that the states are read with."""

    def knows(self, state: Vector) -> bool:
        """Whether the weights hold for a model whose state after the `REFERENCE` is this."""
        if state.shape != self.reference.shape:
            return False
        return float(state @ self.reference) >= ALIKE * float(
            np.linalg.norm(state) * np.linalg.norm(self.reference)
        )

    def said(self, state: Vector, slot: Slot) -> float:
        """How likely (0…1) something was said for a slot."""
        return chance(float(self.slots.odds(slot_features(state, slot))))

    def right(self, states: Vector, slot: Slot) -> list[float]:
        """How likely (0…1) each value is the one that is meant."""
        return [chance(float(odds)) for odds in self.values.odds(value_features(states, slot))]

    def where(self, state: Vector, along: Vector) -> Vector:
        """How likely the words for a slot begin, and end, with each token: logarithms, shape (2, tokens)."""
        asked, words = np.append(state, 1.0), np.c_[along, np.ones(len(along))]
        sides = zip(self.query, self.key, strict=True)
        odds = np.stack([words @ key @ (asked @ query) for query, key in sides])
        return np.asarray(odds - np.logaddexp.reduce(odds, 1, keepdims=True), np.float32)


def about(slot: Slot) -> Vector:
    """What the probes are told of a slot besides the state."""
    schema = slot.tool.properties[slot.name]
    kind = schema["type"]
    told = [slot.required, "enum" in schema, *(kind == each for each in KINDS)]
    return np.array(told, np.float32)


def named_and_about(slot: Slot) -> Vector:
    """What the probe `slots` is told besides the state."""
    return np.array([slot.open.named, *about(slot)], np.float32)


def slot_features(state: Vector, slot: Slot) -> Vector:
    """What the probe `slots` weighs."""
    return np.concatenate([state, named_and_about(slot)])


def value_features(states: Vector, slot: Slot) -> Vector:
    """What the probe `values` weighs, for each value."""
    return np.hstack([states, np.tile(about(slot), (len(states), 1))])


def chance(odds: float) -> float:
    """Probability of log odds."""
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


@cache
def learnt() -> Learnt:
    """What is installed."""
    data = resources.files("lamha.skills").joinpath(FILE).read_bytes()
    with np.load(BytesIO(data), allow_pickle=False) as kept:
        fits = Probe(kept["fits"], float(kept["fits_bias"]))
        slots = Probe(kept["slots"], float(kept["slots_bias"]))
        values = Probe(kept["values"], float(kept["values_bias"]))
        query, key = kept["query"].astype(np.float32), kept["key"].astype(np.float32)
        return Learnt(fits, slots, values, query, key, kept["reference"], Path(__file__).with_name(ADAPTER))
