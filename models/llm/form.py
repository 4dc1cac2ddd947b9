"""Filling in a form: a text that code and the model write in turns, value by value.

What code knows is put down and read together with what follows; what the model writes must satisfy a schema.
"""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from lamha.models.llm.budget import Budget
from lamha.models.llm.engine import Logits
from lamha.models.llm.generate import Limits, Steps, generate, nothing, text

if TYPE_CHECKING:
    from lamha.models.llm.reading import Reading

_AFTER = "[,}\\]]"
"""A value of JSON ends where something else begins: the model ends it so, as it would in a longer text."""


class Form:
    """The model's answer to a reading, as a form. Use it in a `with`; the reading itself stays as it was."""

    def __init__(self, reading: "Reading") -> None:
        self._reading = reading
        self._logits: Logits = reading.answer_logits()
        self._branch = reading.branch.fork()
        self._pending = ""

    def close(self) -> None:
        """Give the memory back."""
        self._branch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, text: str) -> None:
        """Go on with this text; it is read when the model is asked next."""
        self._pending += text

    def write(self, schema: Mapping[str, Any], new: int = 32) -> Any:
        """A JSON value that the model writes here, in at most `new` tokens; it is put down as well."""
        from lamha.models.llm.grammar.constrained import Constrained
        from lamha.models.llm.grammar.schema import grammar

        logits, begin = self._read(), self._branch.length
        reading = self._reading
        form = Constrained(self._branch.pool.engine, grammar(schema, reading.words, " ", _AFTER))
        steps = Steps(form, form.forced, nothing, reading.alike, form.closing)
        limits = Limits(Budget(new=new), (), reading.cancel)
        spent = type(reading.spent)()
        try:
            written = text(generate(self._branch, logits, limits, spent, steps))
        finally:
            self._branch.rewind(begin)
            reading.spent.tokens_out += spent.tokens_out
            reading.spent.decode_ms += spent.decode_ms
        value, _ = json.JSONDecoder().raw_decode(written.lstrip())
        self.put(f" {json.dumps(value, ensure_ascii=False)}")
        return value

    def _read(self) -> Logits:
        if self._pending:
            tokens = self._branch.pool.engine.tokenize(self._pending)
            started = time.perf_counter()
            (self._logits,) = self._branch.read(tokens)
            self._reading.spent.prefill_ms += (time.perf_counter() - started) * 1000
            self._reading.spent.tokens_in += len(tokens)
            self._pending = ""
        return self._logits
