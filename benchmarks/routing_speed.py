"""The part `speed`: how long a decision with its arguments takes, and what it costs."""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lamha.benchmarks.measure import Sample, sample
from lamha.benchmarks.routing_cases import NOW, Decides, even, opened
from lamha.benchmarks.turn import COMMANDS, CONTACTS
from lamha.models.llm.engine import Engine, Logits, Row
from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import Decider
from lamha.skills.tools import tools

TOOLSETS = Path(__file__).with_name("toolsets")
SETS = ("home-calendar", "serv-banking")
TOOLS = 8
EACH = 12
"""Utterances of each set."""


@dataclass
class Work:
    """What llama.cpp was asked to do."""

    decodes: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one decision: milliseconds, calls of decode and the tokens that they read or wrote."""

    ms: float
    decodes: int
    tokens: int


@contextmanager
def counted() -> Iterator[Work]:
    """Counts what every engine decodes."""
    work, decode = Work(), Engine.decode

    def counting(engine: Engine, rows: Sequence[Row], *, lasting: bool = True) -> list[Logits]:
        work.decodes += 1
        work.tokens += len(rows)
        return decode(engine, rows, lasting=lasting)

    Engine.decode = counting  # type: ignore[method-assign, assignment]
    try:
        yield work
    finally:
        Engine.decode = decode  # type: ignore[method-assign]


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Tools with descriptions alone, and the session with its examples."""
    parts: dict[str, Any] = {}
    absent = [name for name in SETS if not (TOOLSETS / f"{name}.json").is_file()]
    if absent:
        parts["left_out"] = f"there is no tool set {', '.join(absent)} in {TOOLSETS}"
    else:
        parts |= {name: report(costs) for name, costs in _described(options)}
    return {**parts, "session": report(_session(options))}


def eight(sets: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The tools of the first set, and as many of the others as make eight."""
    first, *others = (each["tools"] for each in sets)
    names = {tool["name"] for tool in first}
    more = [tool for other in others for tool in other if tool["name"] not in names]
    return [*first, *more][:TOOLS]


def timed(decider: Decides, utterances: Sequence[str], work: Work) -> list[Cost]:
    """What each decision costs once all of them were made before: what is fixed has been read."""
    for utterance in utterances:
        decider.decide(utterance, NOW)
    return [_cost(partial(decider.decide, utterance, NOW), work) for utterance in utterances]


def report(costs: Sequence[Cost]) -> dict[str, Any]:
    """Quantiles of each cost."""
    names = ("ms", "tokens", "decodes")
    return {name: sample([float(getattr(cost, name)) for cost in costs]).as_json() for name in names}


def lines(part: Mapping[str, Any]) -> Iterator[str]:
    """The readable summary."""
    for name, each in part.items():
        if isinstance(each, str):
            yield f"  {name}: {each}"
            continue
        ms, tokens, decodes = (Sample(**each[unit]) for unit in ("ms", "tokens", "decodes"))
        yield f"  {name:<14} {ms} ms, {tokens.p50:.0f} tokens, {decodes.p50:.0f} decodes"


def _described(options: argparse.Namespace) -> Iterator[tuple[str, list[Cost]]]:
    sets = [json.loads((TOOLSETS / f"{name}.json").read_text("utf-8")) for name in SETS]
    with opened(options) as model, counted() as work:
        for index, name in enumerate(SETS):
            found = tools(eight([*sets[index:], *sets[:index]]))
            said = [case["say"] for case in sets[index]["cases"] if case["calls"]]
            decider = Decider(model, found, Contacts(Known(())))
            yield name, timed(decider, even(said, options.sample or EACH), work)


def _session(options: argparse.Namespace) -> list[Cost]:
    from lamha.device.assistant import open_session
    from lamha.skills.storage import Storage

    commands = even(COMMANDS, options.sample)
    with TemporaryDirectory(prefix="lamha-benchmark-") as folder:
        kept = Path(folder) / "lamha.db"
        with Storage(kept) as storage:
            for name, aliases in CONTACTS:
                storage.add_contact(name, aliases)
        with open_session(options.model, options.threads, kept=kept) as session, counted() as work:
            for command in commands:
                _route(session, command)
            return [_cost(partial(_route, session, command), work) for command in commands]


def _route(session: Any, command: str) -> None:
    """A turn up to the action with its arguments; the answer is not written."""
    from lamha.device.turn import Routed

    events = session.ask(command)
    next(event for event in events if isinstance(event, Routed))
    events.close()


def _cost(act: Callable[[], object], work: Work) -> Cost:
    decodes, tokens, started = work.decodes, work.tokens, time.perf_counter()
    act()
    ms = (time.perf_counter() - started) * 1000
    return Cost(ms, work.decodes - decodes, work.tokens - tokens)
