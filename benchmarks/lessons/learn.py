"""Training: a LoRA of the lower half, and the three probes that read its state, on one loss."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from lamha.benchmarks.lessons.questions import Kind, Lesson, Utterance
from lamha.benchmarks.lessons.trees import Answer, Exercise, exercises
from lamha.models.training.net import Lora, LowerQwen, Tensor

type Vector = NDArray[np.float32]

RANK = 16
RATE, PROBE_RATE = 3e-4, 1e-3
EXERCISES = 4
"""Trees in a step."""
WARM = 15
"""Steps until the rate is reached."""
SHOWN = 20
"""Steps between two lines of progress."""
KINDS: tuple[Kind, ...] = ("fits", "slots", "values")
_TOLD = {"fits": 0, "slots": 9, "values": 8}  # numbers that a probe is told besides the state


class Head:
    """A logistic probe on standardised states."""

    def __init__(self, centre: Tensor, spread: Tensor, told: int) -> None:
        self.centre = torch.cat([centre, torch.zeros(told)])
        self.spread = torch.cat([spread, torch.ones(told)])
        self.weights = torch.zeros(len(self.centre), requires_grad=True)
        self.bias = torch.zeros((), requires_grad=True)

    def begin(self, weights: Vector, bias: float) -> None:
        """Begin with weights and a bias for features as they are."""
        plain = torch.from_numpy(weights)
        with torch.no_grad():
            self.weights.copy_(plain * self.spread)
            self.bias.copy_(bias + plain @ self.centre)

    def odds(self, features: Tensor) -> Tensor:
        """Log odds of features of shape (examples, width)."""
        return ((features - self.centre) / self.spread) @ self.weights + self.bias

    def plain(self) -> tuple[Vector, float]:
        """Weights and a bias for features as they are."""
        with torch.no_grad():
            weights = self.weights / self.spread
            return weights.numpy(), float(self.bias - weights @ self.centre)


@dataclass
class Learner:
    """What is trained, and what it reads."""

    net: LowerQwen
    lora: Lora
    heads: dict[Kind, Head]

    def odds(self, exercise: Exercise) -> Iterator[tuple[Kind, Tensor, Tensor, list[Answer]]]:
        """For each kind of question: log odds, the truth, and what was asked."""
        states = self.net.states(exercise.tree, self.lora)
        for kind in KINDS:
            answers = [answer for answer in exercise.answers if answer.kind == kind]
            if answers:
                mine = states[[answer.piece for answer in answers]]
                features = torch.cat([mine, torch.tensor([answer.told for answer in answers])], 1)
                truth = torch.tensor([float(answer.yes) for answer in answers])
                yield kind, self.heads[kind].odds(features), truth, answers

    def parameters(self) -> list[Tensor]:
        """All that is trained of the probes."""
        return [each for head in self.heads.values() for each in (head.weights, head.bias)]


def learner(
    net: LowerQwen, lessons: Sequence[Lesson], lora: Lora, kept: Mapping[str, Vector] | None = None
) -> Learner:
    """A beginner, whose probes know how states are spread; with what another kept they go on from there."""
    some = list(exercises(lessons, random.Random(5)))[:25]  # noqa: S311 - no secret
    with torch.no_grad():
        states = torch.cat([net.states(exercise.tree, lora) for exercise in some])
    centre, spread = states.mean(0), states.std(0) + 1e-3
    heads = {kind: Head(centre, spread, _TOLD[kind]) for kind in KINDS}
    if kept:
        for kind, head in heads.items():
            head.begin(kept[kind], float(kept[f"{kind}_bias"]))
    return Learner(net, lora, heads)


def train(learner: Learner, lessons: Sequence[Lesson], tokens: int, draw: random.Random) -> None:
    """Train on so many tokens; a line of progress from time to time."""
    optimizer = torch.optim.AdamW(
        [
            {"params": list(learner.lora.parameters()), "full": RATE},
            {"params": learner.parameters(), "full": PROBE_RATE},
        ],
        betas=(0.9, 0.98),
        weight_decay=0.01,
    )
    supply, read, step, started = _endless(lessons, draw), 0, 0, time.monotonic()
    losses: dict[Kind, list[float]] = defaultdict(list)
    while read < tokens:
        optimizer.zero_grad()
        for _ in range(EXERCISES):
            exercise = next(supply)
            read += len(exercise.tree.tokens)
            _loss(learner, exercise, losses).backward()
        for group in optimizer.param_groups:
            group["lr"] = group["full"] * _pace(step, read / tokens)
        torch.nn.utils.clip_grad_norm_(list(learner.lora.parameters()), 1.0)
        optimizer.step()
        step += 1
        if step % SHOWN == 0:
            means = "  ".join(f"{kind} {np.mean(each):.3f}" for kind, each in losses.items())
            print(f"{read:8} of {tokens} tokens  {time.monotonic() - started:6.0f} s  {means}", flush=True)
            losses.clear()


def _endless(lessons: Sequence[Lesson], draw: random.Random) -> Iterator[Exercise]:
    while True:
        yield from exercises(lessons, draw)


def _pace(step: int, done: float) -> float:
    """Share of the rate: up to all of it, and down along a cosine to a twentieth."""
    return min((step + 1) / WARM, 1) * (0.05 + 0.95 * (1 + cos(pi * min(done, 1))) / 2)


def _loss(learner: Learner, exercise: Exercise, losses: Mapping[Kind, list[float]]) -> Tensor:
    total = torch.zeros(())
    for kind, odds, truth, answers in learner.odds(exercise):
        loss = functional.binary_cross_entropy_with_logits(odds, truth, reduction="sum")
        losses[kind].append(loss.item() / len(truth))
        total = total + loss / EXERCISES
        if kind == "values":
            total = total + _rivalry(odds, answers) / EXERCISES
    return total


def _rivalry(odds: Tensor, answers: Sequence[Answer]) -> Tensor:
    """Cross entropy of the values of each slot and of none of them, whose log odds are 0."""
    total = torch.zeros(())
    for rivals in {answer.rivals for answer in answers}:
        mine = [index for index, answer in enumerate(answers) if answer.rivals == rivals]
        right = next((at for at, index in enumerate(mine) if answers[index].yes), len(mine))
        total = total + functional.cross_entropy(torch.cat([odds[mine], torch.zeros(1)]), torch.tensor(right))
    return total


@dataclass(frozen=True)
class Marks:
    """How well a learner does on tool sets that it has never seen."""

    right: dict[str, float]
    """Utterances whose own tool has the best odds of its set, by language."""
    answered: float
    """Of those, the share above a bound that refuses nine of ten requests that no tool does."""
    scales: dict[Kind, tuple[float, float]]
    """Temperature and bias that calibrate each probe."""

    def __str__(self) -> str:
        return json.dumps({"right": self.right, "answered": self.answered})


def examine(learner: Learner, lessons: Iterable[Lesson]) -> Marks:
    """Ask everything about all utterances of some lessons."""
    draw = random.Random(7)  # noqa: S311 - no secret
    found: dict[Kind, list[tuple[float, float]]] = defaultdict(list)
    tools: dict[str, list[tuple[float, float]]] = defaultdict(list)
    asked: dict[str, Utterance] = {}
    with torch.no_grad():
        for exercise in exercises(list(lessons), draw, everything=True):
            for kind, odds, truth, answers in learner.odds(exercise):
                pairs = list(zip(odds.tolist(), truth.tolist(), strict=True))
                found[kind] += pairs
                if kind == "fits":
                    for answer, pair in zip(answers, pairs, strict=True):
                        tools[answer.of.text].append(pair)
                        asked[answer.of.text] = answer.of
    return _marks(found, tools, asked)


def _marks(
    found: Mapping[Kind, list[tuple[float, float]]],
    tools: Mapping[str, list[tuple[float, float]]],
    asked: Mapping[str, Utterance],
) -> Marks:
    best = {text: max(pairs) for text, pairs in tools.items()}
    refused = sorted(odds for text, (odds, _) in best.items() if not asked[text].asked)
    bound = refused[int(len(refused) * 0.9)] if refused else 0.0
    meant = {text: pair for text, pair in best.items() if asked[text].asked}
    languages = sorted({asked[text].language for text in meant})
    right = {
        language: _share(yes > 0 for text, (_, yes) in meant.items() if asked[text].language == language)
        for language in languages
    }
    answered = _share(yes > 0 and odds > bound for odds, yes in meant.values())
    return Marks(right, answered, {kind: _calibrated(pairs) for kind, pairs in found.items()})


def _share(right: Iterable[bool]) -> float:
    return round(float(np.mean(list(right))), 3)


def _calibrated(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Scale and shift that make log odds as sure as they are right (Platt 1999), by Newton's method."""
    odds, truth = np.array(pairs).T
    data = np.stack([odds, np.ones_like(odds)], 1)
    weights = np.array([1.0, 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(data @ weights, -30, 30)))
        curvature = (data * np.maximum(chance * (1 - chance), 1e-6)[:, None]).T @ data + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, data.T @ (chance - truth))
        weights -= np.clip(step, -1, 1)
    return float(weights[0]), float(weights[1])
