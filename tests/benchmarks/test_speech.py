import json
from pathlib import Path

import pytest

from lamha.benchmarks import speech
from lamha.benchmarks.speech_commands import STAGES, read
from lamha.models.paths import models_dir
from lamha.skills import registry
from lamha.skills.beyond import BEYOND
from lamha.skills.examples import plain

NEEDED = "kokoro", "moonshine-tiny-en", "piper-en-joe", "silero-vad", "speech-embedding", "whisper-base"
MODELS = models_dir()


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, real_cache: Path, trained: object) -> None:
    pytest.importorskip("piper", reason="the extra `voice` is not installed")
    for name in NEEDED:
        if not (MODELS / name).is_dir():
            pytest.skip(f"no model at {MODELS / name}")
    monkeypatch.setenv("LAMHA_CACHE", str(real_cache))


def test_the_commands_are_sixty_and_no_examples() -> None:
    contacts, commands = read()
    assert len(commands) == 60
    assert contacts["Sara"] == ["سارة", "莎拉"]
    actions = registry.actions(registry.discover())
    known = {plain(example) for action in actions.values() for example in action.examples} | set(BEYOND)
    assert not {_bare(each) for each in known} & {_bare(command.text) for command in commands}
    assert {command.action for command in commands} <= {*actions, ""}


def _bare(text: str) -> str:
    return text.rstrip(".?!؟。？！").casefold()


def test_a_part_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        speech.main(["--parts", "singing"])
    assert "there is no part singing: commands, recordings, wake, load, hours" in capsys.readouterr().err


@pytest.mark.model
@pytest.mark.usefixtures("models")
def test_spoken_commands_go_the_whole_way(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    speech.main(["--parts", "commands", "--sample", "2", "--languages", "each", "--out", str(tmp_path / "a")])
    report = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert report == json.loads((tmp_path / "a").read_text("utf-8"))
    done = report["commands"]
    assert [done[code]["commands"] for code in ("en", "ar", "zh")] == [2, 2, 2]
    assert done["en"]["right"] >= 1
    for found in done.values():
        assert found["right"] + len(found["misses"]) == 2
        stages = found["milliseconds_after_the_last_sound"]
        assert [stage for stage in STAGES if stage in stages] == list(stages)
    stages = done["en"]["milliseconds_after_the_last_sound"]
    assert [stages[stage]["count"] for stage in STAGES] == [2] * 5
    assert 300 < stages["ended"]["p50"] <= stages["text"]["p50"] <= stages["first_sound"]["p50"]


@pytest.mark.model
@pytest.mark.usefixtures("models")
def test_listening_takes_little_and_leaves_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    speech.main(["--parts", "load,hours", "--hours", "0.03"])
    report = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert 0 < report["load"]["both, % of a core"]["p50"] < 50
    megabytes = report["hours"]["megabytes in use"]
    assert len(megabytes) == 8
    assert megabytes[-1] < megabytes[3] + 20
