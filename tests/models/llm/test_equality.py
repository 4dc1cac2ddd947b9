"""Whatever makes a reply sooner leaves it as it is, token for token, on the real model."""

import json
import platform
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamha.models.llm.alike import widest
from lamha.models.llm.branch import Pool
from lamha.models.llm.budget import Budget, Spent
from lamha.models.llm.engine import Engine, Settings, Threads
from lamha.models.llm.generate import PLAIN, Steps, text, tokens
from lamha.models.llm.grammar.constrained import Constrained
from lamha.models.llm.grammar.schema import grammar
from lamha.models.llm.lookup import Lookup
from lamha.models.llm.model import LanguageModel

pytestmark = pytest.mark.model

CALL = "Write the call that does what the user asks."
QUOTE = "Repeat the user's text, word for word."
TOOL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "action_name": {"enum": ["set_reminder", "send_message", "send_picture"]},
        "contact_person": {"type": "string", "x-copy": True},
        "number_of_minutes": {"type": "integer", "minimum": 0, "maximum": 90},
        "is_it_urgent": {"type": "boolean"},
    },
    "required": ["action_name", "contact_person", "number_of_minutes", "is_it_urgent"],
}
COMMANDS = [
    "Tell Sara that I'm ten minutes late.",
    "أخبر سارة أنني سأتأخر عشر دقائق",
    "告诉小李我晚到十分钟",
]
TEXTS = [
    "The new ferry carries 240 people and 30 cars, and needs 25 minutes for the crossing.",
    "تتسع المكتبة الجديدة لمئتين وأربعين قارئا وفيها قاعة للأطفال.",
    "新图书馆可以容纳二百四十名读者，还有一个儿童阅览室。",
]


@pytest.fixture(scope="module", params=["as published", "for the board"])
def model(request: pytest.FixtureRequest) -> LanguageModel:
    name = "qwen" if request.param == "as published" else "board_model"
    found: LanguageModel = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="module")
def width(model: LanguageModel) -> int:
    while model.prefixes.forget_oldest():
        pass
    return widest(model.pool)


def reply(
    model: LanguageModel, system: str, words: str, steps: Steps, limit: int = 80
) -> tuple[list[int], int]:
    """The tokens of a reply, and how many batches they took."""
    decode, batches = model.engine.decode, 0

    def counting(rows: Any, **how: bool) -> Any:
        nonlocal batches
        batches += 1
        return decode(rows, **how)

    said: list[int] = []
    with model.read(words, system) as reading:
        scores = reading.answer_logits()
        model.engine.decode = counting  # type: ignore[method-assign]
        try:
            for token in islice(tokens(reading.branch, scores, steps, Spent()), limit):
                said.append(token)
                if model.engine.is_end(token):
                    break
        finally:
            del model.engine.decode
    return said, batches


@pytest.mark.skipif(platform.machine() != "x86_64", reason="measured on x86-64 only")
def test_the_board_file_takes_wide_batches(board_model: LanguageModel) -> None:
    assert widest(board_model.pool) >= 4


@pytest.mark.parametrize("words", COMMANDS)
def test_jump_forward(model: LanguageModel, width: int, words: str) -> None:
    def steps(width: int) -> Steps:
        constrained = Constrained(model.engine, grammar(TOOL, words))
        return Steps(constrained, constrained.forced, width=width)

    plain, plain_batches = reply(model, CALL, words, steps(1))
    fast, batches = reply(model, CALL, words, steps(width))
    assert fast == plain
    assert batches < {1: 1.01, 2: 0.95, 3: 0.9}.get(width, 0.7) * plain_batches
    call = json.loads(b"".join(map(model.engine.piece, fast)))
    assert set(call) == set(TOOL["properties"])
    assert call["contact_person"] in words


@pytest.mark.parametrize("words", COMMANDS)
def test_what_is_forced_is_what_a_mask_alone_would_choose_too(board_model: LanguageModel, words: str) -> None:
    """Where the model itself cuts the forced text as its tokenizer does: keys that it would write anyway."""
    schema = {
        "type": "object",
        "properties": {"name": {"const": "send_message"}, "message": {"type": "string", "x-copy": True}},
        "required": ["name", "message"],
    }
    masked = Constrained(board_model.engine, grammar(schema, words))
    jumping = Constrained(board_model.engine, grammar(schema, words))
    plain, _ = reply(board_model, CALL, words, Steps(masked))
    fast, _ = reply(board_model, CALL, words, Steps(jumping, jumping.forced, width=8))
    pieces = [b"".join(map(board_model.engine.piece, said)) for said in (plain, fast)]
    assert pieces[0] == pieces[1]


@pytest.mark.parametrize("words", TEXTS)
def test_lookup(model: LanguageModel, width: int, words: str) -> None:
    guess = Lookup(model.engine.tokenize(words), width - 1)
    plain, plain_batches = reply(model, QUOTE, words, PLAIN)
    fast, batches = reply(model, QUOTE, words, Steps(guess=guess, width=width))
    assert fast == plain
    assert len(plain) > 10
    assert batches <= plain_batches - (width > 1 and words == TEXTS[0])  # the others it quotes less exactly


@pytest.mark.parametrize("length", [65, 129, 200, 301, 420])
def test_chunked_prefill(model: LanguageModel, length: int) -> None:
    """In our chunks, in steps of 64 as under a deadline, and in one batch: the same scores, bit for bit."""
    prompt = (model.engine.tokenize(" ".join(TEXTS)) * 9)[:length]
    with Engine(model.engine.path, Settings(context=512, batch=512, sequences=1, scored=1)) as engine:
        (whole,) = Pool(engine).new().read(prompt)
    with Engine(model.engine.path, Settings(context=512, batch=128, sequences=1, scored=1)) as engine:
        with Pool(engine).new() as branch:
            (chunked,) = branch.read(prompt)
        with Pool(engine).new() as branch:
            rest = prompt
            while len(rest) >= 128:
                branch.read(rest[:64], scored=())
                rest = rest[64:]
            (stepped,) = branch.read(rest)
    np.testing.assert_array_equal(chunked, whole)
    np.testing.assert_array_equal(stepped, whole)


def test_the_number_of_threads(model: LanguageModel) -> None:
    one, _ = reply(model, QUOTE, TEXTS[0], PLAIN)
    model.engine.set_threads(Threads(2, 2))
    try:
        two, _ = reply(model, QUOTE, TEXTS[0], PLAIN)
    finally:
        model.engine.set_threads(Threads())
    assert two == one


SYSTEM = (
    "You are a helpful assistant in a pair of glasses. Answer in one short sentence, in the language asked."
)
RESTORE = """
import json, sys
from pathlib import Path
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.generate import text
from lamha.models.llm.budget import Budget
from lamha.models.llm.saved import Saved

with LanguageModel(Path(sys.argv[1]), shelf=Saved(Path(sys.argv[2]))) as model:
    decode, sizes = model.engine.decode, []
    model.engine.decode = lambda rows, **how: sizes.append(len(rows)) or decode(rows, **how)
    with model.read(sys.argv[3], sys.argv[4]) as reading:
        prefix = sum(sizes)
        scores, said = reading.answer_logits().tobytes().hex(), text(reading.write("", Budget(new=24)))
        print(json.dumps({"prefix": prefix, "scores": scores, "text": said}))
"""


def test_a_prefix_in_a_new_process(model: LanguageModel, tmp_path: Path) -> None:
    """Computed in one process, loaded in the next, computed again where a byte was changed: one reply."""

    def run() -> dict[str, Any]:
        arguments = map(str, [model.engine.path, tmp_path, "What is the capital of Japan?", SYSTEM])
        done = subprocess.run([sys.executable, "-c", RESTORE, *arguments], capture_output=True, check=True)
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    computed, loaded = run(), run()
    (file,) = tmp_path.iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    again = run()
    assert (computed["prefix"] > 24, loaded["prefix"]) == (True, 0)
    assert again["prefix"] == computed["prefix"]
    assert computed["text"] == loaded["text"] == again["text"] != ""
    assert computed["scores"] == loaded["scores"] == again["scores"]


def test_quoting_and_schemas_from_outside(board_model: LanguageModel) -> None:
    """As a skill asks for them: the same answer with `quoting`, JSON whatever limit ends it."""
    with board_model.read(TEXTS[0], QUOTE) as reading:
        plain = text(reading.write("", Budget(new=60)))
        reading.alike = widest(board_model.pool)
        assert text(reading.write("", Budget(new=60), quoting=True)) == plain
        for new in (1, 7, 30, 90):
            *_, last = pieces = list(reading.write("", Budget(new=new), schema=TOOL))
            assert set(json.loads(text(pieces))) == set(TOOL["properties"])
            assert last.finish == ("tokens" if new < 30 else last.finish)
