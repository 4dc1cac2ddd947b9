import ctypes
import json
from typing import Any

import numpy as np
import pytest

from lamha.models.errors import GrammarBroken
from lamha.models.llm.engine import Logits
from lamha.models.llm.grammar.constrained import DRAFT, Constrained
from lamha.models.llm.grammar.matcher import Grammar
from lamha.models.llm.grammar.schema import gbnf, grammar
from lamha.models.llm.library import library
from lamha.models.llm.model import LanguageModel

PROMPT = "<|im_start|>user\nWrite this as JSON: {}<|im_end|>\n<|im_start|>assistant\n"
NEAR = 0.5
"""So close scores may change places with the size of a batch, which llama.cpp computes differently."""
COPY = {"type": "string", "x-copy": True}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


SEND = obj(action={"enum": ["send_message", "set_reminder", "set_timer", "ask"]}, to=COPY, text=COPY)
REMIND = obj(
    reminder=COPY,
    hour={"type": "integer", "minimum": 0, "maximum": 23},
    urgent={"type": "boolean"},
    المكان={"enum": ["البيت", "البنك", "المكتب", "家", "公司"]},
)
WORDS = {
    "en": "Tell Sara that I am late because of the rain",
    "ar": "أرسل رسالة إلى أحمد أنني سأتأخر قليلا",
    "zh": "给小李发消息说我晚点到",
}


class Saying:
    """An engine whose tokens are given; the last one ends, the one before it is a control token."""

    def __init__(self, *pieces: str | bytes) -> None:
        self.pieces = [piece.encode() if isinstance(piece, str) else piece for piece in pieces] + [b"", b""]
        self.end = len(self.pieces) - 1

    def piece(self, token: int) -> bytes:
        return self.pieces[token]

    def is_end(self, token: int) -> bool:
        return token == self.end

    def tokenize(self, text: str) -> list[int]:
        """The longest token at each place."""
        data, tokens = text.encode(), list[int]()
        while data:
            best = max((p for p in self.pieces if p and data.startswith(p)), key=len)
            tokens.append(self.pieces.index(best))
            data = data[len(best) :]
        return tokens


def chooser(gbnf_text: str, *pieces: str | bytes) -> tuple[Constrained, Saying]:
    engine = Saying(*pieces)
    return Constrained(engine, Grammar.parse(gbnf_text)), engine  # type: ignore[arg-type]


def scores(*values: float) -> Logits:
    return np.array(values, np.float32)


def test_the_likeliest_that_is_allowed() -> None:
    choose, _ = chooser('root ::= "a" [bc] "a"*', "a", "b", "c", "ab")
    assert choose(scores(1, 3, 2, 0, 9, 9), []) == 0
    assert choose(scores(1, 3, 2, 1, 9, 9), []) == 0
    assert choose(scores(9, 3, 3, 9, 9, 9), [0]) == 1
    assert not choose.complete
    assert choose(scores(9, 9, 9, 9, 99, 10), [0, 1]) == 5
    assert (choose.complete, choose.over) == (True, False)
    assert choose(scores(9, 9, 9, 9, 99, 8), [0, 1]) == 0


def test_the_end_is_known_without_scores() -> None:
    choose, engine = chooser('root ::= "ab"', "a", "b", "ab")
    assert choose(scores(9, 9, 9, 9, 9), [2]) == engine.end
    assert choose.over


@pytest.mark.parametrize("size", [70, 2000])
def test_all_tokens_are_tried(size: int) -> None:
    choose, _ = chooser('root ::= "yes" "x"', *["no"] * size, "y")
    logits = np.zeros(size + 3, np.float32)
    logits[-3] = -9
    assert choose(logits, []) == size


def test_a_grammar_beyond_the_vocabulary() -> None:
    choose, _ = chooser('root ::= "z"', "a", "b")
    with pytest.raises(GrammarBroken, match="the model cannot write"):
        choose(scores(1, 2, 3, 4), [])


def test_what_was_said_may_be_taken_back() -> None:
    choose, _ = chooser('root ::= ("a" | "b" "c")+', "a", "b", "c")
    assert choose(scores(3, 2, 1, 0, 0), [1]) == 2
    assert choose(scores(3, 2, 1, 0, 0), [0]) == 0
    with pytest.raises(GrammarBroken, match="the token 2 is not allowed"):
        choose(scores(3, 2, 1, 0, 0), [2])


def test_what_must_follow_is_known() -> None:
    choose, engine = chooser('root ::= "{name: " [ab] "}"', "{", "name", ":", " ", "a", "}", " a", "x")
    assert choose.forced([]) == [0, 1, 2]  # the space belongs to the next word
    assert choose.forced([0, 1]) == [2]
    assert choose.forced([0, 1, 2, 6]) == [5, engine.end]
    assert (choose.closing([0, 1]), choose.closing([0, 1, 2])) == (": a}", " a}")
    assert choose.closing() == " a}"
    long, _ = chooser(f'root ::= "{"x" * 50}"', "x")
    assert long.forced([]) == [0] * DRAFT
    free, _ = chooser('root ::= "x" | "y"', "x", "y")
    assert free.forced([]) == []
    branching, _ = chooser('root ::= "send" | "set"', "se", "sen", "send", "set", "nd", "t")
    assert branching.forced([]) == []


def test_characters_cut_by_tokens() -> None:
    first, second = "م".encode()[:1], "م".encode()[1:]
    choose, _ = chooser('root ::= "مم" | "م!"', first, second, "م", "!")
    assert choose(scores(9, 0, 1, 0, 0, 0), []) == 0
    assert choose.forced([0]) == []
    assert (choose(scores(9, 0, 1, 8, 7, 6), [0]), choose.closing()) == (1, "م!")


def prompt(model: LanguageModel, words: str) -> list[int]:
    return model.engine.tokenize(PROMPT.format(words), special=True)


def say(model: LanguageModel, words: str, made: Grammar, *, together: bool) -> tuple[list[int], int]:
    """The tokens of a reply, read `together` where they are forced, and how many batches they took."""
    engine, choose = model.engine, Constrained(model.engine, made)
    said, batches = list[int](), 0
    with model.pool.new() as branch:
        (logits,) = branch.read(prompt(model, words))
        while len(said) < 80:
            run = [token := choose(logits, said)]
            run += [] if engine.is_end(token) else choose.forced([*said, token])
            said += [token for token in run if not engine.is_end(token)]
            if engine.is_end(run[-1]):
                break
            for chunk in [run] if together else [[token] for token in run]:
                (logits,) = branch.read(chunk)
                batches += 1
    return said, batches


def near(model: LanguageModel, words: str, said: list[int], ways: tuple[int, int]) -> bool:
    """Whether the model is of two minds after these tokens."""
    with model.pool.new() as branch:
        (logits,) = branch.read(prompt(model, words))
        for token in said:
            (logits,) = branch.read([token])
    return abs(float(logits[ways[0]] - logits[ways[1]])) < NEAR


@pytest.mark.model
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("schema", [SEND, REMIND], ids=["send", "remind"])
def test_replies_are_valid_and_reading_together_changes_nothing(
    qwen: LanguageModel, schema: Any, words: str
) -> None:
    made = grammar(schema, words)
    single, each = say(qwen, words, made, together=False)
    joint, fewer = say(qwen, words, made, together=True)
    for said in (single, joint):
        value = json.loads(b"".join(map(qwen.engine.piece, said)))
        assert [*value] == schema["required"]
        assert all(value[name] in words for name, kind in schema["properties"].items() if kind is COPY)
        assert all(value[k] in kind["enum"] for k, kind in schema["properties"].items() if "enum" in kind)
    assert fewer < 0.7 * each
    if single != joint:
        same = next(at for at, pair in enumerate(zip(single, joint, strict=False)) if pair[0] != pair[1])
        assert near(qwen, words, single[:same], (single[same], joint[same]))


class Theirs:
    """llama.cpp's own grammar sampler."""

    def __init__(self, model: LanguageModel, text: str) -> None:
        self.lib = library()
        vocabulary = model.engine.weights._vocabulary
        self.handle = self.lib.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
        assert self.handle

    def allowed(self, tokens: list[int]) -> set[int]:
        data = (self.lib.llama_token_data * len(tokens))(*[(token, 0.0, 0.0) for token in tokens])
        array = self.lib.llama_token_data_array(data, len(tokens), -1, False)
        self.lib.llama_sampler_apply(self.handle, ctypes.byref(array))
        return {data[at].id for at in range(len(tokens)) if data[at].logit == 0.0}

    def accept(self, token: int) -> None:
        self.lib.llama_sampler_accept(self.handle, token)

    def close(self) -> None:
        self.lib.llama_sampler_free(self.handle)


@pytest.mark.model
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_the_same_tokens_are_allowed_as_by_llama_cpp(qwen: LanguageModel, words: str) -> None:
    schema = {"anyOf": [SEND, REMIND, obj(note={"type": "string"}, list={"items": {"type": "number"}})]}
    random, engine = np.random.default_rng(0), qwen.engine
    sample = [int(token) for token in random.choice(engine.vocabulary_size, 2000, replace=False)]
    theirs, matcher = Theirs(qwen, gbnf(schema, words)), grammar(schema, words).matcher()
    texts = ['{"action": "send_message", "to": "', '{"note": "\\n م好', '", "list": [1', ".5"]
    said = engine.tokenize(texts[0] if words == WORDS["en"] else "".join(texts[1:]))
    try:
        for token in [*said, engine.end]:
            asked = sorted({*sample, *said, *engine.tokenize(words + '{}[]": ",-0123456789"}'), engine.end})
            ours = {t for t in asked if (piece := engine.piece(t)) and matcher.accept(piece)}
            ours |= {t for t in asked if engine.is_end(t) and matcher.complete}
            assert ours == theirs.allowed(asked)
            after = matcher.accept(engine.piece(token))
            if after is None or token == engine.end:
                break
            matcher = after
            theirs.accept(token)
    finally:
        theirs.close()
