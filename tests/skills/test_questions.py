from collections.abc import Callable, Mapping

import pytest

from lamha.skills import questions
from lamha.skills.api import Parameter, Reply
from lamha.skills.arguments import Missing
from lamha.skills.wording import LANGUAGES

CONTACT, MOMENT = Parameter("contact", "contact", "contact"), Parameter("when", "moment", "when")
WORDS, CHOICE = Parameter("text", "words", "message"), Parameter("target", "choice", "language")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_them(language: str, golden: Callable[[str, Mapping[str, Reply]], None]) -> None:
    asked = {
        "no contact": Missing(CONTACT, "unsaid"),
        "several contacts": Missing(CONTACT, "ambiguous", ("Anna Berg", "Anna Dahl")),
        "no time": Missing(MOMENT, "unsaid"),
        "a past time": Missing(MOMENT, "past"),
        "no words": Missing(WORDS, "unsaid"),
        "no choice": Missing(CHOICE, "unsaid", ("en", "ar", "zh")),
    }
    replies = {case: questions.ask_back(missing, language) for case, missing in asked.items()}
    replies["a refusal"] = questions.refuse("Turn on the lights", language)
    replies["nothing heard"] = questions.nothing_heard(language)
    replies["stopped"] = questions.stopped(language)
    replies["failed"] = questions.failed("the disk has no room", language)
    golden(f"questions.{language}", replies)


def test_an_utterance_with_braces_is_only_text() -> None:
    assert "{0} {name}" in questions.refuse("{0} {name}", "en").card.body
