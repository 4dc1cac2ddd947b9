"""Keeping the process small on a device that has little. Only glibc can; elsewhere nothing is done."""

import ctypes
from functools import cache
from typing import Any

_M_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 1 << 20  # bytes


def give_back() -> None:
    """Return freed memory to the system; worth a call after a model was loaded or an utterance heard.

    Loading and recognising free large blocks that glibc keeps: 40 MB of 300 with all speech loaded.
    """
    if trim := _function("malloc_trim"):
        trim(0)


def return_large_blocks() -> None:
    """From now on return every freed block of a megabyte or more at once.

    By itself glibc begins to keep them, and they do not fit the next sentence: 30 MB for a tenth of the time.
    """
    if mallopt := _function("mallopt"):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


@cache
def _function(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
