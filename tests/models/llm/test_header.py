from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.errors import ModelBroken
from lamha.models.llm import header


def number(value: int, size: int = 8) -> bytes:
    return value.to_bytes(size, "little")


def text(value: str) -> bytes:
    return number(len(value.encode())) + value.encode()


def array(kind: int, *values: bytes) -> bytes:
    return number(kind, 4) + number(len(values)) + b"".join(values)


VALUES = [
    text("a.number") + number(4, 4) + number(7, 4),
    text("a.text") + number(8, 4) + text("قهوة"),
    text("some.texts") + number(9, 4) + array(8, text("a"), text("bc")),
    text("some.numbers") + number(9, 4) + array(12, bytes(8), bytes(8)),
]
TENSORS = [
    text("token_embd.weight") + number(2, 4) + number(32) + number(5) + bytes(12),
    text("norm.weight") + number(1, 4) + number(32) + number(0, 4) + number(32 * 5 * 4),
]
HEADER = b"".join([b"GGUF", number(3, 4), number(len(TENSORS)), number(len(VALUES)), *VALUES, *TENSORS])
WHOLE = HEADER + bytes(-len(HEADER) % 32) + bytes(32 * 5 * 4 + 32 * 4)


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    return path


def test_names_and_shapes_stand_behind_values_of_every_kind(tmp_path: Path) -> None:
    assert header.tensors(written(tmp_path, WHOLE)) == (
        header.Tensor("token_embd.weight", (32, 5)),
        header.Tensor("norm.weight", (32,)),
    )


@given(end=st.integers(0, len(HEADER) - 1))
def test_a_header_that_ends_early_is_an_error(tmp_path_factory: pytest.TempPathFactory, end: int) -> None:
    with pytest.raises(ModelBroken, match="no whole GGUF"):
        header.tensors(written(tmp_path_factory.mktemp("cut"), WHOLE[:end]))


@given(place=st.integers(0, len(HEADER) - 1), byte=st.integers(0, 255))
def test_a_wrong_byte_is_an_error_or_a_wrong_name(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    data = bytearray(WHOLE)
    data[place] = byte
    with suppress(ModelBroken):
        header.tensors(written(tmp_path_factory.mktemp("wrong"), bytes(data)))


@pytest.mark.model
def test_a_real_header(gguf: Callable[[str], Path]) -> None:
    tensors = {each.name: each.shape for each in header.tensors(gguf("smollm2-135m"))}
    assert len(tensors) == 272
    assert tensors["token_embd.weight"] == (576, 49152)
    assert tensors["blk.29.ffn_down.weight"] == (1536, 576)
