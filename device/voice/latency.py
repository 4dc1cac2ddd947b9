"""How long each stage of a spoken command takes."""

import time
from dataclasses import dataclass, replace

from lamha.device.turn import Turn


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the last sound of a command to each stage; 0 where it never came."""

    ended: float = 0.0
    """the pause that showed that it was the last"""
    text: float = 0.0
    routed: float = 0.0
    first_word: float = 0.0
    first_sound: float = 0.0


class Clock:
    """Times the stages of a command whose last sound was `pause` seconds ago."""

    def __init__(self, pause: float) -> None:
        self._ended = time.perf_counter()
        self._pause = pause * 1000
        self.latency = Latency(ended=self._pause)

    def stage(self, name: str) -> None:
        """A stage is reached; only the first time counts."""
        if not getattr(self.latency, name):
            passed = (time.perf_counter() - self._ended) * 1000 + self._pause
            self.latency = replace(self.latency, **{name: passed})

    def routed(self, turn: Turn) -> None:
        """When it was known what to do, as the turn has it."""
        self.latency = replace(self.latency, routed=self.latency.text + turn.timings.route)
