"""`lamha contacts add NAME | list`: whom a message can be for."""

import argparse
import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lamha.models.errors import LamhaError

if TYPE_CHECKING:
    from lamha.skills.storage import Contact


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser("contacts", help="whom a message can be for", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    adding = commands.add_parser("add", help="add a contact")
    adding.add_argument("name", help="the name that is shown")
    adding.add_argument(
        "--alias",
        action="append",
        default=[],
        metavar="NAME",
        help="another way to say it, in any script; may be given again",
    )
    adding.add_argument("--phone", default="", metavar="NUMBER")
    adding.set_defaults(func=add)
    listing = commands.add_parser("list", help="all contacts")
    listing.set_defaults(func=show)
    for command in (adding, listing):
        command.add_argument("--json", action="store_true", help="print one JSON object a contact")


def add(options: argparse.Namespace) -> int:
    """Keep a contact."""
    from lamha.device.assistant import database
    from lamha.skills.storage import Storage

    name = options.name.strip()
    if not any(map(str.isalnum, name)):
        raise LamhaError("a contact needs a name", "give one that can be said")
    with Storage(database()) as storage:
        _print([storage.add_contact(name, options.alias, options.phone)], options.json)
    return 0


def show(options: argparse.Namespace) -> int:
    """Print all contacts."""
    from lamha.device.assistant import database
    from lamha.skills.storage import Storage

    with Storage(database()) as storage:
        _print(storage.contacts(), options.json)
    return 0


def _print(contacts: Sequence["Contact"], as_json: bool) -> None:
    from lamha.device.cli.output import say

    for contact in contacts:
        if as_json:
            say(json.dumps(dataclasses.asdict(contact), ensure_ascii=False))
        else:
            say("  ".join(filter(None, (contact.name, contact.phone, ", ".join(contact.aliases)))))
