"""Showing a turn: the card and what it cost, or one JSON object."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from lamha.device.turn import Event, Turn, Word
from lamha.models.errors import LamhaError, VoiceMissing


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """Where one turn's card and reply are written."""
    parser.add_argument("--png", type=Path, metavar="FILE", help="write the card as the glass shows it")
    parser.add_argument("--wav", type=Path, metavar="FILE", help="write the spoken reply")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that runs turns."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a turn")
    parser.add_argument(
        "--model", default="", metavar="NAME", help="language model (default: LAMHA_MODEL, or the small Qwen)"
    )
    parser.add_argument(
        "--threads",
        type=positive,
        default=0,
        metavar="N",
        help="threads of the language model (default: what is fastest here, see lamha doctor)",
    )
    parser.add_argument(
        "--server",
        default="",
        metavar="URL",
        help="let a server on your own network write answers (default: LAMHA_SERVER)",
    )


def add_languages(parser: argparse.ArgumentParser) -> None:
    """The option of every command that hears speech."""
    parser.add_argument(
        "--languages",
        default="",
        metavar="CODES",
        help="what is spoken: en, ar, zh, or several between commas, told apart (default: LAMHA_LANGUAGES,"
        " or all that this device can hear)",
    )


def say(line: str) -> None:
    """A line of the answer, to stdout."""
    print(line, flush=True)  # noqa: T201


def note(line: str) -> None:
    """A line that is not the answer, to stderr."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def finish(events: Iterable[Event]) -> Turn:
    """The turn at the end of its events; on a terminal its words are shown as they come."""
    with _live() as show_words:
        words = ""
        for event in events:
            if isinstance(event, Word):
                words += event.text
                show_words(words)
            elif isinstance(event, Turn):
                return event
    raise LamhaError("the turn ended without a reply")


@contextmanager
def _live() -> Iterator[Callable[[str], None]]:
    """Somewhere to show a text that grows and then gives way to the card; nowhere but on a terminal."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield lambda _text: None
        return
    from rich.live import Live
    from rich.text import Text

    with Live(transient=True, auto_refresh=False) as live:
        yield lambda text: live.update(Text(text, "dim"), refresh=True)


def show(turn: Turn, as_json: bool) -> None:
    """Print the turn: as a card with what it cost, or as one JSON object."""
    say(json.dumps(turn.as_json(), ensure_ascii=False) if as_json else as_card(turn))


def as_card(turn: Turn) -> str:
    """The card in a frame, with what the turn cost below it."""
    from lamha.device.hud import terminal

    return terminal.show(turn.reply.card, color=sys.stdout.isatty(), footer=costs(turn))


def costs(turn: Turn) -> str:
    """The timings and tokens of a turn in a line or two."""
    times, spent = turn.timings, turn.spent
    recognised = f"recognise {times.recognise:.0f} ms · " if turn.heard.seconds else ""
    rate = f" · {spent.tokens_per_second:.0f} tokens/s" if spent.tokens_per_second else ""
    return (
        f"{recognised}route {times.route:.0f} ms · first word {times.first_word:.0f} ms"
        f" · total {times.total:.0f} ms\n"
        f"{spent.tokens_in} tokens in · {spent.tokens_out} out{rate}"
    )


def write(turn: Turn, png: Path | None, wav: Path | None) -> None:
    """Write the card as a picture and the reply as speech, where a path is given."""
    if png:
        from lamha.device.hud import png as picture

        saving(png, lambda: _whole(png, lambda path: picture.save(turn.reply.card, path)))
    if wav:
        saving(wav, lambda: _speak(turn, wav))


def _speak(turn: Turn, path: Path) -> None:
    from lamha.device import audio
    from lamha.device.assistant import open_voice

    try:
        audio.write(path, open_voice().speak(turn.reply.speech))
    except VoiceMissing as error:
        note(f"lamha: not spoken: {error}")


def _whole(path: Path, save: Callable[[Path], None]) -> None:
    """The file appears once it is whole."""
    growing = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        save(growing)
        growing.replace(path)
    finally:
        growing.unlink(missing_ok=True)


def saving(path: Path, save: Callable[[], None]) -> None:
    """Write a file; LamhaError names it where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save()
    except LamhaError:
        raise
    except OSError as error:
        raise LamhaError(f"{path} cannot be written", str(error.strerror or error)) from error


class Counter:
    """Progress on stderr while the router learns its examples, the first time only."""

    def __call__(self, done: int, everything: int) -> None:
        """One line that is written over on a terminal; else one line at the end."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\rlearning the skills' examples {done}/{everything}")
            sys.stderr.write("\n" if done == everything else "")
            sys.stderr.flush()
        elif done == everything:
            note(f"learnt {everything} examples of the skills")


class Meter:
    """How loud the microphone is, as a bar on a terminal's stderr; elsewhere nothing is shown."""

    _QUIETEST, _WIDTH = -60.0, 30  # decibels below full scale; characters

    def __enter__(self) -> Self:
        return self

    def __call__(self, decibels: float) -> None:
        """Draw it."""
        if sys.stderr.isatty():
            share = min(1.0, max(0.0, 1 - decibels / self._QUIETEST))
            full = round(share * self._WIDTH)
            word = "too loud" if decibels > -1 else ""
            sys.stderr.write(f"\r\033[K{'█' * full}{'·' * (self._WIDTH - full)} {decibels:4.0f} dB {word}")
            sys.stderr.flush()

    def __exit__(self, *_: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")


def positive(text: str) -> int:
    """A number from 1 on, for an option."""
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return number
