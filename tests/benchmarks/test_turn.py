import json
from pathlib import Path

import pytest

from lamha.benchmarks import turn
from lamha.skills import registry
from lamha.skills.beyond import BEYOND
from lamha.skills.examples import plain


def test_no_command_is_an_example_of_a_skill() -> None:
    actions = registry.actions(registry.discover())
    known = {plain(example) for action in actions.values() for example in action.examples} | set(BEYOND)
    assert not known & set(turn.COMMANDS)


@pytest.mark.model
def test_it_measures_the_real_model(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    real_cache: Path,
    trained: object,
) -> None:
    monkeypatch.setenv("LAMHA_CACHE", str(real_cache))
    turn.main(["--rounds", "1", "--colds", "1"])
    report = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert report["warm_ms"]["first_word"]["count"] == len(turn.COMMANDS)
    assert report["tokens_in"]["p50"] > 5
    assert report["decode_tokens_per_second"]["p50"] > 1
    assert report["peak_mb"] > 400  # the model is in it
    assert set(report["within"]) == set(turn.LIMITS)
