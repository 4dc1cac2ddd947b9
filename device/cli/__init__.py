"""`lamha`: one small module a subcommand. Answers go to stdout, all else to stderr."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from lamha.device.cli import (
    ask,
    contacts,
    demo,
    doctor,
    listen,
    look,
    models,
    products,
    route,
    run,
    skills,
    wake,
)
from lamha.models.errors import LamhaError

INTERRUPTED = 130


def parse_args(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for; `func` is what does it."""
    parser = argparse.ArgumentParser(prog="lamha", description="An assistant that needs no network.")
    parser.add_argument("--version", action="version", version=f"lamha {version('lamha')}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (ask, listen, run, look, demo, models, skills, contacts, products, route, wake, doctor):
        module.add_parser(subparsers)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    try:
        namespace = parse_args(arguments)
        return int(namespace.func(namespace))
    except LamhaError as error:
        print(f"lamha: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        print("lamha: interrupted", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:  # `lamha … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
