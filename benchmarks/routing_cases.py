"""What the parts of the routing benchmark share: one model, cases, outcomes and their shares."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from lamha.models.llm.engine import Settings, Threads
from lamha.models.llm.model import LanguageModel
from lamha.models.store import Store
from lamha.skills.decider import Decision

NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)


class Decides(Protocol):
    """A decider, or a dialogue with one."""

    def decide(self, utterance: str, now: datetime) -> Decision:
        """What the words ask for."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case: whether it is right, what it counts for, and what was said, wanted and got."""

    right: bool
    groups: tuple[str, ...]
    told: Mapping[str, Any]


def even[T](cases: Sequence[T], count: int) -> Sequence[T]:
    """So many of the cases, from all over them; all where the count is 0."""
    if not 0 < count < len(cases):
        return cases
    return [cases[number * len(cases) // count] for number in range(count)]


def share(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """How many are right, of how many."""
    rights = [outcome.right for outcome in outcomes]
    accuracy = round(sum(rights) / len(rights), 4) if rights else 0.0
    return {"right": sum(rights), "of": len(rights), "accuracy": accuracy}


def shares(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """The share of each group, in the order in which the groups come."""
    groups = dict.fromkeys(group for outcome in outcomes for group in outcome.groups)
    return {group: share(each for each in outcomes if group in each.groups) for group in groups}


def misses(outcomes: Iterable[Outcome]) -> list[Mapping[str, Any]]:
    """What was said, wanted and got where that was wrong."""
    return [outcome.told for outcome in outcomes if not outcome.right]


def got(decision: Decision) -> dict[str, Any]:
    """A decision in a list of misses."""
    said = decision.as_json()
    return {**said, "missing": decision.gap.name if decision.gap else None, "tool": decision.tool}


def file_of(options: argparse.Namespace) -> Path:
    """The model that is measured."""
    from lamha.device.assistant import model_name

    return Store().path(options.model or model_name())


def opened(options: argparse.Namespace) -> AbstractContextManager[LanguageModel]:
    """The model, with the threads that were asked for; it keeps nothing on disk."""
    threads = Threads(options.threads, options.threads)
    return LanguageModel(file_of(options), Settings(threads=threads))
