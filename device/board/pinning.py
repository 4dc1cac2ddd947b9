"""Keeping a process on some cores, where the platform lets it."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from lamha.device.board import Board

_TASKS = Path("/proc/self/task")


def pin(cpus: Collection[int]) -> bool:
    """Let all threads of this process run on these CPUs alone; False where that is not possible.

    Threads that are started later inherit it from the one that starts them.
    """
    if not cpus or not hasattr(os, "sched_setaffinity"):
        return False
    done = [_pin(task, cpus) for task in _tasks()]  # every one, even after one that could not be
    return all(done)


def choices(board: Board) -> tuple[tuple[int, ...], ...]:
    """What is worth pinning to: the fastest cluster, the two fastest, and so on; not all. Often nothing."""
    ends = range(1, len(board.clusters))
    return tuple(tuple(sorted(c for cl in board.clusters[:end] for c in cl.cpus)) for end in ends)


@contextmanager
def pinned(cpus: Collection[int]) -> Iterator[bool]:
    """Pinned in this block; afterwards every thread may run where this one might before."""
    before = os.sched_getaffinity(0) if cpus and hasattr(os, "sched_getaffinity") else set[int]()
    try:
        yield pin(cpus)
    finally:
        pin(before)


def _tasks() -> list[int]:
    try:
        return [int(task.name) for task in _TASKS.iterdir() if task.name.isdecimal()]
    except OSError:
        return [0]  # this thread


def _pin(task: int, cpus: Collection[int]) -> bool:
    try:
        os.sched_setaffinity(task, cpus)
    except (OSError, ValueError, OverflowError):  # not permitted, gone meanwhile, no such CPU
        return False
    return True
