"""How fast a model reads and writes on a board, by the number of threads; measured once and kept."""

import hashlib
import itertools
import json
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from os import getpid
from pathlib import Path
from typing import Any, Self

from lamha.models import files
from lamha.models.llm.alike import widest
from lamha.models.llm.branch import Branch, Pool
from lamha.models.llm.engine import Threads

BETTER = 1.03
"""llama.cpp's default gives way only to what is faster than it by more than the noise of a quiet board."""
_VERSION = 1
_ROUNDS, _SECONDS = 3, 6.0  # at most so many rounds, and no further one that would end after so long
_READ, _WRITE = 64, 8  # tokens of one measurement: rates of 64 and of 128 at once are the same
_BUSY = 1.5
_SPOILT = 86_400  # seconds for which numbers are taken that another process made too low
_HOPELESS = 4  # so much slower than the fastest so far needs no second look

type Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Calibration:
    """Tokens a second by the number of threads, of one model on one board.

    ValueError where a number is no rate or no count, and where the default was not measured. Writing
    was measured after some 70 tokens; it becomes slower by a tenth or two where many more stand before.
    """

    board: str
    model: str
    default: int
    """How many threads llama.cpp's own programs would use here."""
    prefill: Mapping[int, float]
    decode: Mapping[int, float]
    cpus: tuple[int, ...] = ()
    """Where the threads were kept while this was measured; empty where they were not."""
    spread: float = 1.0
    """The slowest round of writing divided by the fastest; well above 1 where something else was running."""
    alike: int = 1
    """The most tokens of one batch whose scores are those of single tokens."""

    def __post_init__(self) -> None:
        rates = [*self.prefill.values(), *self.decode.values(), self.spread]
        if not all(math.isfinite(rate) and rate > 0 for rate in rates):
            raise ValueError("a rate is not a number above zero")
        if min(self.counts, default=0) != 1 or self.default not in self.counts:
            raise ValueError("one thread and the default were not measured")
        if self.alike < 1:
            raise ValueError("a batch has at least one token")
        if self.prefill.keys() != self.decode.keys():
            raise ValueError("reading and writing were not measured with the same threads")

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of threads that were measured, ascending."""
        return tuple(sorted(self.decode))

    @property
    def threads(self) -> Threads:
        """The best for each phase; llama.cpp's default where nothing else is clearly faster.

        Threads that are kept on some cores are no more than these.
        """
        return Threads(self._best(self.decode), self._best(self.prefill))

    def _best(self, rates: Mapping[int, float]) -> int:
        fit = [count for count in self.counts if not self.cpus or count <= max(1, len(self.cpus))]
        best = max(fit, key=lambda count: (rates[count], -count))
        return best if self.default not in fit or rates[best] > rates[self.default] * BETTER else self.default

    @property
    def decode_ms(self) -> float:
        """Milliseconds to write one token with the best number of threads."""
        return 1000 / self.decode[self.threads.decode]

    @property
    def prefill_ms(self) -> float:
        """Milliseconds to read one token of a batch with the best number of threads."""
        return 1000 / self.prefill[self.threads.prefill]

    @property
    def busy(self) -> bool:
        """Whether another process took a core meanwhile, so that the numbers are too low."""
        slowest = min(self.decode[count] for count in self.counts if count <= self.default)
        return self.spread > _BUSY or slowest * _BUSY < self.decode[self.counts[0]]

    def as_json(self) -> dict[str, object]:
        """All of it, for a file."""
        return {"version": _VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Self:
        """From what `as_json` gave; ValueError, TypeError, KeyError or AttributeError if that is not it."""
        values = dict(table)
        if values.pop("version") != _VERSION:
            raise ValueError("written by another version")
        for phase in ("prefill", "decode"):
            values[phase] = {int(count): float(rate) for count, rate in values[phase].items()}
        values |= {"cpus": tuple(map(int, values["cpus"]))}
        values |= {key: int(values[key]) for key in ("default", "alike")}
        return cls(**values)


def load(folder: Path, board: str, model: str) -> Calibration | None:
    """What was kept for this model on this board, or None; one of a busy moment only for a while."""
    path = _file(folder, board, model)
    found = _read(path)
    if not found or (found.board, found.model) != (board, model):
        return None
    return None if found.busy and time.time() - path.stat().st_mtime > _SPOILT else found


def kept(folder: Path, board: str, file: str) -> Calibration | None:
    """The newest for a file on this board, whichever llama.cpp read it; `file` is its fingerprint."""
    found: list[tuple[float, Calibration]] = []
    for path in folder.glob("*.json"):
        calibration = _read(path)
        if calibration and calibration.board == board and calibration.model.startswith(f"{file}|"):
            found.append((path.stat().st_mtime, calibration))
    return max(found, key=lambda each: each[0])[1] if found else None


def save(folder: Path, calibration: Calibration) -> Path:
    """Keep it for `load`; the file appears whole or not at all. OSError where the folder takes none."""
    path = _file(folder, calibration.board, calibration.model)
    folder.mkdir(parents=True, exist_ok=True)
    growing = path.with_name(f".{path.name}.{getpid()}")
    try:
        growing.write_text(json.dumps(calibration.as_json(), indent=1) + "\n", "utf-8")
        files.place(growing, path)
    finally:
        growing.unlink(missing_ok=True)
    return path


def _read(path: Path) -> Calibration | None:
    try:
        return Calibration.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _file(folder: Path, board: str, model: str) -> Path:
    name = hashlib.blake2b(f"{board}|{model}".encode(), digest_size=8).hexdigest()
    return folder / f"{name}.json"


def calibrate(
    pool: Pool,
    board: str,
    counts: Collection[int],
    default: int,
    cpus: Sequence[int] = (),
    progress: Progress = lambda _done, _all: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Calibration:
    """Measure reading and writing with each number of threads, and with one and the default.

    Each round goes through all of them, so that what disturbs, disturbs all; the fastest round counts, since
    another process only ever makes one slower. The engine's memory and its threads are as before afterwards.
    """
    engine, asked = pool.engine, tuple(sorted({1, default, *counts}))
    before, pace, sweep = engine.threads, pool.pace, _Sweep(clock)
    pool.pace = None  # it would choose the threads
    try:
        with pool.new() as branch:
            sweep.run(branch, asked, progress)
        engine.set_threads(before)
        width = widest(pool)
    finally:
        engine.set_threads(before)
        pool.pace = pace
    prefill = {count: 1 / min(times) for count, times in sweep.read.items()}
    decode = {count: 1 / min(times) for count, times in sweep.written.items()}
    return Calibration(board, engine.identity, default, prefill, decode, tuple(cpus), sweep.spread, width)


class _Sweep:
    """Seconds a token in every round, by the number of threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.read: dict[int, list[float]] = {}
        self.written: dict[int, list[float]] = {}
        self._clock = clock

    def run(self, branch: Branch, counts: Sequence[int], progress: Progress) -> None:
        """One round more while it would end in time."""
        engine = branch.pool.engine
        engine.set_threads(Threads(max(counts), max(counts)))
        for step in ([0, 1], [2]):  # wakes the threads
            branch.read(step)
        begin = self._clock()
        for done in range(_ROUNDS):
            if done and (self._clock() - begin) * (done + 1) / done > _SECONDS:
                break
            for number, count in enumerate(counts):
                progress(done * len(counts) + number, _ROUNDS * len(counts))
                engine.set_threads(Threads(count, count))
                self._round(branch, count)
        progress(_ROUNDS * len(counts), _ROUNDS * len(counts))

    def _round(self, branch: Branch, count: int) -> None:
        engine = branch.pool.engine
        size = max(2, min(_READ, engine.settings.batch, engine.settings.context // 4))
        tokens = [index * 7919 % engine.vocabulary_size for index in range(size + _WRITE)]
        branch.rewind(0)
        begin = self._clock()
        branch.read(tokens[:size])
        self.read.setdefault(count, []).append((self._clock() - begin) / size)
        self.written.setdefault(count, []).append(self._write(branch, tokens[size:]))

    def _write(self, branch: Branch, tokens: Sequence[int]) -> float:
        begin, done = self._clock(), 0
        hopeless = _HOPELESS * min(itertools.chain(*self.written.values()), default=math.inf)
        for done, token in enumerate(tokens, 1):
            branch.read([token])
            if (self._clock() - begin) / done > hopeless:
                break
        return (self._clock() - begin) / done

    @property
    def spread(self) -> float:
        """The largest, over the numbers of threads, of slowest round / fastest round."""
        return max(max(times) / min(times) for times in self.written.values())
