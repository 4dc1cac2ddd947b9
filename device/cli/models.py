"""lamha models: what is on the device, and what can be brought to it."""

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lamha.device.cli import quantise

if TYPE_CHECKING:
    from lamha.models.fetch import Progress, Step
    from lamha.models.store import Held, Store

_PROFILES = ("glasses", "phone", "dev")


def add_parser(subparsers: Any) -> None:
    """Register `lamha models` and its own subcommands."""
    parser = subparsers.add_parser("models", help="list, pull, verify, import and remove models")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add(actions, "list", _list, "every model that is known, here or not")
    pull = _add(actions, "pull", _pull, "download models")
    pull.add_argument("names", nargs="*", metavar="NAME", help="default: the profile glasses")
    pull.add_argument("--profile", choices=_PROFILES, help="everything that such a device needs")
    verify = _add(actions, "verify", _verify, "hash the files again; exit code 1 if one is not right")
    verify.add_argument("names", nargs="*", metavar="NAME", help="default: all that are here")
    bring = _add(actions, "import", _import, "copy models from a file or folder")
    bring.add_argument("path", type=Path, metavar="PATH")
    remove = _add(actions, "remove", _remove, "delete models from this device")
    remove.add_argument("names", nargs="+", metavar="NAME")
    quantise.add_options(
        _add(
            actions,
            "quantise",
            quantise.run,
            "make a coarser, faster copy; exit code 1 if none is good enough",
        )
    )
    path = _add(actions, "path", _path, "where a model is")
    path.add_argument("name", metavar="NAME")


def run(ns: argparse.Namespace) -> int:
    """Do what the command line asks; the answer goes to stdout."""
    from lamha.models.store import Store

    code: int = ns.act(Store(), ns)
    return code


def _add(
    actions: Any, name: str, act: Callable[["Store", argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(func=run, act=act)
    return parser


def _list(store: "Store", ns: argparse.Namespace) -> int:
    held = store.list()
    if ns.json:
        for each in held:
            _say(json.dumps(_as_dict(each), ensure_ascii=False))
        return 0
    rows = [_row(each) for each in held]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        _say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _pull(store: "Store", ns: argparse.Namespace) -> int:
    from lamha.models import catalog

    profile = ns.profile or ("" if ns.names else "glasses")
    names = list(dict.fromkeys([*ns.names, *(catalog.profile(profile) if profile else ())]))
    with _progress() as progress:
        store.pull(names, progress)
    for name in names:
        path = str(store.path(name))
        _say(json.dumps({"name": name, "path": path}) if ns.json else path)
    return 0


def _verify(store: "Store", ns: argparse.Namespace) -> int:
    checks = store.verify(ns.names)
    for check in checks:
        table = {"name": check.model, "file": check.file, "state": check.state}
        _say(json.dumps(table) if ns.json else f"{check.state:<10}  {check.model}  {check.file}")
    return int(any(check.state in ("broken", "missing") for check in checks))


def _import(store: "Store", ns: argparse.Namespace) -> int:
    for path in store.import_path(ns.path):
        _say(json.dumps({"name": path.parent.name, "path": str(path)}) if ns.json else str(path))
    return 0


def _remove(store: "Store", ns: argparse.Namespace) -> int:
    from lamha.models.files import megabytes

    freed = store.remove(ns.names)
    _say(json.dumps({"removed": ns.names, "freed": freed}) if ns.json else f"{megabytes(freed)} freed")
    return 0


def _path(store: "Store", ns: argparse.Namespace) -> int:
    path = str(store.path(ns.name))
    _say(json.dumps({"name": ns.name, "path": path}) if ns.json else path)
    return 0


def _row(held: "Held") -> tuple[str, ...]:
    from lamha.models.files import megabytes

    entry = held.entry
    size = megabytes(entry.size).rjust(10) if entry.size else "?".rjust(10)
    trust = "" if entry.verified else "unverified"
    return entry.name, entry.kind, size, held.state, trust, entry.licence, entry.summary


def _as_dict(held: "Held") -> dict[str, object]:
    entry = held.entry
    return {
        "name": entry.name,
        "kind": entry.kind,
        "state": held.state,
        "verified": entry.verified,
        "size": entry.size,
        "on_disk": held.bytes,
        "licence": entry.licence,
        "languages": entry.languages,
        "profiles": entry.profiles,
        "summary": entry.summary,
    }


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


@contextlib.contextmanager
def _progress() -> "Iterator[Progress]":
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with _bars(console) as show:
            yield show
    else:
        yield _mention


def _mention(step: "Step") -> None:
    if step.state == "ready":
        sys.stderr.write(f"{step.model}: {step.file} is here\n")


@contextlib.contextmanager
def _bars(console: Any) -> "Iterator[Progress]":
    from rich import progress as rich

    columns = (rich.TextColumn("{task.description}"), rich.BarColumn(), rich.DownloadColumn())
    tasks: dict[tuple[str, str], rich.TaskID] = {}
    with rich.Progress(*columns, rich.TimeRemainingColumn(), console=console) as bars:

        def show(step: "Step") -> None:
            key = (step.model, step.file)
            if key not in tasks:
                tasks[key] = bars.add_task(step.file, total=None)
            bars.update(tasks[key], completed=step.done, total=step.total or None)

        yield show
