"""`lamha skills list`: what can be said, and what each action needs."""

import argparse
import json


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser("skills", help="what lamha can do", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="all actions of all installed skills")
    listing.add_argument("--json", action="store_true", help="print one JSON object an action")
    listing.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Print every action with its parameters and an example."""
    from lamha.device.cli.output import say
    from lamha.skills import registry
    from lamha.skills.examples import plain

    for name, action in registry.actions(registry.discover()).items():
        examples = [plain(example) for example in action.examples]
        if options.json:
            needs = {p.name: p.kind for p in action.parameters}
            about = {
                "action": name,
                "description": action.description,
                "parameters": needs,
                "examples": examples,
            }
            say(json.dumps(about, ensure_ascii=False))
        else:
            say(
                f"{name:<22}{action.description}\n{'':<22}“{examples[0]}”"
                if examples
                else f"{name:<22}{action.description}"
            )
    return 0
