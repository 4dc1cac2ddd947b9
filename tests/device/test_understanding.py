import pytest

from lamha.device.understanding import _bare, _verb


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Tell Sara I'm late", "tell"),
        ("hey lamha, could you please tell Sara I'm late", "tell"),
        ("At six remind me to call Sara", "remind"),
        ("What is the capital of Japan?", "what"),
        ("من فضلك ذكرني غدا", "ذكرني"),
        ("明天早上八点提醒我买牛奶", "提"),
        ("请告诉小李我到了", "告"),
        ("please", "please"),
        ("?!", ""),
        ("", ""),
    ],
)
def test_the_verb_of_a_request(text: str, verb: str) -> None:
    assert _verb(text) == verb


def test_a_time_alone_is_left_as_it_is() -> None:
    assert _bare("at six") == "at six"
