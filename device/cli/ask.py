"""`lamha ask TEXT`: one turn from typed words; `-` reads a command a line from stdin."""

import argparse
import sys
from collections.abc import Iterable


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    from lamha.device.cli.output import add_file_options, add_options

    parser = subparsers.add_parser("ask", help="run one command from words", description=__doc__)
    parser.add_argument("text", nargs="+", help="what the wearer says; - reads a command a line from stdin")
    add_options(parser)
    add_file_options(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Run a turn for each command."""
    from lamha.device.assistant import open_session
    from lamha.device.cli import output

    with open_session(options.model, options.threads, output.Counter(), server=options.server) as session:
        for command in _commands(options.text):
            turn = output.finish(session.ask(command))
            output.show(turn, options.json)
            output.write(turn, options.png, options.wav)
    return 0


def _commands(words: list[str]) -> Iterable[str]:
    if words != ["-"]:
        return [_whole(" ".join(words))]
    return (_whole(line.decode(errors="replace").strip()) for line in sys.stdin.buffer if line.strip())


def _whole(text: str) -> str:
    """Bytes that are no UTF-8 reach a program as half characters, which can be neither kept nor shown."""
    return text.encode(errors="replace").decode()
