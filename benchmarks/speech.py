"""How well and how soon is speech understood, and how much of the machine does listening take?

    python -m lamha.benchmarks.speech [--parts PART,…] [--sample N] [--hours H] [--out FILE]

commands: sixty commands in three languages, spoken by synthetic voices, through the whole loop in real
time. recordings: real ones, from `LAMHA_DATA`. wake: the wake phrase by voices that it was not learnt
from, and speech without it. load: what voice activity and the wake phrase take of one core. hours: sound fed
as fast as it goes, and what is left of it in memory. The table and every miss go to stderr, the last line of
stdout is JSON.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lamha.benchmarks.measure import machine
from lamha.benchmarks.speech_commands import commands
from lamha.benchmarks.speech_listening import hours, load
from lamha.benchmarks.speech_recordings import recordings
from lamha.benchmarks.speech_wake import wake

PARTS: Mapping[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "commands": commands,
    "recordings": recordings,
    "wake": wake,
    "load": load,
    "hours": hours,
}


def main(arguments: list[str] | None = None) -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="some of them, between commas")
    parser.add_argument("--sample", type=int, default=0, help="so many commands a language, and wake phrases")
    parser.add_argument("--hours", type=float, default=8.0, help="of sound, and of speech without the phrase")
    parser.add_argument("--languages", default="", help="what the recogniser is told; `each`: each its own")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"machine": machine()}
    for part in options.parts.split(","):
        if part not in PARTS:
            parser.error(f"there is no part {part}: {', '.join(PARTS)}")
        found[part] = PARTS[part](options)
        sys.stderr.write(f"{part}: {json.dumps(found[part], ensure_ascii=False, indent=1)}\n")
    text = json.dumps(found, ensure_ascii=False)
    if options.out:
        options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
