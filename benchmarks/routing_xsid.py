"""The part `xsid`: intents in three languages from English examples alone, by a probe on the model's state.

The validation sets of xSID are translations of each other, sorted by topic: half of their intents are only in
the second half. So every second English utterance is an example, and the others are scored.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lamha.benchmarks.routing_cases import Outcome, even, file_of, misses, share, shares
from lamha.benchmarks.routing_own import text
from lamha.models.llm.branch import Pool
from lamha.models.llm.chat import frame
from lamha.models.llm.engine import Engine, Settings, Threads
from lamha.models.llm.prefix import Prefixes
from lamha.skills.probe import Matrix, Probe, fit

DATA = Path(__file__).parents[2] / "shared" / "data"
LANGUAGES = ("en", "ar", "zh")
LAYER = 14
SYSTEM = "You translate what the user says into English and name what they want."
CUES = ("The user wants to ", "In English, the user asks the assistant to ")
TARGETS = {"en": 0.95, "ar": 0.80, "zh": 0.93}
"""What is to be reached."""

type Represent = Callable[[str], Matrix]


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said, what it means, and whether it or its English original is an example."""

    text: str
    intent: str
    language: str
    example: bool


class States:
    """What the middle of the model makes of an utterance."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._prefixes = engine, Prefixes(Pool(engine))
        around = frame(engine.metadata("tokenizer.chat_template"), SYSTEM)
        self._before = tuple(engine.tokenize(around.before, special=True))
        self._after = engine.tokenize(around.after, special=True)
        self._cues = [engine.tokenize(cue) for cue in CUES]

    def of(self, utterance: str) -> Matrix:
        """The mean over the words, the last of them, where an answer begins, and after each cue."""
        words = self._engine.tokenize(utterance)
        with self._prefixes.branch(self._before) as branch:
            said = branch.read(words, range(len(words)))
            views = [np.mean(said, 0), said[-1], *branch.read(self._after)]
            for cue in self._cues:
                with branch.fork() as begun:
                    views += begun.read(cue)
        return np.stack(views)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Fit on English, score in three languages."""
    folder = Path(os.environ.get("LAMHA_DATA", DATA)) / "intents"
    paths = {language: folder / f"xsid-{language}-valid.conll" for language in LANGUAGES}
    if absent := [str(path) for path in paths.values() if not path.is_file()]:
        return {"absent": f"there is no {', '.join(absent)}: set LAMHA_DATA"}
    said = {language: read(path.read_text("utf-8"), language) for language, path in paths.items()}
    examples = [each for each in said["en"] if each.example]
    scored = {
        language: [u for u in each if language != "en" or not u.example] for language, each in said.items()
    }
    chosen = [each for language in LANGUAGES for each in even(scored[language], options.sample)]
    threads = Threads(options.threads, options.threads)
    with Engine(file_of(options), Settings(layer=LAYER, scored=128, threads=threads)) as engine:
        states = States(engine)
        probe = fitted(examples, states.of)
        outcomes = [outcome(each, probe, states.of) for each in chosen]
    return {
        "layer": LAYER,
        "examples": len(examples),
        "left_out": round(probe.left_out, 4),
        **report(outcomes),
    }


def read(conll: str, language: str) -> list[Utterance]:
    """The utterances of a file, every second an example, counted from the first."""
    found: list[Utterance] = []
    for block in conll.split("\n\n"):
        head = dict(
            line[2:].split(" = ", 1) for line in block.splitlines() if line.startswith("# ") and " = " in line
        )
        if "text" in head and "intent" in head:
            words, intent = head["text"].strip(), head["intent"].strip()
            found.append(Utterance(words, intent, language, len(found) % 2 == 0))
    return found


def fitted(examples: Sequence[Utterance], represent: Represent) -> Probe:
    """A probe of the intents."""
    return fit(np.stack([represent(each.text) for each in examples]), [each.intent for each in examples])


def outcome(each: Utterance, probe: Probe, represent: Represent) -> Outcome:
    """Which intent the probe finds."""
    odds = probe.probabilities(represent(each.text))
    best = max(odds, key=odds.__getitem__)
    told = {"utterance": each.text, "language": each.language, "wanted": each.intent, "got": best}
    known = each.example or each.language == "en"  # of which nothing else is scored
    groups = (each.language,) if known else (each.language, f"{each.language} unseen")
    return Outcome(best == each.intent, groups, told)


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Accuracy by language; `unseen` are those whose English original is no example."""
    languages = shares(outcomes)
    within = {
        name: languages[name]["accuracy"] >= least for name, least in TARGETS.items() if name in languages
    }
    return {"all": share(outcomes), "languages": languages, "within": within, "misses": misses(outcomes)}


def lines(part: Mapping[str, Any]) -> Iterator[str]:
    """The readable summary."""
    yield f"layer {part['layer']}, {part['examples']} English examples, left out {part['left_out']:.3f}"
    for name, each in part["languages"].items():
        mark = {True: "ok", False: "MISSED", None: ""}[part["within"].get(name)]
        yield f"  {name:<12} {text(each)} {mark}".rstrip()
