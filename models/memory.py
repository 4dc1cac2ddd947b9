"""Keeping the process small on a device that has little."""

import ctypes
from functools import cache
from typing import Any


def give_back() -> None:
    """Return freed memory to the system; worth a call after a model was loaded or an utterance heard.

    Loading and recognising free large blocks that glibc keeps: 40 MB of 300 with all speech loaded.
    """
    trim = _malloc_trim()
    if trim:
        trim(0)


@cache
def _malloc_trim() -> Any:
    """glibc's function, or None with another C library."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
