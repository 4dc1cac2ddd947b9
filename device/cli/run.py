"""`lamha run`: always listening; `--source FILE` hears a recording instead of the microphone."""

import argparse
import json
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what shows a turn is loaded when there is one
    from lamha.device.turn import Turn
    from lamha.device.voice.latency import Latency
    from lamha.device.voice.sources import Source
    from lamha.device.voice.speakers import Speaker
    from lamha.device.voice.states import Mode
    from lamha.models.speech.vad import Samples
    from lamha.skills.api import Card


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    from lamha.device.cli.output import add_languages, add_options

    parser = subparsers.add_parser(
        "run", help="listen, act and answer until you stop it", description=__doc__
    )
    add_options(parser)
    parser.add_argument("--source", type=Path, metavar="FILE", help="hear a recording, not the microphone")
    parser.add_argument("--realtime", action="store_true", help="hear it as slowly as it was spoken")
    parser.add_argument(
        "--wake",
        action=argparse.BooleanOptionalAction,
        help="wait for the wake phrase before each command (default: from a microphone yes, from FILE no)",
    )
    parser.add_argument("--mic", default="", metavar="NAME", help="the microphone whose name holds this")
    parser.add_argument("--speaker", default="", metavar="NAME", help="likewise the loudspeaker")
    add_languages(parser)
    parser.add_argument("--wav", type=Path, metavar="FILE", help="write what is spoken, and play nothing")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Listen until the recording ends or the wearer interrupts."""
    from lamha.device.assistant import open_ears, open_session, open_voice, open_wake
    from lamha.device.cli import output
    from lamha.device.voice.echo import Echo
    from lamha.device.voice.loop import Loop
    from lamha.device.voice.parts import Parts
    from lamha.device.voice.speakers import RATE, Recorder

    echo = Echo(RATE)
    display = Terminal(options.json)
    source, speaker = _source(options, display), _speaker(options, echo.plays)
    waking = open_wake() if _is_called(options) else None
    ears, activity = open_ears(options.languages)
    with open_session(options.model, options.threads, output.Counter(), server=options.server) as session:
        ears.vocabulary = session.vocabulary
        parts = Parts(
            activity,
            ears,
            session,
            open_voice(),
            speaker,
            display,
            waking=waking,
            own=echo,
            preparing=ears.warming(),
        )
        loop = Loop(source, parts)
        with _keys(loop.tap):
            called = f"say “{waking.phrase}”, or press Enter; " if waking else "Enter interrupts, "
            output.note(f"listening … ({called}Ctrl-C ends)")
            loop.run()
    if options.wav and isinstance(speaker, Recorder):
        output.saving(options.wav, lambda: speaker.save(options.wav))
    return 0


def _is_called(options: argparse.Namespace) -> bool:
    return not options.source if options.wake is None else bool(options.wake)


def _source(options: argparse.Namespace, display: "Terminal") -> "Source":
    from lamha.device.voice.notices import notice
    from lamha.device.voice.sources import FileSource, Microphone

    if options.source:
        return FileSource(options.source, options.realtime)
    return Microphone(options.mic, told=lambda name: display.card(notice(name, "en")))


def _speaker(options: argparse.Namespace, told: "Callable[[Samples], None]") -> "Speaker":
    from lamha.device.voice.speakers import Loudspeaker, Recorder

    silent = options.wav or options.source
    if silent:  # nobody can hear it, and so the microphone cannot
        return Recorder(not options.source or options.realtime)
    return Loudspeaker(options.speaker, told)


@contextmanager
def _keys(tap: Callable[[], None]) -> Iterator[None]:
    """While it listens, Enter on a terminal is the button of the glasses."""
    over = Event()
    thread = Thread(target=_taps, args=(tap, over), name="lamha-keys")
    if sys.stdin.isatty():
        thread.start()
    try:
        yield
    finally:
        over.set()
        if thread.is_alive():
            thread.join()


def _taps(tap: Callable[[], None], over: Event) -> None:
    while not over.is_set():
        ready, _, _ = select.select([sys.stdin], [], [], 0.1)
        if ready:
            if not sys.stdin.readline():
                return
            tap()


class Terminal:
    """Cards as they come; what is heard so far on a terminal only."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def mode(self, mode: "Mode") -> None:
        """Nothing: the cards say enough."""

    def partial(self, text: str) -> None:
        """On one line that is written over."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{text[-100:]}")
            sys.stderr.flush()

    def card(self, card: "Card") -> None:
        """A card of the loop's own."""
        from dataclasses import asdict

        from lamha.device.cli import output
        from lamha.device.hud import terminal

        shown = terminal.show(card, color=sys.stdout.isatty(), footer="")
        output.say(json.dumps({"card": asdict(card)}, ensure_ascii=False) if self._as_json else shown)

    def turn(self, turn: "Turn") -> None:
        """What was heard and what was answered."""
        from lamha.device.cli import output

        if not self._as_json:
            output.say(f"“{turn.heard.text}”")
        output.show(turn, self._as_json)

    def latency(self, latency: "Latency") -> None:
        """How long it took to the first sound."""
        from lamha.device.cli import output

        output.note(
            f"after the last sound: end {latency.ended:.0f} ms · text {latency.text:.0f}"
            f" · routed {latency.routed:.0f} · first word {latency.first_word:.0f}"
            f" · first sound {latency.first_sound:.0f}"
        )
