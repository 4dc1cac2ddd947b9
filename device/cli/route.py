"""`lamha route --tools FILE.json`: which tools an utterance calls; utterances one a line from stdin."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "route", help="turn utterances into calls of any tools", description=__doc__
    )
    parser.add_argument(
        "--tools", type=Path, required=True, help='JSON: a list of {"name", "description", "parameters"}'
    )
    parser.add_argument("--contacts", nargs="*", help="names; by default the wearer's own contacts")
    parser.add_argument("--now", type=_moment, help="the time, ISO 8601; by default that of this device")
    parser.add_argument("--dialogue", action="store_true", help="later lines may continue earlier ones")
    parser.add_argument("--model", default="", help="a language model of the catalogue")
    parser.add_argument("--threads", type=int, default=0, help="0 is as many as are fastest here")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Print one JSON object a line: calls, a question back, a refusal, and how sure."""
    from lamha.device.assistant import open_decider
    from lamha.device.cli.output import say
    from lamha.device.session import local_now
    from lamha.skills.dialogue import Dialogue

    with open_decider(read(options.tools), options.contacts, options.model, options.threads) as decider:
        dialogue = Dialogue(decider) if options.dialogue else None
        for line in _lines():
            decision = (dialogue or decider).decide(line, options.now or local_now())
            say(json.dumps(decision.as_json(), ensure_ascii=False))
            sys.stdout.flush()
    return 0


def read(path: Path) -> Any:
    """The tools of a file; `ToolsBroken` where there are none to read."""
    from lamha.models.errors import ToolsBroken

    try:
        return json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ToolsBroken(f"{path} cannot be read ({error.strerror})", "name a JSON file") from error
    except (ValueError, RecursionError) as error:
        raise ToolsBroken(f"{path} is no JSON ({error})", "give a list of tools") from error


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode(errors="replace").rstrip("\r\n")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.astimezone()
