"""From an utterance to an action, or to a refusal.

Plain prompting of a small model gets about half of simple commands right; a linear probe on the same model's
state does not. The probe is fitted from the examples that actions declare; what it needs of the model is kept
in the cache, so only new examples are read again.
"""

import hashlib
import logging
import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile

from lamha.models.llm.api import Model, Reading
from lamha.skills.beyond import BEYOND
from lamha.skills.examples import plain
from lamha.skills.probe import Matrix, Probe, fit

if TYPE_CHECKING:
    from lamha.skills.api import Action
    from lamha.skills.decider import Decision
    from lamha.skills.tools import Tool

_log = logging.getLogger(__name__)

SYSTEM = (
    "You are lamha, an assistant on smart glasses. "
    "Answer in one short sentence, in the language of the question."
)
CUE = "The user wants to "
REFUSE = "none"
DEFAULT = "qwen2.5-coder-0.5b"
"""The model of `decide`, where none is given."""
THRESHOLD = 0.5
"""Below this confidence nothing is done."""

type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the wearer means: the name of an action, or None; how sure; and all that was weighed."""

    action: str | None
    confidence: float
    odds: Mapping[str, float]


@dataclass(frozen=True)
class Router:
    """A fitted probe over the names of actions."""

    probe: Probe
    threshold: float = THRESHOLD

    def decide(self, reading: Reading) -> Choice:
        """Read the words and weigh the actions; costs no tokens beyond the words and the cue."""
        odds = self.probe.probabilities(reading.features(CUE))
        best = max(odds, key=odds.__getitem__)
        refused = best == REFUSE or odds[best] < self.threshold
        return Choice(None if refused else best, odds[best], odds)


def train(
    model: Model,
    actions: Mapping[str, Sequence[str]],
    cache: Path,
    progress: Progress = lambda _done, _all: None,
) -> Router:
    """A router for actions by name and their examples; features known from before are not computed again."""
    named = [(name, plain(example)) for name, examples in actions.items() for example in examples]
    named += [(REFUSE, example) for example in BEYOND]
    known = _Cache(cache / f"router-{_identity(model)}.npz")
    features = known.complete([text for _, text in named], lambda text: _features(model, text), progress)
    return Router(fit(features, [name for name, _ in named]))


def _features(model: Model, text: str) -> Matrix:
    with model.read(text, SYSTEM) as reading:
        return reading.features(CUE)


def _identity(model: Model) -> str:
    return hashlib.sha256(f"{model.identity}|{SYSTEM}|{CUE}".encode()).hexdigest()[:16]


class _Cache:
    """Features by text in one file; a file that cannot be read is computed again, not trusted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._load()

    def complete(self, texts: Sequence[str], compute: Callable[[str], Matrix], progress: Progress) -> Matrix:
        """Features of all texts, shape (texts, views, width); missing ones are computed and kept."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        before = len(self._known)
        try:
            for done, text in enumerate(missing, 1):
                self._known[text] = compute(text).astype(np.float16)
                progress(done, len(missing))
        finally:  # an interrupted start goes on where it was
            if len(self._known) > before:
                self._save()
        return np.stack([self._known[text] for text in texts]).astype(np.float32)

    def _load(self) -> dict[str, Matrix]:
        try:
            with self._path.open("rb") as file, NpzFile(file, allow_pickle=False) as kept:
                if str(kept["of"]) != self._path.stem:
                    return {}
                return dict(zip(kept["texts"].tolist(), kept["features"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
            return {}

    def _save(self) -> None:
        """Keep what is known; where there is no room or no right to, the next start computes it again."""
        temporary = self._path.with_suffix(f".{os.getpid()}.npz")
        texts, features = list(self._known), np.stack(list(self._known.values()))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(temporary, of=np.array(self._path.stem), texts=np.array(texts), features=features)
            temporary.replace(self._path)
        except OSError as error:
            _log.warning("the router's cache cannot be kept: %s", error)
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def decide(
    utterance: str,
    actions: Iterable["Tool | Action | Mapping[str, Any]"],
    *,
    model: Model | None = None,
    contacts: Iterable[str] = (),
    now: datetime | None = None,
) -> "Decision":
    """What an utterance asks of any list of tools: calls, a question back, or a refusal.

    `actions` are skills' own, or objects with name, description and a JSON schema of parameters; examples are
    welcome and not needed. `contacts` are the names that a parameter marked `"x-lamha": "contact"` may have.
    Without a model the default one is loaded, and kept for the next call. ToolsBroken where a tool is none.
    """
    from lamha.skills.contacts import Contacts, Known
    from lamha.skills.decider import Decider
    from lamha.skills.tools import tools

    found = tools(actions)
    decider = Decider(model or _default(), found, Contacts(Known(contacts)))
    return decider.decide(utterance, now or datetime.now().astimezone())


@cache
def _default() -> Model:
    from lamha.models.llm.model import LanguageModel
    from lamha.models.llm.saved import Saved
    from lamha.models.paths import cache_dir
    from lamha.models.store import Store

    return LanguageModel(Store().path(DEFAULT), shelf=Saved(cache_dir() / "prefixes"))
