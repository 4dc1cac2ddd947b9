"""Server-sent events, and what a chat completion says in them: https://html.spec.whatwg.org/#event-stream-interpretation.

Pure generators: how the bytes were cut on their way makes no difference.
"""

import codecs
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.remote import Part
from lamha.models.llm.budget import Finish

MOST = 16_000_000
"""Bytes of the longest answer that is read: thousands of tokens, where a broken server may never end."""
DONE = "[DONE]"
_FINISH: dict[str, Finish] = {"length": "tokens"}


def events(chunks: Iterable[bytes]) -> Iterator[str]:
    """The data of each event; comments, keep-alives and other fields are skipped."""
    data = list[str]()
    for line in _lines(chunks):
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


def parts(chunks: Iterable[bytes]) -> Iterator[Part]:
    """The parts of a streamed chat completion; ServerFailed where it breaks off or is none."""
    ended = False
    for data in events(chunks):
        if data.strip() == DONE:
            return
        part = _part(data)
        ended = ended or bool(part.finish)
        yield part
    if not ended:
        raise ServerFailed("the answer broke off")


def error_in(body: str) -> str:
    """What a server says went wrong, in any of the shapes in use; "" where it says nothing."""
    message = _parsed(body)
    for path in (("error", "message"), ("error",), ("message",), ("detail",)):
        if isinstance(found := _at(message, *path), str):
            return " ".join(found.split())[:200]
    return ""


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")("replace"), True)
    rest, size = "", 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST:
            raise ServerFailed(f"more than {MOST // 1_000_000} MB came")
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from whole
    yield from (rest + decoder.decode(b"", final=True)).split("\n")


def _part(data: str) -> Part:
    message = _parsed(data)
    if not isinstance(message, dict):
        raise ServerFailed("what came is no chat completion")
    if message.get("error"):
        raise ServerFailed(error_in(data) or "the server says that it failed")
    text, reason = _at(message, "choices", 0, "delta", "content"), _at(message, "choices", 0, "finish_reason")
    return Part(
        text if isinstance(text, str) else "",
        _FINISH.get(reason, "end") if isinstance(reason, str) and reason else None,
        _count(_at(message, "usage", "prompt_tokens")),
        _count(_at(message, "usage", "completion_tokens")),
    )


def _parsed(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _at(value: Any, *path: str | int) -> Any:
    for key in path:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return None
    return value


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
