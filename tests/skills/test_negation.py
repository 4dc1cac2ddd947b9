import pytest

from lamha.skills.negation import negated


@pytest.mark.parametrize(
    "text",
    [
        "Don't tell Sara I'm late",
        "don’t text John",
        "Please do not remind me tomorrow",
        "No, never write to Omar",
        "No need to remind me",
        "Stop sending messages",
        "لا ترسل رسالة إلى سارة",
        "من فضلك لا تذكرني غدا",
        "لا أريد تذكيرا",
        "不要给莎拉发短信",
        "请别提醒我",
        "不用提醒我了",
    ],
)
def test_a_negated_command(text: str) -> None:
    assert negated(text)


@pytest.mark.parametrize(
    "text",
    [
        "Don't let me forget to buy bread",
        "Don't forget to remind me at six",
        "Do not ever forget the rent on Monday",
        "Don't you know why the sky is blue?",
        "Tell Sara don't wait for me",
        "Tell Sara not to come",
        "Why don't cats like water?",
        "No, tell Sara",
        "Nevertheless, what is a star?",
        "لا تدعني أنسى شراء الخبز",
        "لا تنس أن تذكرني غدا",
        "كيف أقول لا تقلق بالإنجليزية؟",
        "别让我忘了周五看牙医",
        "别忘了六点提醒我",
        "不要忘了提醒我",
        "别人送的礼物用英语怎么说？",
        "告诉小李别等我了",
        "",
    ],
)
def test_one_that_is_not(text: str) -> None:
    assert not negated(text)


def test_a_negation_that_is_copied_is_cargo() -> None:
    assert negated("别担心用英语怎么说？")
    assert not negated("别担心用英语怎么说？", ["别担心"])
