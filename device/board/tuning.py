"""The calibration of a model on this board: from the disk, or measured now and kept."""

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path

from lamha.device.board import Board
from lamha.device.board.pinning import choices, pinned
from lamha.models.llm.branch import Pool
from lamha.models.llm.calibration import BETTER, Calibration, calibrate, load, save
from lamha.models.paths import cache_dir

type Progress = Callable[[int, int], None]
log = logging.getLogger("lamha.device")
_READ, _WRITTEN = 60, 40  # tokens of a usual turn


def boards_dir() -> Path:
    """Where calibrations are kept, one file a board and model."""
    return cache_dir() / "boards"


def stored_or_new(
    pool: Pool,
    board: Board,
    progress: Progress = lambda _done, _all: None,
    again: bool = False,
    folder: Path | None = None,
) -> Calibration:
    """What is kept for this model on this board; where there is nothing, some seconds of measuring.

    `board` is to be read before anything is pinned: where the process may run is part of what it is. A folder
    that takes nothing only means that the next process measures again.
    """
    folder = folder or boards_dir()
    found = None if again else load(folder, board.key, pool.engine.identity)
    if found:
        return found
    calibration = measure(pool, board, progress)
    try:
        save(folder, calibration)
    except OSError as error:
        log.warning("the calibration cannot be kept: %s", error)
    return calibration


def measure(pool: Pool, board: Board, progress: Progress = lambda _done, _all: None) -> Calibration:
    """Sweep the numbers of threads, once where the kernel puts them and once on each choice of clusters."""
    best = free = calibrate(pool, board.key, board.counts, board.default, (), progress)
    for cpus in choices(board):
        cores = sum(cluster.cores for cluster in board.clusters if set(cluster.cpus) <= set(cpus))
        counts = [count for count in {*board.counts, cores} if count <= cores]
        with pinned(cpus) as possible:
            if not possible:
                return free
            kept = calibrate(pool, board.key, counts, min(cores, board.default), cpus, progress)
        best = _better(best, _joined(kept, free))
    return best


def _joined(kept: Calibration, free: Calibration) -> Calibration:
    """What was measured on some cores, beside llama.cpp's default as llama.cpp would run it."""
    return dataclasses.replace(
        kept,
        default=free.default,
        decode={**free.decode, **kept.decode},
        prefill={**free.prefill, **kept.prefill},
    )


def _better(one: Calibration, other: Calibration) -> Calibration:
    """The other only where it is clearly faster, and in no phase slower than llama.cpp's default."""
    best, default = other.threads, other.default
    reads = other.prefill[best.prefill] >= other.prefill[default]
    writes = other.decode[best.decode] >= other.decode[default]
    return other if reads and writes and _turn(other) * BETTER < _turn(one) else one


def _turn(calibration: Calibration) -> float:
    return _READ * calibration.prefill_ms + _WRITTEN * calibration.decode_ms
