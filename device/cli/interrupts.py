"""Ctrl-C at any moment, also while llama.cpp calls back into Python."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN = 0.02  # seconds


@contextmanager
def delivered() -> Iterator[None]:
    """Within, a KeyboardInterrupt that Python can only report and drop is raised again a little later.

    An exception cannot leave a callback from C, such as the log of a model that is being loaded.
    """
    before, alarm = sys.unraisablehook, signal.signal(signal.SIGALRM, signal.default_int_handler)

    def hook(dropped: "UnraisableHookArgs", /) -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            before(dropped)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)
        sys.unraisablehook = before
