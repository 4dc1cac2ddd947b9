"""Whatever is wrong is said by name before harm is done, and what was open goes on as before."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lamha.models.errors import BudgetTooSmall, GrammarBroken, ModelBroken
from lamha.models.llm.budget import Budget
from lamha.models.llm.engine import Engine, Settings
from lamha.models.llm.generate import text
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.weights import Weights

pytestmark = pytest.mark.model

SMALL = Settings(context=256, batch=32, sequences=4, scored=4)
BRIEF = "You are a helpful assistant. Answer in one short sentence."
SIZES = {4: 4, 6: 4, 7: 1}
UINT32, FLOAT, STRING, ARRAY = 4, 6, 8, 9


def answer(model: LanguageModel) -> str:
    with model.read("What is the capital of France?", BRIEF) as reading:
        return text(reading.write("", Budget(new=8)))


@pytest.fixture(scope="module")
def wanted(smollm: LanguageModel) -> str:
    return answer(smollm)


@pytest.fixture(autouse=True)
def unharmed(smollm: LanguageModel, wanted: str) -> Iterator[None]:
    """A model that is open all the time answers as before, and nothing is left behind."""
    loaded, users, free = dict(Weights._loaded), smollm.engine.weights._users, len(smollm.pool._free)
    yield
    assert loaded == Weights._loaded
    assert smollm.engine.weights._users == users
    assert (answer(smollm), len(smollm.pool._free)) == (wanted, free)


@pytest.fixture(scope="module")
def head(gguf: Callable[[str], Path]) -> bytes:
    with gguf("smollm2-135m").open("rb") as file:
        return file.read(2_000_000)


def string(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def edited(head: bytes, key: str, kind: int | None = None, value: bytes = b"") -> bytes:
    """The head of a GGUF with another value, or none; padded so that its tensors stay aligned."""
    begin = head.index(string(key))
    at = begin + 8 + len(key)
    old, at = struct.unpack_from("<I", head, at)[0], at + 4
    end = at + (SIZES[old] if old != STRING else 8 + struct.unpack_from("<Q", head, at)[0])
    new = b"" if kind is None else string(key) + struct.pack("<I", kind) + value
    room = -(len(new) - (end - begin) + len(string("x.pad")) + 4 + 8) % 32
    new += string("x.pad") + struct.pack("<I", STRING) + string("x" * room)
    count = struct.unpack_from("<Q", head, 16)[0] + (kind is not None)
    return head[:16] + struct.pack("<Q", count) + head[24:begin] + new + head[end:]


@pytest.fixture
def broken(tmp_path: Path, head: bytes, gguf: Callable[[str], Path]) -> Callable[..., Path]:
    """A model that is all zeros after its header, which only matters once it is asked something."""

    def write(key: str, kind: int | None = None, value: bytes = b"") -> Path:
        path, new = tmp_path / "model.gguf", edited(head, key, kind, value)
        path.write_bytes(new)
        os.truncate(path, gguf("smollm2-135m").stat().st_size + len(new) - len(head))
        return path

    return write


def test_the_editing_itself_breaks_nothing(
    broken: Callable[..., Path], gguf: Callable[[str], Path], head: bytes, wanted: str
) -> None:
    path = broken("general.name", STRING, string("another"))
    with path.open("r+b") as file, gguf("smollm2-135m").open("rb") as source:
        file.seek(len(edited(head, "general.name", STRING, string("another"))))
        source.seek(len(head))
        shutil.copyfileobj(source, file)
    with LanguageModel(path, SMALL) as model:
        assert answer(model) == wanted


def test_a_truncated_file(gguf: Callable[[str], Path], tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(gguf("smollm2-135m"), path)
    for size in (path.stat().st_size - 1, 50_000_000, 1_800_000, 1_000_000, 700, 24, 23, 8, 4, 0):
        os.truncate(path, size)
        with pytest.raises(
            ModelBroken, match=r"model\.gguf is not a model that llama\.cpp can load \(.+\)"
        ) as caught:
            LanguageModel(path, SMALL)
        assert "failed to load model" not in str(caught.value)  # that it failed is not why
        assert "does not say why" not in str(caught.value)


def test_an_unknown_architecture(broken: Callable[..., Path]) -> None:
    path = broken("general.architecture", STRING, string("lamba"))
    with pytest.raises(ModelBroken, match=r"model\.gguf .*unknown model architecture: 'lamba'"):
        LanguageModel(path, SMALL)


def test_no_chat_template(broken: Callable[..., Path]) -> None:
    path = broken("tokenizer.chat_template")
    with pytest.raises(ModelBroken, match="no chat template"):
        LanguageModel(path, SMALL)
    with Engine(path, SMALL) as engine:  # for those who need none
        assert engine.tokenize("a")


@pytest.mark.parametrize("template", ["{{ 1 / 0 }}", "{{", "", "{% for x in range(9**9) %}a{% endfor %}"])
def test_a_chat_template_that_fails(broken: Callable[..., Path], template: str) -> None:
    path = broken("tokenizer.chat_template", STRING, string(template))
    with pytest.raises(ModelBroken, match="chat template"):
        LanguageModel(path, SMALL)


NUMBER, NUMBERS = (UINT32, struct.pack("<I", 7)), (ARRAY, struct.pack("<IQI", UINT32, 1, 7))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("general.architecture", NUMBER),
        ("general.architecture", NUMBERS),
        ("tokenizer.chat_template", NUMBER),
        ("tokenizer.chat_template", NUMBERS),
        ("tokenizer.ggml.model", NUMBER),
        ("tokenizer.ggml.eos_token_id", (STRING, string("2"))),
        ("llama.block_count", (FLOAT, struct.pack("<f", 30))),
        ("llama.block_count", (UINT32, struct.pack("<I", 0))),
        ("llama.block_count", (UINT32, struct.pack("<I", 2**32 - 1))),
        ("llama.attention.head_count", (UINT32, struct.pack("<I", 0))),
        ("llama.embedding_length", (STRING, string("576"))),
    ],
)
def test_a_value_of_the_wrong_type_or_size(
    broken: Callable[..., Path], key: str, value: tuple[int, bytes]
) -> None:
    with pytest.raises(ModelBroken):
        LanguageModel(broken(key, *value), SMALL)


def test_a_prompt_larger_than_the_context(gguf: Callable[[str], Path], wanted: str) -> None:
    with LanguageModel(gguf("smollm2-135m"), SMALL) as model:
        with pytest.raises(BudgetTooSmall, match="fixed tokens leave no room in a context of 256"):
            model.read("Hello", "word " * 300)
        assert answer(model) == wanted


@pytest.mark.parametrize(
    "settings", [{"context": 0}, {"context": -1}, {"batch": 0}, {"sequences": 0}, {"sequences": 257}]
)
def test_settings_of_nothing(settings: Mapping[str, int]) -> None:
    with pytest.raises(BudgetTooSmall, match="there is no context of"):
        Settings(**settings)


NESTED: dict[str, Any] = {"type": "string"}
for _ in range(99):
    NESTED = {"type": "array", "items": NESTED}
DOUBLED: dict[str, Any] = {"$ref": "#/$defs/d0", "$defs": {"d40": {"type": "null"}}}
for _at in range(40):
    twice = {"$ref": f"#/$defs/d{_at + 1}"}
    DOUBLED["$defs"][f"d{_at}"] = {"type": "array", "prefixItems": [twice, twice], "minItems": 2}
BAD = {
    "nothing": False,
    "no number": {"type": "integer", "minimum": 3, "maximum": 2},
    "no choice": {"enum": []},
    "two constants": {"allOf": [{"const": 1}, {"const": 2}]},
    "endless": {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    "itself": {"$ref": "#"},
    "nested": NESTED,
    "doubled": DOUBLED,
    "long": {"type": "string", "minLength": 10**9},
    "many": {"type": "array", "items": {"type": "string", "maxLength": 10**4}, "maxItems": 10**6},
    "pattern": {"type": "string", "pattern": "^((a{1,99}){1,99}){1,99}$"},
    "no words": {"type": "string", "pattern": "^[a-"},
}


@pytest.mark.parametrize("schema", BAD.values(), ids=BAD)
def test_a_schema_that_nothing_satisfies_or_that_is_a_bomb(
    smollm: LanguageModel, wanted: str, schema: Any
) -> None:
    smollm.warm(BRIEF)
    with smollm.read("What is the capital of France?", BRIEF) as reading:
        with pytest.raises(GrammarBroken):
            next(reading.write("", Budget(new=12), schema=schema))
        assert reading.spent.tokens_in == reading.spent.tokens_out == 0
        assert text(reading.write("", Budget(new=8))) == wanted


@pytest.mark.parametrize("milliseconds", [0, -1, float("nan"), -float("inf")])
@pytest.mark.parametrize("deadline", ["first_ms", "done_ms"])
def test_a_deadline_that_has_passed(deadline: str, milliseconds: float) -> None:
    with pytest.raises(BudgetTooSmall, match="has passed before anything runs"):
        Budget(**{deadline: milliseconds})


STARVED = """
import resource, sys
from pathlib import Path
from lamha.models.errors import NoMemory
from lamha.models.llm import weights
from lamha.models.llm.engine import Settings
from lamha.models.llm.generate import text
from lamha.models.llm.library import library
from lamha.models.llm.model import LanguageModel

def told():
    try:
        with LanguageModel(Path(sys.argv[1]), Settings(512, 32, 4, 4)) as model:
            with model.read("What is the capital of France?", sys.argv[2]) as reading:
                return text(reading.write())
    except NoMemory:
        return "no memory"

library()
weights._ensure_memory = lambda _path: None  # as if what is free then were taken later
for more in map(int, sys.argv[3:]):
    used = int(Path("/proc/self/status").read_text().partition("VmSize:")[2].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_AS, (used + more, resource.RLIM_INFINITY))
    print(more, told(), flush=True)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print("all", told())
"""


def test_memory_that_runs_out_while_loading(gguf: Callable[[str], Path], wanted: str) -> None:
    path = gguf("smollm2-135m")
    limits = [1_000_000, 9_000_000, 40_000_000, *range(90_000_000, 220_000_000, 13_000_000)]
    command = [sys.executable, "-c", STARVED, path, BRIEF, *map(str, limits)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [line.partition(" ")[2] for line in done.stdout.splitlines()]
    refused = told.index(next(said for said in told if said != "no memory"))
    assert 3 < refused < len(limits)
    assert all(said.startswith(wanted) for said in told[refused:])
    assert len(told) == len(limits) + 1
