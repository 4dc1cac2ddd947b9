"""The device's own voice in rooms that are made up, and people who speak over it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from lamha.device import audio
from lamha.device.voice.echo import Echo
from lamha.models.errors import ModelMissing
from lamha.models.speech.endpoint import Began, endpoints
from lamha.models.speech.silero import Silero
from lamha.models.speech.vad import FRAME, RATE, Samples, frames
from lamha.models.store import Store

PLAYED = 24_000
START = 0.5
"""Seconds after which the reply begins."""


def syllables(seconds: float, pitch: float, rate: int = PLAYED) -> Samples:
    """Something like a voice: a hoarse buzz that swells, and glides."""
    dice, time = np.random.default_rng(int(pitch)), np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.2 * np.sin(2 * np.pi * 1.7 * time))) / rate
    buzz = sum(np.sin(tone * phase) / tone for tone in range(1, 20))
    swell = 0.15 + np.abs(np.sin(2 * np.pi * 1.3 * time + pitch))
    return (0.1 * (buzz + dice.normal(0, 0.7, len(time))) * swell).astype(np.float32)


def heard(
    reply: Samples, delay: float, gain: float = 0.3, other: Samples | None = None, at: float = 2.0
) -> Samples:
    """What a microphone hears of it in a room, with `other` from the second `at` on."""
    dice = np.random.default_rng(0)
    tail = round(0.2 * RATE)
    room = 0.06 * dice.standard_normal(tail) * np.exp(-6.9 * np.arange(tail) / tail)
    room[0] = 1
    echo = gain * np.convolve(soxr.resample(reply, PLAYED, RATE), room)
    sound = dice.normal(0, 0.002, round((START + 1.5) * RATE) + len(echo))
    first = round((START + delay) * RATE)
    sound[first : first + len(echo)] += echo
    if other is not None:
        sound[round(at * RATE) :][: len(other)] += other[: len(sound) - round(at * RATE)]
    return sound.astype(np.float32)


def own(reply: Samples, sound: Samples) -> Iterator[bool]:
    """What the gate says of each frame of `sound` while `reply` is played."""
    now = [0.0]
    echo = Echo(PLAYED, lambda: now[0])
    blocks = iter(np.array_split(reply, max(1, len(reply) // 480)))
    played = START
    for frame in frames([sound]):
        now[0] += FRAME / RATE
        while played <= now[0] and (block := next(blocks, None)) is not None:
            if block.any():  # nothing is played while the next sentence is made
                echo.plays(block)
            played += len(block) / PLAYED
        yield echo.hears(frame)


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.35])
@pytest.mark.parametrize("gain", [0.5, 0.1])
def test_its_own_voice_is_known(delay: float, gain: float) -> None:
    reply = syllables(4, 120)
    gated = list(own(reply, heard(reply, delay, gain)))
    first, last = (round((START + delay + more) * RATE / FRAME) + 1 for more in (0, 4))
    assert all(gated[first:last])


@pytest.mark.parametrize("level", [1.0, 0.4])
def test_who_speaks_over_it_is_heard(level: float) -> None:
    reply, other = syllables(4, 120), level * syllables(1.5, 210, RATE)
    gated = list(own(reply, heard(reply, 0.1, other=other)))
    first = round(2.0 * RATE / FRAME)
    assert all(gated[first - 20 : first])
    begun = "".join("x" if mine else "." for mine in gated[first : first + 12])
    assert "....." in begun  # which is long enough to begin


def test_where_nothing_is_played_nothing_is_gated() -> None:
    assert not any(own(np.zeros(0, np.float32), syllables(2, 200, RATE)))


def test_after_a_pause_it_is_known_again() -> None:
    reply = np.concatenate((syllables(1.5, 120), np.zeros(PLAYED, np.float32), syllables(1.5, 150)))
    gated = list(own(reply, heard(reply, 0.1)))
    again = round((START + 2.6) * RATE / FRAME) + 1
    assert all(gated[again : again + 45])


@given(st.lists(st.integers(0, 2000), max_size=8), st.integers(0, 9))
def test_any_blocks(sizes: list[int], frames_: int) -> None:
    now = iter(range(1000))
    echo = Echo(PLAYED, lambda: next(now) / 10)
    for size in sizes:
        echo.plays(np.full(size, 0.1, np.float32))
    for _ in range(frames_):
        assert echo.hears(np.zeros(FRAME, np.float32)) in (True, False)


@pytest.mark.model
@pytest.mark.parametrize("delay", [0.03, 0.3])
def test_a_real_reply_does_not_interrupt_itself_and_a_person_does(delay: float, data: Path) -> None:
    try:
        silero = Silero(Store().path("silero-vad"))
    except ModelMissing as error:
        pytest.skip(str(error))
    # A recording is the reply, since Piper never says a sentence twice in the same way.
    reply = audio.read(data / "speech/beckett.wav").at(PLAYED).samples[: 6 * PLAYED]

    def begins(sound: Samples, gate: Callable[[Samples], Iterator[bool]]) -> list[int]:
        speech = silero.probabilities(frames([sound]))
        rest = (0.0 if mine else likely for likely, mine in zip(speech, gate(sound), strict=True))
        return [number for number, item in enumerate(endpoints(rest)) if isinstance(item, Began)]

    def open_to_all(sound: Samples) -> Iterator[bool]:
        return (False for _ in frames([sound]))

    alone = heard(reply, delay)
    assert begins(alone, open_to_all)
    assert not begins(alone, lambda sound: own(reply, sound))
    person = audio.read(data / "speech/office-lights/00.wav").samples
    (late,) = begins(heard(reply, delay, other=person), lambda sound: own(reply, sound))[:1]
    quiet = np.concatenate((np.zeros(2 * RATE, np.float32), person))
    (soon,) = begins(quiet, open_to_all)[:1]
    assert late - soon <= 5  # frames: 160 ms
