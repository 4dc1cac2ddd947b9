"""`lamha look [PHOTO] [QUESTION]`: what is this, and what does its label say?"""

import argparse
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamha.skills.api import Mind


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    from lamha.device.cli.output import add_file_options, add_options

    parser = subparsers.add_parser("look", help="say what a photo shows", description=__doc__)
    parser.add_argument(
        "photo", nargs="?", default="", metavar="PHOTO", help="a picture, a folder whose newest counts, or a"
        " camera's number (default: LAMHA_CAMERA, or camera 0)"
    )  # fmt: skip
    parser.add_argument(
        "question", nargs="?", default="", metavar="QUESTION", help="such as “is this vegan?”"
    )
    add_options(parser)
    add_file_options(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Look once; a question that code can answer needs no language model."""
    from lamha.device.assistant import database, open_sight
    from lamha.device.cli import output
    from lamha.device.looking import LateMind, looked
    from lamha.skills.storage import Storage

    def opening(stack: ExitStack) -> "Mind":
        return _mind(stack, options, question)

    question = options.question.strip()
    with Storage(database()) as storage, LateMind(opening) as mind:
        turn = looked(question, open_sight(options.photo), storage, mind)
    output.show(turn, options.json)
    output.write(turn, options.png, options.wav)
    return 0 if turn.reply.card.kind != "error" else 1


def _mind(stack: ExitStack, options: argparse.Namespace, question: str) -> "Mind":
    from threading import Event

    from lamha.device.assistant import model_name
    from lamha.models.llm.engine import Settings, Threads
    from lamha.models.llm.model import LanguageModel
    from lamha.models.store import Store
    from lamha.skills.mind import TurnMind
    from lamha.skills.router import SYSTEM

    count = options.threads or 1
    path = Store().path(options.model or model_name())
    model = stack.enter_context(LanguageModel(path, Settings(threads=Threads(count, count))))
    return TurnMind(model, stack.enter_context(model.read(question, SYSTEM)), Event())
