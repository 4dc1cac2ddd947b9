import pytest

from lamha.device.hud.text import breaks, clause_breaks, clean, clusters, is_rtl, rtl_text, sentence_ends


def split(text: str, ends: list[int]) -> list[str]:
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b\tc \r\n d\x07", "a b c\nd"),
        ("a\u2028b\x85c", "a\nb\nc"),
        ("pay \u202e100\u202c", "pay 100"),  # an override could show another sum
        ("a\ud800b", "a\ufffdb"),
        ("\n\n x \n", "x"),
        ("call +358 40 123 4567", "call +358 40 123 4567"),
        ("اتصل +358 40 123 4567", "اتصل \u2066+358 40 123 4567\u2069"),
        ("من 10:30-11:00", "من 10:30-11:00"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two", ["one ", "two"]),
        ("你好，世界。", ["你", "好，", "世", "界。"]),
        ("看《三体》吧！", ["看", "《三", "体》", "吧！"]),
        ("用Wi-Fi吧", ["用", "Wi-", "Fi", "吧"]),
        ("350 m away", ["350 m ", "away"]),
        ("第 12 号", ["第 ", "12 号"]),
        ("cafe\u0301 x", ["cafe\u0301 ", "x"]),
        ("tel +358 40 123 4567", ["tel ", "+358 40 123 4567"]),
        ("a\u00a0b c", ["a\u00a0b ", "c"]),
        ("18:30-19:00 x", ["18:30-19:00 ", "x"]),
        ("", []),
    ],
)
def test_breaks(text: str, expected: list[str]) -> None:
    assert split(text, breaks(text)) == expected


def test_a_clause_is_not_cut() -> None:
    text = "你好，很高兴认识你。"
    assert split(text, clause_breaks(text)) == ["你好，", "很高兴认识你。"]


def test_a_cluster_keeps_its_marks_and_joiners() -> None:
    text = "e\u0301👩\u200d👧👍🏽بِ"
    assert split(text, [*clusters(text)[1:], len(text)]) == ["e\u0301", "👩\u200d👧", "👍🏽", "بِ"]


@pytest.mark.parametrize(
    ("text", "card", "rtl"),
    [
        ("Sara تقول نعم", True, True),
        ("Wi-Fi", True, False),
        ("18:30", True, True),
        ("hello means مرحبا", False, False),
        ("مرحبا", False, True),
        ("", False, False),
    ],
)
def test_direction(text: str, card: bool, rtl: bool) -> None:
    assert rtl_text(text, card) is rtl


@pytest.mark.parametrize(
    ("language", "rtl"), [("ar", True), ("ar-EG", True), ("fa_IR", True), ("arz", False), ("en", False)]
)
def test_direction_of_languages(language: str, rtl: bool) -> None:
    assert is_rtl(language) is rtl


def test_sentence_ends() -> None:
    text = "It is 3.5 km. Turn left! 好。“走吧！”هل؟ end"
    assert split(text, sentence_ends(text)) == ["It is 3.5 km.", " Turn left!", " 好。", "“走吧！”", "هل؟"]
