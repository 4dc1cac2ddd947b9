"""An answer from beyond the device while it grows, held to the limits that hold for a local one."""

import time
from dataclasses import replace

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.remote import Part
from lamha.models.llm.budget import Budget, Finish, Spent
from lamha.models.llm.generate import Limits
from lamha.models.llm.text import StopFilter, ends_sentence


class Beginning:
    """Drops the cue where a server repeats it, and blanks that stand before an answer without a cue."""

    def __init__(self, cue: str) -> None:
        self._cue, self._held, self._over = cue, "", False

    def push(self, text: str) -> str:
        """The part of the text so far that is the answer's own."""
        if self._over:
            return text
        self._held = self._held + text if self._cue else (self._held + text).lstrip()
        if not self._held or (self._cue != self._held and self._cue.startswith(self._held)):
            return ""
        return self.flush().removeprefix(self._cue)

    def flush(self) -> str:
        """What is held back, once nothing more comes: it was no repetition."""
        self._over = True
        held, self._held = self._held, ""
        return held


class Answer:
    """What was said so far, what it cost, and why it ended. A part is a token until the server counts."""

    def __init__(self, limits: Limits, cue: str) -> None:
        self.limits, self.cue, self.said = limits, cue, ""
        self.spent = Spent()
        self.finish: Finish | None = None
        self._beginning, self._stops = Beginning(cue), StopFilter(limits.stops)
        self._enough = False
        self._started = self._first = time.perf_counter()

    def over(self) -> bool:
        """Whether nothing more is wanted; before the first word the deadline is the server's patience."""
        late = bool(self.said.strip()) and self.limits.clock.over
        return self._enough or late or self.limits.cancel.is_set()

    def take(self, part: Part) -> str:
        """Text that is safe to show."""
        self._count(part)
        if not part.text or self.finish:
            self.finish = self.finish or part.finish
            return ""
        text = self._stops.push(self._beginning.push(part.text))
        self.said += text
        reason = self._reason()
        self._enough = reason is not None
        self.finish = reason or part.finish
        return text

    def end(self) -> str:
        """What was held back; ServerFailed where nothing was said and nobody asked for silence."""
        text = "" if self._stops.stopped else self._stops.push(self._beginning.flush()) + self._stops.flush()
        self.said += text
        self.finish = self.finish or self.limits.reached(self.spent.tokens_out) or "end"
        if not self.said.strip() and self.finish not in ("stop", "cancelled"):
            raise ServerFailed("the server said nothing")
        return text

    def left(self) -> Budget | None:
        """What is left of the budget; None once all its tokens are said."""
        budget, passed = self.limits.budget, self.limits.clock.elapsed
        new = budget.new - self.spent.tokens_out if self.said else budget.new
        if new < 1:
            return None
        first, done = (ms and max(ms - passed, 1.0) for ms in (budget.first_ms, budget.done_ms))
        return replace(budget, new=new, first_ms=first, done_ms=done)

    def _count(self, part: Part) -> None:
        now, spent = time.perf_counter(), self.spent
        spent.tokens_in = part.tokens_in or spent.tokens_in
        if part.text:
            self._first = now if not spent.tokens_out else self._first
            spent.tokens_out += 1
            spent.prefill_ms = (self._first - self._started) * 1000
            spent.decode_ms = (now - self._first) * 1000
        spent.tokens_out = part.tokens_out or spent.tokens_out

    def _reason(self) -> Finish | None:
        if self._stops.stopped:
            return "stop"
        tokens = self.spent.tokens_out
        return self.limits.reached(tokens) or (
            self.limits.closing(tokens) if ends_sentence(self.said) else None
        )
