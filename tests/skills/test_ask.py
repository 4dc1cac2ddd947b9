from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from lamha.skills.api import Reply
from lamha.skills.ask import skill
from lamha.skills.testing import context, run

(ANSWER,) = skill.actions
ASKED = {
    "en": ("What is the capital of Japan?", "Tokyo."),
    "ar": ("ما هي عاصمة اليابان؟", "طوكيو."),
    "zh": ("日本的首都是哪里？", "东京。"),
}


@pytest.mark.parametrize("language", ASKED)
def test_an_answer(
    language: str, tmp_path: Path, now: datetime, golden: Callable[[str, Mapping[str, Reply]], None]
) -> None:
    question, answer = ASKED[language]
    shown, reply = run(ANSWER(context(question, tmp_path, now, language, [answer])))
    assert shown == answer
    golden(f"ask.{language}", {"an answer": reply})
