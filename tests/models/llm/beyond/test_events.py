import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.events import MOST, error_in, events, parts
from lamha.models.llm.beyond.remote import Part

WORDS = "ليس كل ما يلمع ذهبا 😀 line\u2028separator 你好\nnew"


def said(words: str, newline: str = "\n", separator: str = ": ", **dumping: bool) -> bytes:
    lines = list[str]()
    for word in words.split(" "):
        choice = {"delta": {"content": f"{word} "}, "finish_reason": None}
        lines += [f"data{separator}{json.dumps({'choices': [choice]}, **dumping)}", ""]
    lines += [": a comment", "", "event: message", "id: 7", "retry: 3", "", 'data: {"choices": [{"delta":']
    lines += ['data:  {}, "finish_reason": "stop"}]}', "", "data: [DONE]", "", ""]
    return newline.join(lines).encode()


def cut(stream: bytes, places: list[int]) -> Iterator[bytes]:
    ends = sorted({place % (len(stream) + 1) for place in places} | {len(stream)})
    return (stream[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True))


@given(
    st.text(max_size=40),
    st.lists(st.integers(0, 10_000), max_size=60),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([": ", ":"]),
    st.booleans(),
)
def test_it_matters_not_how_the_bytes_are_cut(
    words: str, places: list[int], newline: str, separator: str, ascii_only: bool
) -> None:
    words = (WORDS + words).encode(errors="replace").decode()
    got = list(parts(cut(said(words, newline, separator, ensure_ascii=ascii_only), places)))
    assert "".join(part.text for part in got) == f"{words} "
    assert got[-1].finish == "end"


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_whatever_comes_is_an_answer_or_a_failure(chunks: list[bytes]) -> None:
    try:
        list(parts(chunks))
    except ServerFailed:
        return


KEYS = st.sampled_from(["choices", "delta", "content", "finish_reason", "usage", "error", "message"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3)


@settings(max_examples=50)
@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=8))
def test_any_json_is_an_answer_or_a_failure(message: object) -> None:
    try:
        list(parts([b"data: ", json.dumps(message).encode(), b"\n\n", b"data: [DONE]\n\n"]))
    except ServerFailed:
        return


def test_events_of_several_lines() -> None:
    assert list(events([b"data: a\ndata:  b\ndata\n\n: no\n\ndata:c"])) == ["a\n b\n", "c"]


def test_what_it_cost() -> None:
    stream = b'\xef\xbb\xbfdata: {"usage": {"prompt_tokens": 26, "completion_tokens": 7}, "choices": []}\n\n'
    assert list(parts([stream, b"data: [DONE]"])) == [Part(tokens_in=26, tokens_out=7)]


def test_finish_reasons(told: Any) -> None:
    reasons = {"stop": "end", "length": "tokens", "content_filter": "end"}
    assert {r: next(parts([told.event(finish=r)])).finish for r in reasons} == reasons


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        ([], "broke off"),
        ([b"<html>Sign in to the hotel's network</html>"], "broke off"),
        ([b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'], "broke off"),
        ([b"data: {broken\n\n"], "no chat completion"),
        ([b"data: 7\n\n"], "no chat completion"),
        ([b"data: " + b"[" * 100_000 + b"\n\n"], "no chat completion"),
        ([b'data: {"error": {"message": "context  full"}}\n\n'], "context full"),
        ([b'data: {"error": 500}\n\n'], "says that it failed"),
        ([b"x" * 1_000_000] * (MOST // 1_000_000 + 1), "MB came"),
    ],
    ids=range(9),
)
def test_what_is_no_answer(stream: list[bytes], said: str) -> None:
    with pytest.raises(ServerFailed, match=said):
        list(parts(stream))


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"message": "no such model"}}',
        '{"error": "no such model"}',
        '{"object": "error", "message": "no such model"}',
        '{"detail": "no such\\nmodel"}',
    ],
)
def test_what_a_server_says_went_wrong(body: str) -> None:
    assert error_in(body) == "no such model"
    assert error_in("<html>") == error_in("[]") == error_in('{"detail": [{"loc": 1}]}') == ""
