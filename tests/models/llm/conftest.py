"""An engine that needs no weights, and the real models; a test of one that is not here says so."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from lamha.models.errors import BudgetTooSmall, ModelMissing
from lamha.models.llm.engine import Logits, Row, Settings
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.quantising.quantise import FOR_BOARD, quantise
from lamha.models.store import Store

STORE = Store()  # now, before a test points the folders elsewhere


class FakeEngine:
    """Every byte is a token, and so is every piece of the script; 0 ends. The script is all it ever says."""

    def __init__(self, *script: str | bytes, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(context=64, batch=8, sequences=6, scored=8)
        said = [piece.encode() if isinstance(piece, str) else piece for piece in script]
        self._pieces = [*(bytes([i]) for i in range(256)), *dict.fromkeys(said)]
        self._script = [self._pieces.index(piece, 256) for piece in said]
        self.vocabulary_size = len(self._pieces)
        self.sequences: dict[int, list[int]] = {}
        self.decoded = 0
        self.adapters = ()
        self.seconds = 0.0
        self.each = lambda: None  # called by every decode

    def tokenize(self, text: str, **_: bool) -> list[int]:
        return list(text.encode())

    def piece(self, token: int, **_: bool) -> bytes:
        return self._pieces[token] if token else b""

    def is_end(self, token: int) -> bool:
        return token == 0

    def one(self, tokens: Collection[int]) -> Logits:
        scores = np.full(self.vocabulary_size, -9, np.float32)
        scores[list(tokens)] = 9
        return scores

    def scores(self, read: Sequence[int]) -> Logits:
        said = sum(token >= 256 for token in read)
        return self.one(self._script[said : said + 1] or [0])

    def decode(self, rows: Sequence[Row], **_: bool) -> list[Logits]:
        assert 0 < len(rows) <= self.settings.batch
        if sum(map(len, self.sequences.values())) + len(rows) > self.settings.context:
            raise BudgetTooSmall("full")
        self.seconds += 0.01
        self.each()
        logits = []
        for row in rows:
            read = self.sequences.setdefault(row.sequence, [])
            assert len(read) == row.position
            read.append(row.token)
            self.decoded += 1
            if row.scored:
                logits.append(self.scores(read))
        return logits

    def copy(self, source: int, target: int) -> None:
        if source < 0:
            raise ValueError("no sequence")
        self.sequences[target] = list(self.sequences.get(source, []))

    def forget(self, sequence: int, start: int = 0) -> None:
        self.sequences[sequence] = self.sequences.get(sequence, [])[:start]


@pytest.fixture(scope="session")
def fake_engine() -> type[FakeEngine]:
    return FakeEngine


@pytest.fixture(scope="session")
def gguf() -> Callable[[str], Path]:
    """The file of a model by its name."""

    def find(name: str) -> Path:
        try:
            return STORE.path(name)
        except ModelMissing as missing:
            pytest.skip(str(missing))

    return find


@pytest.fixture(scope="session")
def qwen(language_model: LanguageModel) -> LanguageModel:
    """One copy in memory is enough for all tests."""
    return language_model


@pytest.fixture(scope="session")
def smollm(gguf: Callable[[str], Path]) -> Iterator[LanguageModel]:
    with LanguageModel(gguf("smollm2-135m"), Settings(context=512, batch=64, sequences=8, scored=8)) as model:
        yield model


@pytest.fixture(scope="session")
def board_model(
    gguf: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LanguageModel]:
    """The small Qwen as it is quantised for a board, in memory once."""
    path = tmp_path_factory.mktemp("board") / "q4_0.gguf"
    quantise(gguf("qwen2.5-coder-0.5b"), path, FOR_BOARD[0])
    with LanguageModel(path) as model:
        yield model
