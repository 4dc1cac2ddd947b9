"""`lamha wake train "PHRASE"`: another wake phrase; `lamha wake test FILE …`: where it is heard."""

import argparse
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    from lamha.device.cli import output

    parser = subparsers.add_parser("wake", help="the wake phrase", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="learn a phrase from synthetic voices; some minutes")
    train.add_argument("phrase", help="two to four words")
    train.add_argument(
        "--count", type=output.positive, default=120, metavar="N", help="how often people say it to learn it"
    )
    train.set_defaults(func=_train)
    test = commands.add_parser("test", help="where the phrase is heard in recordings")
    test.add_argument("files", nargs="+", type=Path, metavar="FILE")
    test.set_defaults(func=_test)
    reset = commands.add_parser("reset", help="back to “hey lamha”")
    reset.set_defaults(func=_reset)


def _train(options: argparse.Namespace) -> int:
    from rich.progress import Progress

    from lamha.device.assistant import wake_file
    from lamha.device.cli import output
    from lamha.models.speech.wake import Embedding
    from lamha.models.store import Store
    from lamha.models.training import wake

    embedding = Embedding(Store().path("speech-embedding"))
    with Progress(transient=True) as progress:
        task = progress.add_task("voices say it, and other things", total=None)
        head, marks = wake.train(
            options.phrase.lower(),
            embedding,
            wake.speakers(options.count),
            lambda done, every: progress.update(task, completed=done, total=every),
        )
    file = wake_file()
    output.saving(file, lambda: head.save(file))
    output.say(f"“{head.phrase}” is the wake phrase now")
    people = "" if marks.people is None else f"{marks.people:.0%} of those like people and "
    output.say(
        f"of voices that it had never heard it heard {people}"
        f"{marks.robots:.0%} of robots, in noise; in {60 * marks.hours:.0f} minutes of other speech it heard"
        f" itself {marks.false_accepts} times, and in {marks.nearly:.0%} of what is nearly the phrase"
    )
    return 0


def _test(options: argparse.Namespace) -> int:
    from lamha.device import audio
    from lamha.device.assistant import open_wake
    from lamha.device.cli import output
    from lamha.models.speech.vad import FRAME, RATE, frames

    waking = open_wake()
    for file in options.files:
        heard = waking.hears(frames([audio.read(file).samples]))
        times = [f"{number * FRAME / RATE:.1f} s" for number, yes in enumerate(heard) if yes]
        output.say(f"{file}: {', '.join(times) or 'not heard'}")
    return 0


def _reset(_: argparse.Namespace) -> int:
    from lamha.device.assistant import wake_file

    wake_file().unlink(missing_ok=True)
    return 0
