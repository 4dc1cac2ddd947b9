"""What makes a tool the one that is meant? Fits `skills/learnt.npz` from the tool sets in `toolsets/`.

    python -m lamha.benchmarks.lessons [--model NAME] [--out FILE]

Every utterance is read behind the signature of its own tool and of others; a logistic probe on the model's
middle state tells them apart. Likewise for each parameter that code cannot fill: was something said for it,
and which of its values is meant? Accuracies are of sets that were left out. Takes about half an hour on one
core.
"""

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.engine import Settings, Threads
from lamha.models.llm.model import LanguageModel
from lamha.models.store import Store
from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import SYSTEM
from lamha.skills.examples import units
from lamha.skills.filling import Slot
from lamha.skills.learnt import REFERENCE, slot_features, value_features
from lamha.skills.tools import Tool, signature, tools
from lamha.skills.values import Open, Said, evidence

type Matrix = NDArray[np.float64]
type Told = tuple[str, "Example"]
"""An example and the probe that learns from it."""

TOOLSETS = Path(__file__).with_name("toolsets")
LEARNT = Path(__file__).parents[1] / "skills" / "learnt.npz"
NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
OTHERS = 2
"""Tools besides the right one that each utterance is read behind."""
FOLDS = 6
FIRMNESS = {"fits": 150.0, "slots": 300.0, "values": 200.0}
"""Of the L2 penalty."""


@dataclass(frozen=True)
class Example:
    """A state, whether the answer is yes, and the tool set that it comes from."""

    state: NDArray[np.float32]
    yes: bool
    of: int


@dataclass(frozen=True)
class Fit:
    """Weights and a bias on raw states."""

    weights: Matrix
    bias: float

    def odds(self, states: Matrix) -> Matrix:
        """Log odds of states of shape (examples, width)."""
        return np.asarray(states @ self.weights + self.bias)


def toolsets() -> list[dict[str, Any]]:
    """All sets: tools and cases."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(TOOLSETS.glob("*.json"))]


def fits(
    model: LanguageModel, number: int, toolset: Mapping[str, Any], draw: random.Random
) -> Iterator[Example]:
    """Utterances behind the signature of the right tool, and of others."""
    found = tools(toolset["tools"])
    systems = {tool.name: SYSTEM + signature(tool) for tool in found}
    for case in toolset["cases"]:
        right = {call["name"] for call in case["calls"]}
        wrong = [name for name in systems if name not in right]
        names = [*right, *draw.sample(wrong, min(OTHERS, len(wrong)))]
        with model.glance(case["say"], [systems[name] for name in names]) as glance:
            for name, state in zip(names, glance.states, strict=True):
                yield Example(state, name in right, number)


def slots(
    model: LanguageModel, number: int, toolset: Mapping[str, Any], draw: random.Random
) -> Iterator[Told]:
    """Parameters that code cannot fill, and whether something was said for them; and values they might have.

    For half of the tools all are shown as if they were required: else a probe learns the signature.
    """
    for tool in tools(toolset["tools"]):
        everything = {**tool.parameters, "required": tuple(tool.properties)}
        shown = replace(tool, parameters=everything) if draw.random() < 1 / 2 else tool
        for case in toolset["cases"]:
            for call in case["calls"]:
                if call["name"] == tool.name:
                    yield from _slots(model, number, shown, case, call["arguments"], draw)


def _slots(
    model: LanguageModel,
    number: int,
    tool: Tool,
    case: Mapping[str, Any],
    given: Mapping[str, Any],
    draw: random.Random,
) -> Iterator[Told]:
    parts = evidence(tool, Said(case["say"], case["lang"], NOW, Contacts(Known(()))))
    open_slots = [Slot(tool, name, part) for name, part in parts.items() if isinstance(part, Open)]
    if not open_slots:
        return
    asked = [(slot, _candidates(slot, given, case, draw)) for slot in open_slots]
    cues = [
        cue for slot, values in asked for cue in (slot.cue, *(_cue(slot.name, value) for value in values))
    ]
    with model.glance(case["say"], [SYSTEM + signature(tool)]) as glance:
        states = iter(glance.after(0, cues))
    for slot, values in asked:
        yield "slots", Example(slot_features(next(states), slot), slot.name in given, number)
        for value in values:
            right = slot.name in given and _same(value, given[slot.name])
            yield "values", Example(value_features(next(states)[None], slot)[0], right, number)


def _candidates(
    slot: Slot, given: Mapping[str, Any], case: Mapping[str, Any], draw: random.Random
) -> list[Any]:
    """What a slot might be filled with: the right value, and some of those that are wrong."""
    right = [_one(given[slot.name])] if slot.name in given else []
    if "x-copy" in slot.open.schema:
        return right + [piece for piece in _pieces(case["say"], draw) if piece not in right]
    wrong = [value for value in slot.values if not (right and _same(value, given[slot.name]))]
    return (right if slot.values else []) + wrong[: OTHERS * 2]


def _pieces(text: str, draw: random.Random) -> list[str]:
    """Two runs of words, at random."""
    found = units(text)
    begins = [draw.randrange(len(found)) for _ in range(2)] if found else []
    ends = [min(len(found) - 1, begin + draw.randrange(4)) for begin in begins]
    return [text[found[a].start : found[b].end] for a, b in zip(begins, ends, strict=True)]


def _one(value: Any) -> Any:
    return value["any"][0] if isinstance(value, dict) and set(value) == {"any"} else value


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and set(wanted) == {"any"}:
        return any(_same(value, each) for each in wanted["any"])
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return type(value) is type(wanted) and bool(value == wanted)


def _cue(name: str, value: Any) -> str:
    return f'{{"{name}": {json.dumps(value, ensure_ascii=False)}}}'


def learn(examples: Sequence[Example], firmness: float) -> tuple[Fit, float]:
    """A calibrated fit to all, and the share of left-out examples that such a fit gets right."""
    states = np.stack([example.state for example in examples]).astype(np.float64)
    truth = np.array([example.yes for example in examples])
    fold = np.array([example.of % FOLDS for example in examples])
    odds = np.zeros(len(truth))
    for left_out in range(FOLDS):
        kept = fold != left_out
        odds[~kept] = logistic(states[kept], truth[kept], firmness).odds(states[~kept])
    scaled = logistic(odds[:, None], truth, 1e-6)  # temperature and bias, on what was left out
    fit = logistic(states, truth, firmness)
    scale = float(scaled.weights[0])
    return Fit(fit.weights * scale, fit.bias * scale + scaled.bias), float(np.mean((odds > 0) == truth))


def logistic(states: Matrix, truth: NDArray[np.bool_], firmness: float, steps: int = 15) -> Fit:
    """Logistic regression with an L2 penalty on standardised features, by Newton's method."""
    centre, spread = states.mean(0), states.std(0) + 1e-3
    data = np.hstack([(states - centre) / spread, np.ones((len(states), 1))])
    weights = np.zeros(data.shape[1])
    penalty = np.append(np.full(states.shape[1], firmness), 1e-9)
    for _ in range(steps):
        odds = 1 / (1 + np.exp(-data @ weights))
        gradient = data.T @ (odds - truth) + penalty * weights
        curvature = (data * np.maximum(odds * (1 - odds), 1e-4)[:, None]).T @ data + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-5:
            break
    raw = weights[:-1] / spread
    return Fit(raw, float(weights[-1] - raw @ centre))


def save(path: Path, fitted: Mapping[str, Fit], reference: NDArray[np.float32]) -> None:
    """Write what `lamha.skills.learnt` reads."""
    kept: dict[str, Any] = {"reference": reference.astype(np.float32)}
    for name, fit in fitted.items():
        kept |= {name: fit.weights.astype(np.float32), f"{name}_bias": np.float32(fit.bias)}
    np.savez(path, **kept)


def main() -> None:
    """Read all sets, fit, and say how well it does on those left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--out", type=Path, default=LEARNT)
    options = parser.parse_args()
    draw = random.Random(0)  # noqa: S311 - no secret
    examples: dict[str, list[Example]] = {name: [] for name in FIRMNESS}
    with LanguageModel(Store().path(options.model), Settings(threads=Threads(1, 1))) as model:
        with model.glance(REFERENCE[1], [REFERENCE[0]]) as glance:
            reference = glance.states[0]
        for number, toolset in enumerate(toolsets()):
            examples["fits"] += fits(model, number, toolset, draw)
            for name, example in slots(model, number, toolset, draw):
                examples[name].append(example)
            print(toolset["name"], *(f"{len(each)} {name}" for name, each in examples.items()))
    fitted = {}
    for name, each in examples.items():
        fitted[name], right = learn(each, FIRMNESS[name])
        print(f"{name}: {right:.3f} of {len(each)} left-out examples are right")
    save(options.out, fitted, reference)


if __name__ == "__main__":
    main()
