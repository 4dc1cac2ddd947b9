"""`lamha doctor`: what this board can do, how fast its model is, and what would make it better."""

import argparse
import dataclasses
import json
import math
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamha.device.board import Board
    from lamha.device.board.findings import Examined, Finding, Model
    from lamha.device.board.kernels import Kernels
    from lamha.models.llm.calibration import Calibration

_WIDTH = 9


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser("doctor", help="how fast this device is, and why", description=__doc__)
    parser.add_argument(
        "--model", default="", metavar="NAME", help="language model (default: LAMHA_MODEL, or the small Qwen)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--quick", action="store_true", help="load no model: facts, and what was measured before"
    )
    how.add_argument("--again", action="store_true", help="measure even if that was done before")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Print one page. What it finds is no failure of the doctor: the exit code is 0."""
    from lamha.device import board
    from lamha.device.assistant import model_name
    from lamha.device.cli.output import say

    here = board.read()
    examined = _examine(here, options.model or model_name(), options.quick, options.again)
    if options.json:
        say(json.dumps(_as_json(examined), ensure_ascii=False))
    else:
        for line in page(examined):
            say(line)
    return 0


def _examine(board: "Board", name: str, quick: bool, again: bool) -> "Examined":
    from lamha.device.board.findings import Examined
    from lamha.device.board.kernels import kernels
    from lamha.models.errors import ModelMissing
    from lamha.models.llm.library import library
    from lamha.models.store import Store

    built = kernels(library().llama_print_system_info().decode(errors="replace"), board.features)
    store = Store()
    size = store.find(name).size
    model = _model(name, size, board)
    with suppress(ModelMissing):
        path = store.path(name)
        model = dataclasses.replace(model, here=True, file=path.name, size=path.stat().st_size)
        if quick:
            return Examined(board, built, model, _kept(board, path))
        return _measured(Examined(board, built, model), path, again)
    return Examined(board, built, model)


def _model(name: str, size: int, board: "Board") -> "Model":
    from lamha.device.board.findings import BESIDE, Model
    from lamha.models import catalog

    entries = [entry for entry in catalog.load().values() if entry.kind == "llm" and entry.verified]
    fitting = [e for e in entries if e.size < size and e.size + BESIDE < (board.free or 0)]
    smaller = max(fitting, key=lambda entry: entry.size, default=None)
    return Model(name, size=size, smaller=smaller.name if smaller else "")


def _kept(board: "Board", path: Path) -> "Calibration | None":
    from lamha.device.board.tuning import boards_dir
    from lamha.models.llm.calibration import kept
    from lamha.models.llm.weights import fingerprint

    return kept(boards_dir(), board.key, fingerprint(path))


def _measured(examined: "Examined", path: Path, again: bool) -> "Examined":
    """With the model loaded; what keeps it from being loaded is a finding too."""
    from lamha.device.board.kernels import quantisation
    from lamha.device.board.processes import busiest
    from lamha.device.board.tuning import stored_or_new
    from lamha.models.errors import LamhaError
    from lamha.models.llm.branch import Pool
    from lamha.models.llm.engine import Engine, Settings

    try:
        with Engine(path, Settings(context=512, sequences=4)) as engine:
            kind = quantisation(engine.metadata("general.file_type"))
            model = dataclasses.replace(examined.model, quantised=kind)
            pool = Pool(engine)
            kept = _kept(examined.board, path)
            again = again or bool(kept and kept.busy)  # what a busy moment spoilt
            done = stored_or_new(pool, examined.board, _Counter(), again)
    except LamhaError as error:
        model = dataclasses.replace(examined.model, trouble=(error.message, error.hint))
        return dataclasses.replace(examined, model=model)
    others = busiest() if done.busy else ()
    return dataclasses.replace(examined, model=model, calibration=done, others=others)


class _Counter:
    """Progress on stderr, where somebody is looking."""

    def __call__(self, done: int, everything: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\rmeasuring {done}/{everything}" if done < everything else "\r\033[K")
            sys.stderr.flush()


def page(examined: "Examined") -> Iterator[str]:
    """The lines for a person: facts, the table of what was measured, what to do."""
    from lamha.device.board.findings import findings

    for name, text in _facts(examined):
        yield f"{name:<{_WIDTH}}{text}"
    yield ""
    yield from _table(examined.calibration)
    yield ""
    for finding in findings(examined):
        yield from _as_lines(finding)


def _facts(examined: "Examined") -> Iterator[tuple[str, str]]:
    board = examined.board
    cores = " + ".join(map(str, board.clusters)) or "unknown"
    limit = f", {board.quota:g} of them for this container" if board.quota < math.inf else ""
    yield "Board", board.name or "unknown"
    yield "CPU", f"{board.processor}: {cores}{limit}" if board.processor else f"{cores}{limit}"
    yield "", ", ".join(sorted(board.features)) or "features unknown"
    yield "Memory", f"{_gigabytes(board.memory)}, {_gigabytes(board.free)} free"
    yield "Power", _power(board)
    yield "Heat", _heat(board)
    yield "Model", _about(examined.model)
    yield "Kernels", _built(examined.kernels)


def _gigabytes(size: int | None) -> str:
    return f"{size / 1e9:.1f} GB" if size else "unknown"


def _power(board: "Board") -> str:
    battery = board.battery
    state = (
        f"battery {battery.percent} %{', draining' if battery.draining else ''}" if battery else "no battery"
    )
    return f"{state}; governor {board.governor or 'unknown'}"


def _heat(board: "Board") -> str:
    if not board.zones:
        return "unknown"
    zone = board.zones[0]
    limit = f", slows down at {zone.limit:.0f} °C" if zone.limit is not None else ""
    return f"{zone.name} {zone.celsius:.0f} °C{limit}"


def _about(model: "Model") -> str:
    from lamha.models.files import megabytes

    size = megabytes(model.size) if model.size else "size unknown"
    parts = [model.name, size, model.quantised] if model.here else [model.name, size, "not on this device"]
    return ", ".join(filter(None, parts))


def _built(kernels: "Kernels") -> str:
    from importlib.metadata import version

    packed = [kind for kind in ("Q4_0", "Q4_K", "Q6_K", "Q8_0") if kernels.packs(kind)]
    what = f"repacks {', '.join(packed)}" if packed else "repacks nothing"
    return f"llama-cpp-python {version('llama-cpp-python')}, {what if kernels.known else 'kernels unknown'}"


def _table(done: "Calibration | None") -> Iterator[str]:
    if not done:
        yield "Threads  not measured"
        return
    best = done.threads
    yield "Threads  reading  writing  tokens a second, * the ones that lamha uses"
    for count in done.counts:
        read = f"{done.prefill[count]:.1f}{'*' if count == best.prefill else ' '}"
        written = f"{done.decode[count]:.1f}{'*' if count == best.decode else ' '}"
        default = "  llama.cpp's default" if count == done.default else ""
        yield f"{count:>7} {read:>9}{written:>9}{default}".rstrip()
    if done.cpus:
        yield f"kept on the CPUs {', '.join(map(str, done.cpus))}"


def _as_lines(finding: "Finding") -> Iterator[str]:
    import textwrap

    yield from textwrap.wrap(f"{finding.severity:<6}{finding.says}", 88, subsequent_indent=" " * 6)
    if finding.do:  # a command is not broken, so that it can be copied
        yield f"      → {finding.do}"


def _as_json(examined: "Examined") -> dict[str, object]:
    from lamha.device.board.findings import findings

    board, done = examined.board, examined.calibration
    facts = dataclasses.asdict(board) | {"features": sorted(board.features), "key": board.key}
    facts["quota"] = board.quota if board.quota < math.inf else None
    built = {"built": sorted(examined.kernels.built), "missing": examined.kernels.missing}
    return {
        "board": facts,
        "model": dataclasses.asdict(examined.model),
        "kernels": built,
        "calibration": {**done.as_json(), "threads": done.threads._asdict(), "busy": done.busy}
        if done
        else None,
        "findings": [dataclasses.asdict(finding) for finding in findings(examined)],
    }
