"""`lamha demo`: the whole path on the real model, in three languages; pictures and speech go to a folder."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lamha.device.session import Session
    from lamha.device.turn import Turn

RECORDING = Path("examples/remind-me-in-ten-minutes.wav")
COMMANDS = (
    ("message", "Tell Sara I'm ten minutes late"),
    ("translate", "How do you say thank you in Chinese?"),
    ("ask", "What is the capital of Japan?"),
    ("reminder-arabic", "ذكرني غدا الساعة السابعة أن أتصل بسارة"),
    ("message-chinese", "告诉小李我晚到十分钟"),
    ("reminders", "What are my reminders?"),
    ("refusal", "Turn on the lights"),
)
CONTACTS = (("Sara", ("سارة", "莎拉")), ("小李", ("Xiao Li", "شياو لي")))
NEXT = """
Cards are in {folder}/*.png, spoken replies in {folder}/*.wav. Try next:
  .venv/bin/lamha ask "Remind me tomorrow at nine to water the plants"
  .venv/bin/lamha contacts add Sara --alias سارة
  .venv/bin/lamha listen recording.wav      (or --mic)
  .venv/bin/lamha skills list
  .venv/bin/python -m lamha.benchmarks.turn"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    from lamha.device.cli.output import add_options

    parser = subparsers.add_parser("demo", help="eight commands through the whole path", description=__doc__)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("out"),
        metavar="FOLDER",
        help="for pictures and speech (default: out)",
    )
    parser.add_argument(
        "--recording", type=Path, default=RECORDING, metavar="FILE", help="the spoken command"
    )
    add_options(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Run all commands with contacts of its own; the wearer's data is not touched."""
    from tempfile import TemporaryDirectory

    from lamha.device.assistant import open_session
    from lamha.device.cli import output

    with TemporaryDirectory(prefix="lamha-demo-") as folder:
        kept = Path(folder) / "demo.db"
        _add_contacts(kept)
        with open_session(options.model, options.threads, output.Counter(), kept, options.server) as session:
            for number, (name, said, turn) in enumerate(_turns(session, options.recording), 1):
                if not options.json:
                    output.say(f"\n{said}")
                output.show(turn, options.json)
                stem = options.out / f"{number}-{name}"
                output.write(turn, stem.with_suffix(".png"), stem.with_suffix(".wav"))
    if not options.json:
        output.say(NEXT.format(folder=options.out))
    return 0


def _turns(session: "Session", recording: Path) -> "Iterator[tuple[str, str, Turn]]":
    from lamha.device import audio
    from lamha.device.assistant import open_ears
    from lamha.device.cli import output
    from lamha.models.speech.vad import speech_only

    ears, activity = open_ears("en")
    transcript = ears.transcribe(speech_only(audio.read(recording), activity, recording.name))
    turn = output.finish(session.hear(transcript))
    yield "reminder-spoken", f"{recording} → “{transcript.text}”", turn
    for name, text in COMMANDS:
        yield name, f"“{text}”", output.finish(session.ask(text))


def _add_contacts(kept: Path) -> None:
    from lamha.skills.storage import Storage

    with Storage(kept) as storage:
        for name, aliases in CONTACTS:
            storage.add_contact(name, aliases)
