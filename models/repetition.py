"""Decoders in a loop: a small model sometimes says one phrase over and over."""

from collections.abc import Sequence


def looping(tokens: Sequence[int], *, longest: int, rounds: int, least: int) -> int:
    """How many tokens at the end only repeat a phrase of at most `longest` tokens before them; mostly 0.

    It is a loop after `rounds` rounds of the phrase that are at least `least` tokens together.
    """
    for size in range(1, min(longest, len(tokens) // rounds) + 1):
        length = max(rounds, -(-least // size)) * size
        tail = tokens[-length:]
        if len(tail) == length and tail[size:] == tail[:-size]:
            return length - size
    return 0
