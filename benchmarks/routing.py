"""How well do words become calls, and how soon?

    python -m lamha.benchmarks.routing [--parts PART,…] [--half dev|final] [--sample N] [--model NAME]
        [--threads N] [--out FILE]

Real model. A summary with every miss goes to stderr; the last line of stdout is JSON without the misses,
which `--out FILE` keeps. Those of the final half are in that file alone. A part whose data is not there says
so and is left out.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from lamha.benchmarks import routing_bfcl, routing_own, routing_speed, routing_xsid
from lamha.benchmarks.measure import machine

PARTS: dict[str, ModuleType] = {
    "own": routing_own,
    "xsid": routing_xsid,
    "bfcl": routing_bfcl,
    "speed": routing_speed,
}


def main(arguments: list[str] | None = None) -> None:
    """Measure the parts that were asked for, one after the other."""
    options = _parse(arguments)
    parts: dict[str, Any] = {}
    for name in options.parts:
        parts[name] = PARTS[name].run(options)
        _print(name, parts[name], hidden=name == "own" and options.half == "final")
    report = _report(options, parts)
    print(json.dumps(_without_misses(report), ensure_ascii=False))
    if options.out:
        options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lamha.benchmarks.routing", description=__doc__)
    parser.add_argument("--parts", type=_parts, default=tuple(PARTS), metavar="PART,…", help=", ".join(PARTS))
    parser.add_argument("--half", choices=("dev", "final"), default="dev", help="of the part `own`")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="N cases of each part or category")
    parser.add_argument("--model", default="", metavar="NAME")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument(
        "--bfcl", type=Path, default=routing_bfcl.FOLDER, metavar="FOLDER", help="where BFCL is"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON with all misses here")
    return parser.parse_args(arguments)


def _parts(names: str) -> tuple[str, ...]:
    chosen = tuple(names.split(","))
    if unknown := [name for name in chosen if name not in PARTS]:
        raise argparse.ArgumentTypeError(
            f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}"
        )
    return chosen


def _report(options: argparse.Namespace, parts: Mapping[str, Any]) -> dict[str, Any]:
    from lamha.device.assistant import model_name

    return {
        "benchmark": "routing",
        "model": options.model or model_name(),
        "threads": options.threads,
        "sample": options.sample,
        **parts,
        "machine": machine(),
    }


def _without_misses(report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {key: value for key, value in part.items() if key != "misses"}
        if isinstance(part, dict)
        else part
        for name, part in report.items()
    }


def _print(name: str, part: Mapping[str, Any], *, hidden: bool) -> None:
    for line in _lines(name, part, hidden=hidden):
        print(line, file=sys.stderr, flush=True)


def _lines(name: str, part: Mapping[str, Any], *, hidden: bool) -> Iterator[str]:
    if "absent" in part:
        yield f"{name}: left out; {part['absent']}"
        return
    summary: Callable[[Mapping[str, Any]], Iterator[str]] = PARTS[name].lines
    if not hidden:
        for miss in part.get("misses", ()):
            yield f"  miss {json.dumps(miss, ensure_ascii=False)}"
    yield f"{name}:"
    yield from summary(part)


if __name__ == "__main__":
    main()
