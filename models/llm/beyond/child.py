"""`python -m lamha.models.llm.beyond.child MODEL HOST:PORT…`: answers on RPC workers; ends when one is lost.

JSON, an object a line. In: `{"id": 1, "system": …, "words": …, "cue": …, "new": 96}` asks, `{"cancel": 1}`
ends that answer. Out: `{"ready": true}` once the model is loaded, then objects with `text`, the last of an
answer with `finish`, `tokens_in` and `tokens_out`; or `failed` with a `hint`. It ends with its input.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from lamha.models.errors import LamhaError
from lamha.models.llm.api import Model
from lamha.models.llm.budget import Budget

ROOM = 1024
"""Tokens of words that are read: they were cut to their budget before, by another tokenizer perhaps."""

type Message = Mapping[str, Any]
type Tell = Callable[[Message], None]
type Asked = tuple[dict[str, Any], Event]


def main(arguments: list[str]) -> int:
    """Load the model and answer until nobody asks any more."""
    from lamha.models.llm.engine import Settings
    from lamha.models.llm.model import LanguageModel

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # that ggml ends us is nothing to keep a record of
    tell, (path, *workers) = _own_stdout(), arguments
    try:
        with LanguageModel(Path(path), Settings(workers=tuple(workers))) as model:
            tell({"ready": True})
            serve(model, _until_left(), tell)
    except LamhaError as error:
        tell({"failed": error.message, "hint": error.hint})
        return error.exit_code
    return 0


def serve(model: Model, lines: Iterable[str], tell: Tell) -> None:
    """Answer what the lines ask, one after the other; other lines are heard meanwhile."""
    asked: SimpleQueue[Asked | None] = SimpleQueue()
    Thread(target=_listen, args=(lines, asked), daemon=True).start()
    while question := asked.get():
        for message in _answer(model, *question):
            tell(message)


def _listen(lines: Iterable[str], asked: SimpleQueue[Asked | None]) -> None:
    cancels: dict[int, Event] = {}
    for line in lines:
        message = json.loads(line)
        if "cancel" in message:
            cancels[message["cancel"]].set()
        else:
            cancel = cancels[message["id"]] = Event()
            asked.put((message, cancel))
    asked.put(None)


def _answer(model: Model, asked: Message, cancel: Event) -> Iterator[Message]:
    budget = Budget(prompt=ROOM, new=asked["new"])
    try:
        with model.read(asked["words"], asked["system"], budget, cancel) as reading:
            for piece in reading.write(asked["cue"], budget):
                cost = {"tokens_in": piece.spent.tokens_in, "tokens_out": piece.spent.tokens_out}
                yield {"text": piece.text} | ({"finish": piece.finish, **cost} if piece.finish else {})
    except LamhaError as error:
        yield {"failed": error.message, "hint": error.hint}


def _own_stdout() -> Tell:
    """What writes a line to standard output; whatever else a library prints there goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lambda message: print(json.dumps(message), file=out, flush=True)


def _until_left() -> Iterator[str]:
    """The lines of standard input. After them whoever asked is gone, while a worker may hang for ever."""
    yield from sys.stdin
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
