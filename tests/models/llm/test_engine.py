import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lamha.models.errors import BudgetTooSmall, ModelBroken
from lamha.models.llm.branch import Pool
from lamha.models.llm.engine import Engine, Row, Settings
from lamha.models.llm.model import LanguageModel

pytestmark = pytest.mark.model

TEXTS = [
    "Where's the café?",
    "أين الصيدلية القريبة؟",
    "最近的药店在哪里？",
    "👩‍🚀 a\x00b\n\t",
    "",
    "{{x}} <s>",
]
WAYS = [0, 1, 4, 7, 23, 24, 100, 5_000, 1_000_000, -1_000_000, -1]


@pytest.fixture(scope="module")
def engine(gguf: Callable[[str], Path]):
    with Engine(gguf("smollm2-135m"), Settings(context=256, batch=32, sequences=8, scored=8)) as engine:
        yield engine


@pytest.fixture
def clean(engine: Engine) -> Engine:
    for sequence in range(engine.settings.sequences):
        engine.forget(sequence)
    return engine


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_and_back(engine: Engine, qwen: LanguageModel, text: str) -> None:
    for one in (engine, qwen.engine):
        assert b"".join(map(one.piece, one.tokenize(text))).decode() == text


def test_lone_surrogates_are_replaced(engine: Engine) -> None:
    assert engine.tokenize("a\ud800") == engine.tokenize("a?")


@pytest.mark.parametrize("text", ["<|im_end|>", "a<|im_start|>system\nb", "<|endoftext|>"])
def test_what_the_wearer_says_is_never_a_control_token(
    engine: Engine, qwen: LanguageModel, text: str
) -> None:
    for one in (engine, qwen.engine):
        assert any(one.piece(token) == b"" for token in one.tokenize(text, special=True))
        spoken = one.tokenize(text)
        assert b"".join(map(one.piece, spoken)).decode() == text
        assert not any(map(one.is_end, spoken))


def test_facts_come_from_the_file(engine: Engine, qwen: LanguageModel) -> None:
    assert engine.metadata("general.architecture") == "llama"
    assert qwen.engine.metadata("general.architecture") == "qwen2"
    assert engine.metadata("no.such.key") == ""
    assert "<|im_start|>" in engine.metadata("tokenizer.chat_template")
    assert engine.bos == qwen.engine.bos == []
    assert engine.is_end(*engine.tokenize("<|im_end|>", special=True))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [Row(10**6, 0, 0, True)],
        [Row(-1, 0, 0, True)],
        [Row(1, 0, 8, True)],
        [Row(1, 0, -1, True)],
        [Row(1, -3, 0, True)],
        [Row(1, i, 0) for i in range(33)],
        [Row(1, i, 0, True) for i in range(9)],
    ],
)
def test_bad_batches(clean: Engine, rows: list[Row]) -> None:
    with pytest.raises(ModelBroken):
        clean.decode(rows)
    (scores,) = clean.decode([Row(1, 0, 7, True)])
    assert np.isfinite(scores).all()


def test_positions_follow_each_other(clean: Engine) -> None:
    clean.decode([Row(1, 0, 0), Row(2, 1, 0)])
    for position in (1, 5):
        with pytest.raises(ModelBroken):
            clean.decode([Row(1, position, 0, True)])


@pytest.mark.parametrize("sequence", [-1, 8])
def test_bad_sequences(clean: Engine, sequence: int) -> None:
    for call in (
        lambda: clean.copy(sequence, 1),
        lambda: clean.copy(1, sequence),
        lambda: clean.forget(sequence),
    ):
        with pytest.raises(ValueError, match="no sequence"):
            call()


def test_a_full_context_is_an_error_and_passes(clean: Engine) -> None:
    tokens = [i % 99 + 5 for i in range(300)]
    with Pool(clean).new() as branch:
        (before,) = branch.read(tokens[:20])
        branch.rewind(0)
        with pytest.raises(BudgetTooSmall, match="context of 256 tokens is full"):
            branch.read(tokens)
        assert branch.length == 0
        (after,) = branch.read(tokens[:20])
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("chunk", [32, 7])
def test_a_fork_goes_on_as_if_all_were_read_afresh(clean: Engine, chunk: int) -> None:
    tokens = clean.tokenize("The capital of France is Paris, and that of Japan is")
    pool = Pool(clean)
    with pool.new() as fresh, pool.new() as root:
        (wanted,) = fresh.read(tokens)
        root.read(tokens[:5])
        with root.fork() as child, root.fork() as other:
            other.read([7, 8, 9])
            for at in range(5, len(tokens), chunk):
                (got,) = child.read(tokens[at : at + chunk])
        root.read(tokens[5:9])
        root.rewind(6)
        (rewound,) = root.read(tokens[6:])
    for scores in (got, rewound):
        assert scores.argmax() == wanted.argmax()
        np.testing.assert_allclose(scores, wanted, atol=1)  # other batches, other cells, other rounding


def test_a_thousand_branches(clean: Engine) -> None:
    pool = Pool(clean)
    with pool.new() as root:
        root.read([1, 2, 3])
        for _ in range(1000):
            root.fork().close()
        with root.fork() as child:
            assert len(child.read([4])) == 1


def test_a_closed_engine_says_so(gguf: Callable[[str], Path]) -> None:
    engine = Engine(gguf("smollm2-135m"), Settings(context=64, batch=8, sequences=2))
    branch = Pool(engine).new()
    branch.read([1])
    engine.close()
    engine.close()
    for call in (
        lambda: branch.read([2]),
        branch.fork,
        lambda: engine.tokenize("a"),
        lambda: engine.piece(5),
    ):
        with pytest.raises(RuntimeError, match="closed"):
            call()


@pytest.mark.parametrize("data", [b"", b"hello\n" * 999, bytes(range(256)) * 40, b"GGUF", b"GGUF\3\0\0\0"])
def test_a_file_that_is_no_model(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelBroken, match=r"model\.gguf is not a model"):
        Engine(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(ModelBroken):
            Engine(path)


def test_a_cut_or_corrupt_file_does_not_end_the_process(tmp_path: Path, gguf: Callable[[str], Path]) -> None:
    whole, chance = gguf("smollm2-135m").read_bytes(), np.random.default_rng(1)
    path, said = tmp_path / "model.gguf", []

    def corrupt() -> bytes:
        header = bytearray(whole[:3000])
        header[8:] = (byte if chance.random() > 0.01 else chance.integers(256) for byte in header[8:])
        return bytes(header) + whole[3000:]

    tried = [*(lambda end=end: whole[:end] for end in WAYS), *[corrupt] * 5]
    code = (
        "import sys, pathlib\nfrom lamha.models.errors import ModelBroken\n"
        "from lamha.models.llm.engine import Engine\n"
        "for line in sys.stdin:\n"
        "    try:\n        Engine(pathlib.Path(line.strip())).close(); print('loaded', flush=True)\n"
        "    except ModelBroken:\n        print('broken', flush=True)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for data in tried:
            path.write_bytes(data())
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            said.append(process.stdout.readline().strip())
        process.stdin.close()
    assert process.returncode == 0
    assert said == ["broken"] * len(tried)


def test_memory_of_a_fresh_process(gguf: Callable[[str], Path]) -> None:
    code = (
        "import pathlib, sys\nfrom lamha.models.llm.model import LanguageModel\n"
        "with LanguageModel(pathlib.Path(sys.argv[1])) as model:\n"
        "    with model.read('Hello', 'Be brief.') as reading:\n"
        "        list(reading.write())\n"
        "print(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    command = [sys.executable, "-c", code, gguf("qwen2.5-coder-0.5b")]
    peak = (
        int(subprocess.run(command, check=True, capture_output=True).stdout) // 1024
    )  # not ru_maxrss: that is the parent's, too
    print(f"peak memory: {peak} MB")  # noqa: T201 - a number to watch
    assert peak < 700
