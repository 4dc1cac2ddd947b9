from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from lamha.skills.api import Reply
from lamha.skills.testing import FakeModel, context, run
from lamha.skills.translate import skill
from lamha.skills.wording import LANGUAGES

(TRANSLATE,) = skill.actions


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations(
    language: str, tmp_path: Path, now: datetime, golden: Callable[[str, Mapping[str, Reply]], None]
) -> None:
    replies = {}
    for target, said in {"en": "good morning", "ar": "صباح الخير", "zh": "早上好"}.items():
        asked = context("…", tmp_path, now, language, [f" {said}"])
        _, replies[f"into {target}"] = run(TRANSLATE(asked, phrase="bonjour", target=target))
    golden(f"translate.{language}", replies)


@pytest.mark.parametrize(
    ("language", "phrase", "into"),
    [
        ("en", "你好", "en"),
        ("ar", "water", "ar"),
        ("zh", "شكرا", "zh"),
        ("ar", "شكرا", "en"),
        ("zh", "水", "en"),
    ],
)
def test_where_no_language_is_said(
    language: str, phrase: str, into: str, tmp_path: Path, now: datetime
) -> None:
    """A foreign phrase comes back in the wearer's language, the wearer's own in English."""
    _, reply = run(TRANSLATE(context("…", tmp_path, now, language, ["done"]), phrase=phrase))
    assert reply.card.language == into


def test_english_for_an_english_wearer_needs_a_language(tmp_path: Path, now: datetime) -> None:
    shown, reply = run(TRANSLATE(context("…", tmp_path, now, "en"), phrase="good morning"))
    assert shown == ""
    assert (reply.card.kind, reply.card.title) == ("question", "Into which language?")


def test_the_model_reads_the_phrase_alone(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    models: list[FakeModel] = []
    made = FakeModel.__init__
    monkeypatch.setattr(FakeModel, "__init__", lambda self, *r: (made(self, *r), models.append(self))[0])
    run(TRANSLATE(context("Say hi in Chinese", tmp_path, now, "en", ["嗨"]), phrase="hi", target="zh"))
    ((instruction, words, cue),) = models[0].asked
    assert "into Chinese" in instruction
    assert (words, cue) == ("hi", "")
