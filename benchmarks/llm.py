"""How fast is the loop, beside llama.cpp itself, on the same file and threads in one run?

    python -m lamha.benchmarks.llm [--model NAME] [--threads N] [--rounds N] [--llama-bench FILE] [--out FILE]

The theoretical ceiling first, then a table, both to stderr; the last line of stdout is JSON. What is compared
runs in turns. `llama-bench` is used where it is on the PATH or named; build it from the llama.cpp sources
that llama-cpp-python was built from.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lamha.benchmarks.measure import machine

LIMITS = {
    "decode_ratio": (">=", 0.98),
    "prefill_ratio": (">=", 0.98),
    "first_ratio": ("<=", 0.15),
    "saved_ratio": ("<=", 1.2),
    "call_ratio": (">=", 1.3),
    "quote_ratio": (">=", 1.3),
    "over_file_mb": ("<=", 150.0),
    "overruns_over_10_percent": ("<=", 0),
    "busy_ratio": (">=", 0.8),
}
"""What is to be reached."""
MEASURED = ("raw", "first", "saved", "calls", "quotes", "turns", "busy")
_BYTES = 400_000_000


def main(arguments: list[str] | None = None) -> None:
    """Measure everything, each part in a process of its own."""
    options = _parse(arguments)
    if options.part:
        from lamha.benchmarks.loop import PARTS

        print(json.dumps(PARTS[options.part](options)))
        return
    ceiling = _ceiling(options)
    print(
        f"ceiling: {ceiling['decode']:.0f} tokens a second, for each reads {ceiling['file_mb']:.0f} MB at "
        f"{ceiling['read_gb_s']:.1f} GB/s",
        file=sys.stderr,
        flush=True,
    )
    parts = {name: _run(name, options) for name in options.only or MEASURED}
    report = _report(options, ceiling, parts)
    _print(report)
    print(json.dumps(report))
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lamha.benchmarks.llm", description=__doc__)
    parser.add_argument("--model", default="", metavar="NAME")
    parser.add_argument("--path", type=Path, metavar="FILE", help="a GGUF, instead of a name")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--llama-bench", default=shutil.which("llama-bench"), metavar="FILE")
    parser.add_argument("--only", nargs="*", choices=MEASURED, metavar="PART", help=", ".join(MEASURED))
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON here too")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not options.path:
        from lamha.device.assistant import model_name
        from lamha.models.store import Store

        options.path = Store().path(options.model or model_name())
    return options


def _run(part: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "lamha.benchmarks.llm", "--part", part, "--path", str(options.path)]
    command += ["--threads", str(options.threads), "--rounds", str(options.rounds)]
    command += ["--llama-bench", options.llama_bench] if options.llama_bench else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _ceiling(options: argparse.Namespace) -> dict[str, float]:
    """Decoding reads every weight once a token, so memory is its limit; measured by adding up a large array.

    With as many threads as the rest; `numpy` lets go of Python's lock while it adds.
    """
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    arrays = [np.ones(_BYTES // 8 // options.threads) for _ in range(options.threads)]
    best = float("inf")
    with ThreadPoolExecutor(options.threads) as threads:
        for _ in range(5):
            started = time.perf_counter()
            list(threads.map(np.sum, arrays))
            best = min(best, time.perf_counter() - started)
    size, rate = options.path.stat().st_size, _BYTES / best
    return {"decode": rate / size, "read_gb_s": rate / 1e9, "file_mb": size / 1e6}


def _report(options: argparse.Namespace, ceiling: dict[str, float], parts: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: value for part in parts.values() for name, value in part.items()}
    within = {
        name: numbers[name] >= limit if sign == ">=" else numbers[name] <= limit
        for name, (sign, limit) in LIMITS.items()
        if name in numbers
    }
    return {
        "benchmark": "llm",
        "file": options.path.name,
        "threads": options.threads,
        "ceiling": _rounded(ceiling),
        **{name: _rounded(part) for name, part in parts.items()},
        "within": within,
        "machine": machine(),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return round(value, 3) if isinstance(value, float) else value


def _print(report: dict[str, Any]) -> None:
    for part in MEASURED:
        for name, value in report.get(part, {}).items():
            sign, limit = LIMITS.get(name, ("", ""))
            mark = {True: "ok", False: "MISSED", None: ""}[report["within"].get(name)]
            print(f"{part:>8}  {name:<38} {value!s:>10}  {sign} {limit} {mark}".rstrip(), file=sys.stderr)


if __name__ == "__main__":
    main()
