"""A language model as the rest of lamha sees it: it reads words once, and everything else branches off.

What a turn asks of the model stands after the wearer's words (`frame.before + words + frame.after + cue`),
so the words are decoded once for routing, for arguments and for the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.branch import Pool
from lamha.models.llm.budget import Budget, Clock, Spent
from lamha.models.llm.calibration import Calibration
from lamha.models.llm.chat import Frame, frame
from lamha.models.llm.engine import Adapter, Engine, Settings
from lamha.models.llm.glance import Glance, Glances, Words, layer
from lamha.models.llm.pace import Pace
from lamha.models.llm.prefix import Prefixes, Shelf
from lamha.models.llm.reading import Prompt, Reading
from lamha.models.llm.text import shorten
from lamha.models.llm.thinking import begun

FEATURES = 1024
"""Width of a feature vector: that many scores, drawn once from the vocabulary, span the hidden state."""
_LEAST = 8  # tokens of a context that are free for words and answer


class LanguageModel:
    """A GGUF, its chat template and the prefixes it has read. One caller at a time.

    `shelf` keeps prefixes for the next process. ModelBroken where the file has no chat template.
    """

    def __init__(self, path: Path, settings: Settings | None = None, shelf: Shelf | None = None) -> None:
        self.engine = Engine(path, settings)
        self.pool = Pool(self.engine)
        self.prefixes = Prefixes(self.pool, shelf=shelf)
        self.calibration: Calibration | None = None
        self._shelf = shelf
        self._glances: Glances | None = None
        self._template = self.engine.metadata("tokenizer.chat_template")
        self._frames: dict[tuple[str, bool], Frame] = {}
        try:
            self._frame("", thinking=False)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Free the model's memory."""
        if self._glances:
            self._glances.close()
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def calibrated(self, calibration: Calibration, room: Callable[[int], bool] = lambda _: True) -> None:
        """Run from now on as fast as was measured, and plan deadlines with it.

        `room` tells whether so many threads would find a core each just now.
        """
        self.calibration = calibration
        self.pool.pace = Pace(calibration, room)

    def adapt(self, *adapters: Adapter) -> None:
        """Use these LoRA adapters for what is read from now on, and no others; the weights stay loaded."""
        self.engine.adapt(*adapters)

    def read(
        self, words: str, system: str, budget: Budget | None = None, cancel: Event | None = None
    ) -> Reading:
        """Read words after the system text; what is beyond the budget is cut off at a sentence end."""
        budget = budget or Budget()
        clock, rates = Clock(budget.reading_ms), self.pool.pace
        around = self._frame(system, thinking=budget.thinking > 0)
        begin = self._begin(around.before)
        after = self.engine.tokenize(around.after, special=True)
        budget = self._within_context(budget, len(begin), len(after))
        unread = 0 if self.prefixes.has(begin) else len(begin)
        whole = self.engine.tokenize(words)
        tokens, kept = self._fit(words, whole, budget.words(rates, len(after), unread))
        return Reading(
            self.prefixes.branch(begin),
            Prompt(tokens, after),
            kept,
            words,
            budget,
            clock,
            cancel or Event(),
            self.feature_tokens,
            thinking=begun(around.after),
            rates=rates,
            alike=self.calibration.alike if self.calibration else 1,
            spent=Spent(tokens_cut=max(len(whole) - len(tokens), 0)),
        )

    def glance(
        self, words: str, systems: Sequence[str], adapter: Path | None = None, most: int = 96
    ) -> Glance:
        """What words mean after each system text; of long words the first `most` tokens and the last few.

        An `adapter` is a GGUF LoRA that the states are read with; what `adapt` took has no part in it.
        """
        if self._glances is None:
            self._glances = Glances(self.engine, self._shelf)
        adapters = [Adapter(adapter)] if adapter else []
        said = Words.of(self.engine, words, most)
        return self._glances.look(list(map(self.tokens_before, systems)), said, self.tokens_after, *adapters)

    def tokens_before(self, system: str) -> tuple[int, ...]:
        """What a glance reads before the words."""
        return self._begin(self._frame(system, thinking=False).before)

    @property
    def tokens_after(self) -> tuple[int, ...]:
        """What it reads after them."""
        return tuple(self.engine.tokenize(self._frame("", thinking=False).after, special=True))

    @property
    def glance_layer(self) -> int:
        """The layer whose state a glance gives."""
        return layer(self.engine)

    def warm(self, system: str) -> None:
        """Decode the fixed part of a prompt before anybody waits for it."""
        self.read("", system).close()

    def _frame(self, system: str, *, thinking: bool) -> Frame:
        if (system, thinking) not in self._frames:
            self._frames[system, thinking] = frame(self._template, system, thinking=thinking)
        return self._frames[system, thinking]

    def _within_context(self, budget: Budget, before: int, after: int) -> Budget:
        """The budget cut to what a context holds at once: at least half of what is free is for the words."""
        free = self.engine.settings.context - before - after
        if free < _LEAST:
            raise BudgetTooSmall(
                f"{before + after} fixed tokens leave no room in a context of {free + before + after}",
                "load the model with a larger context, or shorten the instruction",
            )
        thinking, new = min(budget.thinking, free // 4), min(budget.new, free // 4)
        prompt = min(budget.prompt, free - thinking - new + after)
        return replace(budget, prompt=prompt, new=new, thinking=thinking)

    def _begin(self, text: str) -> tuple[int, ...]:
        tokens, bos = self.engine.tokenize(text, special=True), self.engine.bos
        return tuple(tokens if tokens[:1] == bos else bos + tokens)  # some templates write it, others do not

    def _fit(self, words: str, tokens: list[int], room: int) -> tuple[list[int], str]:
        kept = words
        while len(tokens) > room:
            kept = shorten(kept, min(len(kept) - 1, len(kept) * room // len(tokens)))
            tokens = self.engine.tokenize(kept)
        return tokens, kept

    @property
    def identity(self) -> str:
        """The weights, the build that reads them and the adapters in use: a key for caches."""
        return self.engine.identity

    @cached_property
    def feature_tokens(self) -> NDArray[np.int64]:
        """The tokens whose scores are the features; the same for every run of a model."""
        size = self.engine.vocabulary_size
        return np.random.default_rng(0).choice(size, min(FEATURES, size), replace=False)
