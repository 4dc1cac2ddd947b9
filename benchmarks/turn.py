"""How long is a turn? Text command to first word, a cold process to its first word, and peak memory.

    python -m lamha.benchmarks.turn [--model NAME] [--threads N] [--rounds N] [--out FILE]

Real model, real cards, real speech. The table goes to stderr; the last line of stdout is JSON. Times are
milliseconds, wall clock; medians with the range of the middle 80 %.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lamha.benchmarks.measure import Sample, machine, sample

if TYPE_CHECKING:
    from lamha.device.session import Session
    from lamha.device.turn import Turn

COMMANDS = (
    "Who painted the Mona Lisa?",
    "What is the boiling point of water?",
    "متى انتهت الحرب العالمية الثانية؟",
    "世界上最高的山是什么？",
    "Tell Sara the train is delayed by an hour",
    "أخبر سارة أن القطار تأخر",
    "给小李发消息说会议改到三点",
    "Remind me tomorrow at eight to call the bank",
    "ذكرني غدا الساعة الثامنة أن أتصل بالبنك",
    "明天早上八点提醒我给银行打电话",
    "Which reminders do I have?",
    "How do you say see you tomorrow in Chinese?",
    "ترجم شكرا إلى الإنجليزية",
    "再见用英语怎么说？",
    "Switch off the television",
)
"""Commands of every action, none of them an example of a skill."""

CONTACTS = (("Sara", ("سارة",)), ("小李", ()))
COLD = "Who painted the Mona Lisa?"
RECORDING = Path("examples/remind-me-in-ten-minutes.wav")
LIMITS = {"first_word_p50_ms": 400.0, "cold_p50_ms": 3000.0, "peak_mb": 900.0}


def main(arguments: list[str] | None = None) -> None:
    """Measure everything, each in a process of its own."""
    options = _parse(arguments)
    if options.part:
        _PARTS[options.part](options)
    else:
        _measure(options)


def _measure(options: argparse.Namespace) -> None:
    with TemporaryDirectory(prefix="lamha-benchmark-") as home:
        os.environ["LAMHA_HOME"] = home
        _add_contacts()
        warm = _run("warm", options)[0]
        cold = [_run("cold", options)[1] for _ in range(options.colds)]
        memory = _run("memory", options)[0]
    report = _report(options, warm, cold, memory)
    _print(report, warm)
    print(json.dumps(report, ensure_ascii=False))
    if options.out:
        options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lamha.benchmarks.turn", description=__doc__)
    parser.add_argument("--model", default="", metavar="NAME")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="times each command is run")
    parser.add_argument("--colds", type=int, default=5, metavar="N", help="cold processes")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON here too")
    parser.add_argument("--part", choices=tuple(_PARTS), help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _run(part: str, options: argparse.Namespace) -> tuple[Any, float]:
    """What a part prints, and for a cold process the milliseconds from its start to its first word."""
    command = [sys.executable, "-m", "lamha.benchmarks.turn", "--part", part]
    command += ["--model", options.model, "--threads", str(options.threads), "--rounds", str(options.rounds)]
    started = time.monotonic()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    result = json.loads(done.stdout.splitlines()[-1])
    return result, (result["first_word_at"] - started) * 1000 if part == "cold" else 0.0


def _warm(options: argparse.Namespace) -> None:
    with _session(options) as session:
        list(_turns(session, COMMANDS))  # prefixes and libraries are loaded once
        rows = [
            {"command": turn.heard.text, **turn.as_json()}
            for _ in range(options.rounds)
            for turn in _turns(session, COMMANDS)
        ]
    print(json.dumps(rows, ensure_ascii=False))


def _cold(options: argparse.Namespace) -> None:
    from lamha.device.turn import Word

    with _session(options) as session:
        for event in session.ask(COLD):
            if isinstance(event, Word) and event.text.strip():
                # The monotonic clock is the system's: the parent's start can be taken from it.
                print(json.dumps({"first_word_at": time.monotonic()}))
                return


def _memory(options: argparse.Namespace) -> None:
    from lamha.device import audio
    from lamha.device.assistant import open_ears, open_voice
    from lamha.models.speech.vad import speech_only

    recogniser, activity = open_ears()
    with _session(options) as session:
        heard = recogniser.transcribe(speech_only(audio.read(RECORDING), activity, RECORDING.name))
        turns = [*_last(session.hear(heard)), *_turns(session, COMMANDS)]
        voice = open_voice()
        spoken = sum(len(part.samples) for part in voice.speak(turns[0].reply.speech))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6  # Linux counts in KiB
    print(json.dumps({"peak_mb": round(peak, 1), "turns": len(turns), "spoken_samples": spoken}))


def _session(options: argparse.Namespace) -> Any:
    from lamha.device.assistant import open_session

    return open_session(options.model, options.threads)


def _turns(session: "Session", commands: tuple[str, ...]) -> "Iterator[Turn]":
    for command in commands:
        yield from _last(session.ask(command))


def _last(events: Iterator[Any]) -> "Iterator[Turn]":
    from lamha.device.turn import Turn

    yield from (event for event in events if isinstance(event, Turn))


def _add_contacts() -> None:
    from lamha.device.assistant import database
    from lamha.skills.storage import Storage

    with Storage(database()) as storage:
        for name, aliases in CONTACTS:
            storage.add_contact(name, aliases)


def _report(options: argparse.Namespace, warm: list[Any], cold: list[float], memory: Any) -> dict[str, Any]:
    from lamha.device.assistant import model_name

    times = {
        name: sample([row["timings_ms"][name] for row in warm]).as_json()
        for name in ("route", "first_word", "total")
    }
    rates = [row["tokens_per_second"] for row in warm if row["tokens_out"] > 3]
    measured = {"first_word_p50_ms": times["first_word"]["p50"], "cold_p50_ms": sample(cold).p50, **memory}
    return {
        "benchmark": "turn",
        "model": options.model or model_name(),
        "threads": options.threads,
        "warm_ms": times,
        "cold_first_word_ms": sample(cold).as_json(),
        "peak_mb": memory["peak_mb"],
        "decode_tokens_per_second": sample(rates).as_json(),
        "tokens_in": sample([row["tokens_in"] for row in warm]).as_json(),
        "within": {name: measured[name] <= limit for name, limit in LIMITS.items()},
        "machine": machine(),
    }


def _print(report: dict[str, Any], warm: list[Any]) -> None:
    for command in COMMANDS:
        rows = [row for row in warm if row["command"] == command]
        first = sample([row["timings_ms"]["first_word"] for row in rows])
        total = sample([row["timings_ms"]["total"] for row in rows])
        print(f"{first!s:>24} {total!s:>24}  {rows[0]['action'] or 'refused':<20} {command}", file=sys.stderr)
    for name in ("route", "first_word", "total"):
        print(f"{name:>12} ms: {Sample(**report['warm_ms'][name])}", file=sys.stderr)
    print(f"cold process to first word, ms: {Sample(**report['cold_first_word_ms'])}", file=sys.stderr)
    print(f"peak resident memory with speech, MB: {report['peak_mb']}", file=sys.stderr)


_PARTS = {"warm": _warm, "cold": _cold, "memory": _memory}

if __name__ == "__main__":
    main()
