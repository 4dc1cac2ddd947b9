from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.errors import AudioUnreadable
from lamha.models.speech.audio import Audio
from lamha.models.speech.vad import (
    FRAME,
    RATE,
    Gate,
    Samples,
    Segment,
    frames,
    pieces,
    segments,
    speech_only,
    voiced,
)

LOUD, QUIET = 0.9, 0.1
EXACT = Gate(shortest=0.032, padding=0, silence=0.32)
probabilities = st.lists(st.floats(0, 1), max_size=400)
gates = st.builds(
    Gate,
    start=st.floats(0.4, 0.9),
    stop=st.floats(0.1, 0.4),
    shortest=st.floats(0, 0.3),
    silence=st.floats(0.05, 1),
    padding=st.floats(0, 0.5),
    longest=st.floats(0.5, 3),
)


class Loudness:
    """Hears speech wherever a frame is not quiet."""

    def probabilities(self, frames: Iterable[Samples]) -> Iterator[float]:
        return (LOUD if np.abs(frame).max() > 0.1 else QUIET for frame in frames)


def seconds(segment: Segment) -> tuple[float, float]:
    return segment.start / RATE, segment.stop / RATE


def sound(*parts: tuple[float, float]) -> Audio:
    return Audio(np.concatenate([np.full(round(s * RATE), level, np.float32) for s, level in parts]))


def test_silence_has_no_segments() -> None:
    assert not list(segments([QUIET] * 100))
    assert not list(segments([]))


def test_a_click_is_not_speech() -> None:
    assert not list(segments([QUIET] * 20 + [LOUD] * 2 + [QUIET] * 40))


def test_speech_lasts_while_it_stays_above_the_lower_bound() -> None:
    assert list(voiced([0.4, 0.6, 0.4, 0.3, 0.4, 0.5], Gate())) == [False, True, True, False, False, True]


def test_padding_reaches_back_but_not_before_the_beginning() -> None:
    late, early = [QUIET] * 50 + [LOUD] * 50, [QUIET] * 2 + [LOUD] * 50
    assert [s.start // FRAME for s in segments(late)] == [50 - 8]
    assert [s.start // FRAME for s in segments(early)] == [0]


def test_a_short_pause_does_not_end_a_segment_and_a_long_one_does() -> None:
    speech = [LOUD] * 10
    assert len(list(segments([*speech, *[QUIET] * 9, *speech], EXACT))) == 1
    assert len(list(segments([*speech, *[QUIET] * 10, *speech], EXACT))) == 2


def test_a_segment_is_given_as_soon_as_it_has_ended() -> None:
    def endless() -> Iterator[float]:
        yield from [LOUD] * 20 + [QUIET] * 10
        pytest.fail("asked for more than it needed")

    assert next(segments(endless(), EXACT)) == Segment(0, 20 * FRAME)


def test_what_is_too_long_is_cut_in_its_last_pause() -> None:
    gate = Gate(longest=100 * FRAME / RATE, padding=1)
    found = list(segments([LOUD] * 60 + [QUIET] * 6 + [LOUD] * 60, gate))
    assert [(s.start // FRAME, s.stop // FRAME) for s in found] == [(0, 63), (63, 126)]


def test_what_has_no_pause_is_cut_without_losing_a_frame() -> None:
    found = list(segments([LOUD] * 250, Gate(longest=100 * FRAME / RATE)))
    assert [(s.start // FRAME, s.stop // FRAME) for s in found] == [(0, 100), (100, 200), (200, 250)]


@given(probabilities, gates)
def test_segments_are_ordered_apart_bounded_and_inside(heard: list[float], gate: Gate) -> None:
    found = list(segments(heard, gate))
    edges = [0, *(edge for s in found for edge in (s.start, s.stop)), len(heard) * FRAME]
    assert edges == sorted(edges)
    longest = (gate.longest + 2 * gate.padding) * RATE + 4 * FRAME
    assert all(FRAME <= s.stop - s.start <= longest for s in found)


@given(probabilities, gates)
def test_every_long_run_of_speech_is_covered(heard: list[float], gate: Gate) -> None:
    covered = np.zeros(len(heard), bool)
    for s in segments(heard, gate):
        covered[s.start // FRAME : s.stop // FRAME] = True
    loud = [p >= gate.start for p in heard]
    longest_lost = max((len(run) for run in runs(loud, covered)), default=0)
    assert longest_lost * FRAME <= gate.shortest * RATE + FRAME


@given(probabilities, gates)
def test_segments_do_not_depend_on_what_comes_later(heard: list[float], gate: Gate) -> None:
    whole = list(segments(heard, gate))
    for cut in range(0, len(heard), 37):
        ended = list(segments(heard[:cut], gate))[:-1]
        assert ended == whole[: len(ended)]


def runs(loud: list[bool], covered: np.ndarray) -> Iterator[list[int]]:
    """Neighbouring frames that are loud and lie in no segment."""
    run: list[int] = []
    for i, lost in enumerate(x and not c for x, c in zip(loud, covered, strict=True)):
        run = [*run, i] if lost else []
        yield run


@given(st.lists(st.integers(0, 1500), max_size=8))
def test_frames_keep_every_sample_in_order(sizes: list[int]) -> None:
    everything = np.arange(sum(sizes), dtype=np.float32)
    chunks = np.split(everything, np.cumsum(sizes)[:-1]) if sizes else []
    made = list(frames(chunks))
    assert all(frame.shape == (FRAME,) and frame.dtype == np.float32 for frame in made)
    joined = np.concatenate(made) if made else np.zeros(0, np.float32)
    assert np.array_equal(joined[: len(everything)], everything)
    assert not joined[len(everything) :].any()
    assert len(joined) - len(everything) < FRAME


def test_pieces_are_what_is_spoken() -> None:
    found = pieces(sound((1, 0), (1, 0.5), (2, 0), (0.5, 0.5)), Loudness())
    assert [round(piece.seconds, 1) for piece in found] == [1.5, 0.8]


def test_pieces_of_another_rate_are_resampled() -> None:
    (piece,) = pieces(Audio(np.full(48_000, 0.5, np.float32), 48_000), Loudness())
    assert (piece.rate, piece.seconds) == (16_000, 1.0)


def test_speech_only_leaves_long_pauses_out() -> None:
    assert speech_only(sound((3, 0), (1, 0.5), (3, 0), (1, 0.5)), Loudness()).seconds < 3.5


def test_speech_only_says_where_nobody_speaks() -> None:
    with pytest.raises(AudioUnreadable, match=r"no speech was found in hum\.wav"):
        speech_only(sound((2, 0)), Loudness(), "hum.wav")
    with pytest.raises(AudioUnreadable):
        speech_only(sound((0, 0)), Loudness())
