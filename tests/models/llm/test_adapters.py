from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFWriter

from lamha.models.errors import AdapterBroken
from lamha.models.llm.budget import Budget
from lamha.models.llm.engine import Adapter, Engine, Logits, Row, Settings
from lamha.models.llm.generate import text
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.saved import Saved

pytestmark = pytest.mark.model

BRIEF = "You are a helpful assistant. Answer in one short sentence, and say nothing that you do not know."
QUERY, RANK = "blk.{}.attn_q.weight", 4


def matrices(seed: int, width: int = 576, layers: int = 4) -> dict[str, np.ndarray]:
    """So much of SmolLM2 as changes what it says."""
    chance, made = np.random.default_rng(seed), {}
    for layer in range(layers):
        name = QUERY.format(layer)
        made[f"{name}.lora_a"] = chance.standard_normal((RANK, width), np.float32)
        made[f"{name}.lora_b"] = chance.standard_normal((width, RANK), np.float32)
    return made


@pytest.fixture
def lora(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, tensors: dict[str, np.ndarray], architecture: str = "llama", **values: Any) -> Path:
        path = tmp_path / f"{name}.gguf"
        writer = GGUFWriter(path, architecture)
        known = {"general.type": "adapter", "adapter.type": "lora", "adapter.lora.alpha": 8.0}
        for key, value in (known | {key.replace("__", "."): value for key, value in values.items()}).items():
            add = {str: writer.add_string, float: writer.add_float32, int: writer.add_uint32}[type(value)]
            add(key, value)
        for tensor, numbers in tensors.items():
            writer.add_tensor(tensor, numbers)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    return write


@pytest.fixture
def one(lora: Callable[..., Path]) -> Path:
    return lora("one", matrices(1))


@pytest.fixture
def model(smollm: LanguageModel) -> Iterator[LanguageModel]:
    yield smollm
    smollm.adapt()


def scores(engine: Engine) -> Logits:
    last = engine.settings.sequences - 1
    engine.forget(last)
    (found,) = engine.decode([Row(token, at, last, at == 2) for at, token in enumerate([9, 7, 5])])
    engine.forget(last)
    return found


def answer(model: LanguageModel, words: str = "What is the capital of France?") -> str:
    with model.read(words, BRIEF) as reading:
        return text(reading.write("", Budget(new=8)))


def test_an_adapter_changes_scores_as_far_as_its_scale_says(model: LanguageModel, one: Path) -> None:
    found = {0.0: scores(model.engine)}
    for scale in (0.0001, 0.001, 0.01):
        model.adapt(Adapter(one, scale))
        found[scale] = scores(model.engine)
    moved = {scale: np.abs(found[scale] - found[0.0]).max() for scale in found}
    assert 0 < moved[0.0001] < moved[0.001] < moved[0.01]


def test_none_and_a_scale_of_nothing_are_the_base_bit_for_bit(model: LanguageModel, one: Path) -> None:
    base, identity = scores(model.engine), model.identity
    for adapters in ([Adapter(one, 0.0)], [], [Adapter(one, 0.0)]):
        model.adapt(Adapter(one))
        assert model.identity != identity
        assert not np.array_equal(scores(model.engine), base)
        model.adapt(*adapters)
        np.testing.assert_array_equal(scores(model.engine), base)
        assert model.identity == identity


def test_switching_loads_nothing_again(
    model: LanguageModel, lora: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = lora("one", matrices(3)), lora("two", matrices(4))
    lib, calls = model.engine._lib, list[str]()
    for name in ("llama_model_load_from_file", "llama_adapter_lora_init"):
        whole = getattr(lib, name)
        monkeypatch.setattr(lib, name, lambda *a, name=name, whole=whole: calls.append(name) or whole(*a))
    ways = [(), (Adapter(one),), (Adapter(two),), (Adapter(one, 0.5), Adapter(two, 0.5))]
    said: dict[tuple[Adapter, ...], set[str]] = {way: set() for way in ways}
    for _ in range(2):
        for way in ways:
            model.adapt(*way)
            said[way].add(answer(model))
    assert [len(answers) for answers in said.values()] == [1] * 4
    assert len(set.union(*said.values())) == 4
    assert calls == ["llama_adapter_lora_init"] * 2


def test_prefixes_are_those_of_the_adapter(model: LanguageModel, one: Path) -> None:
    while model.prefixes.forget_oldest():
        pass
    decoded, whole = list[int](), model.engine.decode
    model.engine.decode = lambda rows, **how: decoded.append(len(rows)) or whole(rows, **how)
    try:
        costs = []
        for way in ((), (Adapter(one),), (), (Adapter(one),), (Adapter(one, 0.5),)):
            model.adapt(*way)
            model.warm(BRIEF)
            costs.append(sum(decoded))
            decoded.clear()
    finally:
        del model.engine.decode
    assert costs[0] == costs[1] == costs[4] > 0
    assert costs[2] == costs[3] == 0  # what was read before is still there


def test_prefixes_on_disk_are_those_of_the_adapter(
    gguf: Callable[[str], Path], tmp_path: Path, one: Path
) -> None:
    small, folder = Settings(context=256, batch=64, sequences=4, scored=4), tmp_path / "kept"

    def told(adapters: list[Adapter], shelf: Saved | None) -> str:
        with LanguageModel(gguf("smollm2-135m"), small, shelf) as fresh:
            fresh.adapt(*adapters)
            return answer(fresh)

    wanted = [told(way, None) for way in ([], [Adapter(one)])]
    assert wanted[0] != wanted[1]
    for count in (1, 2, 2):
        way = [[], [Adapter(one)]][count - 1]
        assert told(way, Saved(folder)) == wanted[count - 1]
        assert len(list(folder.iterdir())) == count
    assert told([], Saved(folder)) == wanted[0]


def test_another_adapter_under_the_same_name_is_another(
    model: LanguageModel, lora: Callable[..., Path]
) -> None:
    seen = []
    for seed in (1, 2, 1):
        model.adapt(Adapter(lora("same", matrices(seed))))
        seen.append((answer(model), model.identity))
    assert seen[0] == seen[2] != seen[1]
    assert seen[0][1] != seen[1][1]


def test_a_file_that_is_gone_is_used_on(model: LanguageModel, one: Path) -> None:
    model.adapt(Adapter(one))
    wanted, identity = answer(model), model.identity
    one.unlink()
    assert (answer(model), model.identity) == (wanted, identity)


WRONG = {
    "another model's width": lambda lora: lora("bad", matrices(1, 896)),
    "another model's layers": lambda lora: lora("bad", matrices(1, layers=31)),
    "another architecture": lambda lora: lora("bad", matrices(1), "qwen2"),
    "half": lambda lora: lora("bad", {name: each for name, each in matrices(1).items() if "_a" in name}),
    "nothing": lambda lora: lora("bad", {}),
    "whole numbers": lambda lora: lora("bad", {name: m.astype(np.int32) for name, m in matrices(1).items()}),
    "cubes": lambda lora: lora("bad", {name: np.stack([m, m]) for name, m in matrices(1).items()}),
    "alpha": lambda lora: lora("bad", matrices(1), adapter__lora__alpha=8),
    "type": lambda lora: lora("bad", matrices(1), adapter__type=1),
    "kind": lambda lora: lora("bad", matrices(1), general__type="model"),
    "embeddings": lambda lora: lora(
        "bad",
        {
            "token_embd.weight.lora_a": np.ones((49152, RANK), np.float32),
            "token_embd.weight.lora_b": np.ones((576, RANK), np.float32),
        },
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_adapter_for_another_model(
    model: LanguageModel, lora: Callable[..., Path], one: Path, wrong: Callable[..., Path]
) -> None:
    model.adapt(Adapter(one))
    wanted = answer(model)
    with pytest.raises(AdapterBroken, match=r"bad\.gguf is no adapter for SmolLM2.*\.gguf \(.+\)"):
        model.adapt(Adapter(wrong(lora)))
    assert answer(model) == wanted  # what was in use is in use


def test_a_file_that_is_no_adapter(model: LanguageModel, one: Path, tmp_path: Path) -> None:
    wanted, whole = answer(model), one.read_bytes()
    path = tmp_path / "bad.gguf"
    for data in (b"", b"GGUF", b"hello" * 99, whole[:100], whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(data)
        with pytest.raises(AdapterBroken, match=r"bad\.gguf is no adapter for SmolLM2"):
            model.adapt(Adapter(path))
    with pytest.raises(AdapterBroken, match=r"expect general\.type to be 'adapter'"):
        model.adapt(Adapter(model.engine.path))
    for missing in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(AdapterBroken, match="there is no adapter"):
            model.adapt(Adapter(missing))
    assert answer(model) == wanted


def test_a_scale_that_is_no_number_and_an_adapter_twice(model: LanguageModel, one: Path) -> None:
    wanted = answer(model)
    for scale in (float("nan"), float("inf")):
        with pytest.raises(AdapterBroken, match="is no scale"):
            model.adapt(Adapter(one, scale))
    with pytest.raises(AdapterBroken, match="named twice"):
        model.adapt(Adapter(one), Adapter(one, 0.5))
    assert answer(model) == wanted


def test_two_contexts_have_adapters_of_their_own(
    gguf: Callable[[str], Path], model: LanguageModel, one: Path
) -> None:
    base = scores(model.engine)
    with Engine(gguf("smollm2-135m"), model.engine.settings) as other:
        assert other.weights is model.engine.weights
        other.adapt(Adapter(one))
        changed = scores(other)
        np.testing.assert_array_equal(scores(model.engine), base)
        model.adapt(Adapter(one))
        np.testing.assert_array_equal(scores(model.engine), changed)
    assert answer(model)
