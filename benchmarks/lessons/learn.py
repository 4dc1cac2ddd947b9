"""Training: a LoRA of the lower half, and the three probes that read its state, on one loss."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from lamha.benchmarks.lessons.questions import Kind, Lesson, Utterance
from lamha.benchmarks.lessons.trees import Answer, Exercise, exercises
from lamha.models.training.net import Lora, LowerQwen, Tensor

type Vector = NDArray[np.float32]

RANK = 16
THIN = 64
"""Width of what a slot and a word are compared in."""
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


class Pointer:
    """Where the words stand that were said for a slot: which token is their first, and which their last.

    A bilinear form of the state after the slot's cue and of those along the words, as pointer networks have
    it (Vinyals et al. 2015, https://arxiv.org/abs/1506.03134).
    """

    def __init__(self, centre: Tensor, spread: Tensor) -> None:
        draw, width = torch.Generator().manual_seed(0), len(centre)
        self.centre, self.spread = centre, spread
        self.query, self.key = (
            (torch.randn(2, width, THIN, generator=draw) / sqrt(width)).requires_grad_() for _ in range(2)
        )
        self.liked = torch.zeros(2, width, requires_grad=True)

    def begin(self, query: Vector, key: Vector) -> None:
        """Begin with what `plain` gave another."""
        with torch.no_grad():
            spread = self.spread[:, None]
            self.query.copy_(torch.from_numpy(query[:, :-1, :-1].astype(np.float32)) * spread * sqrt(THIN))
            self.key.copy_(torch.from_numpy(key[:, :-1, :-1].astype(np.float32)) * spread)
            self.liked.copy_(torch.from_numpy(key[:, :-1, -1].astype(np.float32)) * self.spread)

    def odds(self, asked: Tensor, along: Tensor) -> Tensor:
        """Log odds of shape (2, tokens) that the words begin, and end, with each token."""
        asked, along = ((states - self.centre) / self.spread for states in (asked, along))
        query, key = (
            torch.einsum("...w,ewt->e...t", s, m) for s, m in ((asked, self.query), (along, self.key))
        )
        return torch.einsum("et,ent->en", query, key) / sqrt(THIN) + torch.einsum(
            "nw,ew->en", along, self.liked
        )

    def plain(self) -> tuple[Vector, Vector]:
        """Two arrays of shape (2, width + 1, thin + 1) for states as they are with a 1 behind them.

        The product of what the first makes of a slot's and the second of a word's are the log odds.
        """
        with torch.no_grad():
            query = self._plain(self.query / sqrt(THIN), torch.zeros_like(self.liked))
            query[:, -1, -1] = 1
            key = self._plain(self.key, self.liked)
        return query.numpy(), key.numpy()

    def _plain(self, matrix: Tensor, last: Tensor) -> Tensor:
        scaled = torch.cat([matrix, last[..., None]], 2) / self.spread[:, None]
        return torch.cat([scaled, -(self.centre @ scaled)[:, None]], 1)


@dataclass
class Learner:
    """What is trained, and what it reads."""

    net: LowerQwen
    lora: Lora
    heads: dict[Kind, Head]
    pointer: Pointer

    def states(self, exercise: Exercise) -> Tensor:
        """Shape (tokens, width)."""
        return self.net.states(exercise.tree, self.lora)

    def odds(self, exercise: Exercise, along: Tensor) -> Iterator[tuple[Kind, Tensor, Tensor, list[Answer]]]:
        """For each kind of question: log odds, the truth, and what was asked."""
        states = along[torch.from_numpy(exercise.tree.ends)]
        for kind in KINDS:
            answers = [answer for answer in exercise.answers if answer.kind == kind]
            if answers:
                mine = states[[answer.piece for answer in answers]]
                features = torch.cat([mine, torch.tensor([answer.told for answer in answers])], 1)
                truth = torch.tensor([float(answer.yes) for answer in answers])
                yield kind, self.heads[kind].odds(features), truth, answers

    def places(self, exercise: Exercise, along: Tensor) -> Iterator[tuple[Tensor, Answer]]:
        """Log odds of where the words for a slot begin and end, and what was asked."""
        tree = exercise.tree
        for answer in exercise.answers:
            if answer.spans:
                words = along[tree.starts[answer.words] : tree.ends[answer.words] + 1]
                yield self.pointer.odds(along[tree.ends[answer.piece]], words), answer

    def parameters(self) -> list[Tensor]:
        """All that is trained of the probes."""
        probes = [each for head in self.heads.values() for each in (head.weights, head.bias)]
        return [*probes, self.pointer.query, self.pointer.key, self.pointer.liked]


def learner(
    net: LowerQwen, lessons: Sequence[Lesson], lora: Lora, kept: Mapping[str, Vector] | None = None
) -> Learner:
    """A beginner, whose probes know how states are spread; with what another kept they go on from there."""
    some = list(exercises(lessons, random.Random(5)))[:25]  # noqa: S311 - no secret
    with torch.no_grad():
        states = torch.cat([net.states(exercise.tree, lora) for exercise in some])
    centre, spread = states.mean(0), states.std(0) + 1e-3
    heads = {kind: Head(centre, spread, _TOLD[kind]) for kind in KINDS}
    pointer = Pointer(centre, spread)
    if kept and "query" in kept:
        pointer.begin(kept["query"], kept["key"])
    if kept:
        for kind, head in heads.items():
            head.begin(kept[kind], float(kept[f"{kind}_bias"]))
    return Learner(net, lora, heads, pointer)


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
    losses: dict[str, list[float]] = defaultdict(list)
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


def _loss(learner: Learner, exercise: Exercise, losses: Mapping[str, list[float]]) -> Tensor:
    total, along = torch.zeros(()), learner.states(exercise)
    for odds, answer in learner.places(exercise, along):
        loss = _misplaced(odds, answer.spans)
        losses["places"].append(loss.item())
        total = total + loss / EXERCISES
    for kind, odds, truth, answers in learner.odds(exercise, along):
        loss = functional.binary_cross_entropy_with_logits(odds, truth, reduction="sum")
        losses[kind].append(loss.item() / len(truth))
        total = total + loss / EXERCISES
        if kind == "values":
            total = total + _rivalry(odds, answers) / EXERCISES
    return total


def _misplaced(odds: Tensor, spans: Sequence[tuple[int, int]]) -> Tensor:
    """Cross entropy of the first and the last token, any of those that are right."""
    loss = torch.zeros(())
    for side, scores in enumerate(odds):
        right = sorted({span[side] for span in spans})
        loss = loss + scores.logsumexp(0) - scores[right].logsumexp(0)
    return loss


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
    placed: float
    """Slots whose words the pointer finds, from the first token to the last."""
    answered: float
    """Of those, the share above a bound that refuses nine of ten requests that no tool does."""
    scales: dict[Kind, tuple[float, float]]
    """Temperature and bias that calibrate each probe."""

    def __str__(self) -> str:
        return json.dumps({"right": self.right, "answered": self.answered, "placed": self.placed})


def examine(learner: Learner, lessons: Iterable[Lesson]) -> Marks:
    """Ask everything about all utterances of some lessons."""
    draw = random.Random(7)  # noqa: S311 - no secret
    found: dict[Kind, list[tuple[float, float]]] = defaultdict(list)
    tools: dict[str, list[tuple[float, float]]] = defaultdict(list)
    asked: dict[str, Utterance] = {}
    placed: list[bool] = []
    with torch.no_grad():
        for exercise in exercises(list(lessons), draw, everything=True):
            along = learner.states(exercise)
            placed += [_place(odds) in answer.spans for odds, answer in learner.places(exercise, along)]
            for kind, odds, truth, answers in learner.odds(exercise, along):
                pairs = list(zip(odds.tolist(), truth.tolist(), strict=True))
                found[kind] += pairs
                if kind == "fits":
                    for answer, pair in zip(answers, pairs, strict=True):
                        tools[answer.of.text].append(pair)
                        asked[answer.of.text] = answer.of
    return _marks(found, tools, asked, placed)


def _marks(
    found: Mapping[Kind, list[tuple[float, float]]],
    tools: Mapping[str, list[tuple[float, float]]],
    asked: Mapping[str, Utterance],
    placed: Sequence[bool],
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
    return Marks(right, _share(placed), answered, {kind: _calibrated(pairs) for kind, pairs in found.items()})


def _place(odds: Tensor) -> tuple[int, int]:
    """The likeliest first and last token, in this order."""
    pairs = (odds[0][:, None] + odds[1]).masked_fill(
        torch.ones(odds.shape[1], odds.shape[1]).tril(-1) > 0, -1e9
    )
    first, last = divmod(int(pairs.argmax()), odds.shape[1])
    return first, last


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
