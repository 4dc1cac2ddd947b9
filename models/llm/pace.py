"""How many threads the next step takes: as many as are calibrated best, one while another process has a core.

The threads of one step wait for each other, so a core that is taken stops them all, while one thread alone
moves to a core that is free. No engine here and no clock: steps are told, and the next number is read.

The promise, for two numbers of threads of which the lower takes its calibrated time `t` a step, whatever
happens to the higher: n steps take at most 1.1·n·t, and besides that once a step as slow as the slowest and
one more `t`. It holds by construction: time is spent beyond 1.1·t only until `_GRACE` steps are lost, and no
further attempt is made before what was lost is a tenth of the time since (or `_MOST` steps have passed).
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lamha.models.llm.calibration import Calibration
from lamha.models.llm.engine import Threads

_SLACK = 1.1  # so much slower than the lowest number of threads is not yet worth a change
_OWN = 2.0  # so much slower than calibrated is, even where the lowest would be slower still
_GRACE = 1  # steps that may be lost before a change: a hiccup is no trend
_FIRST, _LONGEST = 24, 384  # steps until the next attempt; twice as many after each that failed
_MOST = 1536  # steps after which even a loss that looks endless is forgotten: a device may have slept
_CLIMB = 4  # steps until the next attempt where the last one went well
_RECENT = 8  # steps whose fastest says how slow the board itself is: a hot one is slow at any number
_SMOOTH = 0.2
_SHARE = 8  # tokens of a batch that count as one step


class _Rung(NamedTuple):
    """A number of threads: milliseconds a token, and what a batch costs besides."""

    threads: int
    ms: float
    start: float = 0.0

    def cost(self, tokens: int) -> float:
        """Milliseconds that a step of so many tokens is calibrated to take."""
        return self.start + self.ms * tokens


class _Ladder:
    """The numbers of threads for one phase, from the one that nothing can stop to the best."""

    def __init__(self, rungs: Sequence[_Rung], step: int, room: Callable[[int], bool]) -> None:
        self._rungs = rungs
        self._room = room
        self._step = step  # tokens that count as one step
        self._at = len(rungs) - 1 if room(rungs[-1].threads) else 0
        self._trying = False
        self._stayed = 0.0  # steps on this rung
        self._wait = 0.0  # steps until the next attempt
        self._failed = [0] * len(rungs)  # attempts in a row, by rung
        self._excess = 0.0  # milliseconds lost beyond the slack
        self._heat = 1.0  # how much slower than calibrated the board itself is
        self._recent = deque[float](maxlen=_RECENT)  # actual / calibrated, on this rung
        self._before = 1.0  # the least of them on the rung that an attempt began from
        self.slowdown = 1.0

    @property
    def count(self) -> int:
        """The number of threads for the next step."""
        return self._rungs[self._at].threads

    @property
    def ms(self) -> float:
        """Milliseconds a token that are to be expected now, with the number that is not just an attempt."""
        return self._rungs[self._at - self._trying].ms * self.slowdown

    def observe(self, tokens: int, milliseconds: float) -> None:
        """What a step with `count` threads took."""
        steps, ratio = tokens / self._step, milliseconds / self._rungs[self._at].cost(tokens)
        failed = self._trying and milliseconds > self._below(tokens)
        self._learn(ratio)
        self._lose(tokens, milliseconds)
        self._stayed += steps
        if failed or self._too_slow():
            self._fall(1 if failed and self._at > 1 else self._at)
            return
        if self._trying:
            self._trying, self._wait = False, self._until_next()
            self.slowdown = max(1.0, ratio)
        if self._stayed >= _FIRST:
            self._failed[self._at] = 0
        self.rest(steps)

    def rest(self, steps: float) -> None:
        """So many steps would have fitted into the time that went by: the next attempt comes nearer."""
        self._wait -= steps
        if self._wait > 0 or self._trying or self._at + 1 == len(self._rungs):
            return
        if self._room(self._rungs[self._at + 1].threads):
            self._trying = True
            self._move(self._at + 1)
        else:
            self._wait = _CLIMB

    def _below(self, tokens: int) -> float:
        """What the step would have taken with the number before, as the board is now."""
        return self._rungs[self._at - 1].cost(tokens) * self._before

    def _learn(self, ratio: float) -> None:
        self._recent.append(ratio)
        if self._at == 0:
            self._heat = max(1.0, min(self._recent))
        else:
            self._heat = max(1.0, min(self._heat, ratio))
        if not self._trying:
            self.slowdown = max(1.0, self.slowdown + _SMOOTH * (ratio - self.slowdown))

    def _lose(self, tokens: int, milliseconds: float) -> None:
        if self._at == 0:
            return
        alone = self._rungs[0].cost(tokens) * self._heat
        own = self._rungs[self._at].cost(tokens) * self._heat
        self._excess = max(0.0, self._excess + milliseconds - min(_SLACK * alone, _OWN * own))

    def _too_slow(self) -> bool:
        return self._excess > _GRACE * self._a_step(0) * self._heat

    def _a_step(self, rung: int) -> float:
        return self._rungs[rung].ms * self._step

    def _fall(self, rungs: int) -> None:
        self._failed[self._at] += 1
        lost, self._trying = self._excess, False
        self._move(self._at - rungs)
        repaid = lost / (_SLACK - 1) / self._a_step(self._at)
        self._wait = max(min(repaid, _MOST), self._until_next())

    def _until_next(self) -> float:
        failed = self._failed[self._at + 1] if self._at + 1 < len(self._rungs) else 0
        return min(_FIRST * 2.0 ** (failed - 1), _LONGEST) if failed else _CLIMB

    def _move(self, rung: int) -> None:
        if rung > self._at:
            self._before = max(1.0, min(self._recent, default=self._heat))
        self._at = rung
        self._stayed = self._excess = 0.0
        self._recent.clear()
        if not self._trying:
            self.slowdown = self._heat


class Pace:
    """The threads for each next step of a calibrated engine, given what the steps before took.

    `room` is asked at the beginning and before an attempt whether so many threads would find a core each; an
    attempt that it prevents costs nothing.
    """

    def __init__(self, calibration: Calibration, room: Callable[[int], bool] = lambda _: True) -> None:
        decode = {count: 1000 / rate for count, rate in calibration.decode.items()}
        prefill = {count: 1000 / rate for count, rate in calibration.prefill.items()}
        best = calibration.threads
        # A few tokens at once cost nearly as much each as one alone does.
        starts = {count: 2 * max(0.0, decode[count] - prefill[count]) for count in prefill}
        self._decode = _Ladder(_rungs(decode, best.decode, {}), 1, room)
        self._prefill = _Ladder(_rungs(prefill, best.prefill, starts), _SHARE, room)

    @property
    def threads(self) -> Threads:
        """What the next step is to be run with."""
        return Threads(self._decode.count, self._prefill.count)

    def observe(self, tokens: int, milliseconds: float) -> None:
        """What a step took that was run with `threads`; to llama.cpp several tokens at once are prefill."""
        ladder = self._decode if tokens == 1 else self._prefill
        if tokens > 0:
            ladder.observe(tokens, milliseconds)

    def rest(self, milliseconds: float) -> None:
        """Nothing was run for so long; what had a core may be gone."""
        self._decode.rest(milliseconds / self._decode.ms)
        self._prefill.rest(milliseconds / (self._prefill.ms * _SHARE))

    @property
    def decode_ms(self) -> float:
        """Milliseconds to be expected for a token that is written, as things are now."""
        return self._decode.ms

    @property
    def prefill_ms(self) -> float:
        """Milliseconds to be expected for a token that is read in a batch, as things are now."""
        return self._prefill.ms


def _rungs(times: Mapping[int, float], best: int, starts: Mapping[int, float]) -> list[_Rung]:
    """The lowest number, every further one that is faster than all before it, and at last the best."""
    counts = [min(times)]
    for count in sorted(times):
        if counts[-1] < count < best and times[best] < times[count] < times[counts[-1]]:
            counts.append(count)
    if best != counts[0]:
        counts.append(best)
    return [_Rung(count, times[count], starts.get(count, 0.0)) for count in counts]
