import typing

import pytest

from lamha.device.voice.notices import notice
from lamha.device.voice.states import Notice


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
@pytest.mark.parametrize("name", typing.get_args(Notice.__value__))
def test_every_notice_says_what_and_what_to_do(name: Notice, language: str) -> None:
    card = notice(name, language)
    assert card.title
    assert card.hint
    assert card.language == language
