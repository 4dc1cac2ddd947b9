import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lamha.benchmarks import llm, texts
from lamha.models.errors import ModelMissing
from lamha.models.store import Store

STORE = Store()  # now, before a test points the folders elsewhere
LLAMA_BENCH = """#!/bin/sh
echo '[{"n_prompt": 512, "avg_ts": 100.0}, {"n_prompt": 0, "avg_ts": 10.0}]'
"""


@pytest.fixture
def small() -> Path:
    try:
        return STORE.path("smollm2-135m")
    except ModelMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def report(capfd: pytest.CaptureFixture[str], small: Path) -> Callable[..., tuple[dict, str]]:
    def run(*arguments: str) -> tuple[dict, str]:
        llm.main(["--path", str(small), "--rounds", "1", *arguments])
        out, table = capfd.readouterr()
        return json.loads(out.splitlines()[-1]), table

    return run


@pytest.mark.model
def test_beside_llama_bench(report: Callable[..., tuple[dict, str]], tmp_path: Path) -> None:
    """A real model of ours; theirs says 100 and 10 tokens a second."""
    theirs = tmp_path / "llama-bench"
    theirs.write_text(LLAMA_BENCH)
    theirs.chmod(0o755)
    got, table = report("--only", "raw", "--llama-bench", str(theirs))
    assert got["raw"]["decode_ratio"] == pytest.approx(got["raw"]["decode"] / 10, rel=0.01)
    assert got["raw"]["prefill_ratio"] == pytest.approx(got["raw"]["prefill"] / 100, rel=0.01)
    assert set(got["within"]) == {"decode_ratio", "prefill_ratio"}
    assert table.startswith("ceiling: ")
    assert got["ceiling"]["decode"] > 1


@pytest.mark.model
def test_what_is_sooner_is_the_same(report: Callable[..., tuple[dict, str]], tmp_path: Path) -> None:
    """Calls and quotes on a real model; a reply that differs would be an error."""
    kept = tmp_path / "report.json"
    got, _ = report("--only", "calls", "quotes", "--out", str(kept))
    assert got["calls"]["call_plain"] > 1 < got["quotes"]["quote_fast"]
    assert json.loads(kept.read_text()) == got


def test_the_fixed_prompt_is_long_and_the_languages_are_three() -> None:
    assert 250 < len(texts.SYSTEM.split()) < 400
    assert texts.OTHER != texts.SYSTEM
    for each in (texts.CALLS, texts.ARTICLES, texts.COMMANDS):
        whole = "".join(each)
        assert all(any(low <= char <= high for char in whole) for low, high in ("az", "ءي", "一龥"))
