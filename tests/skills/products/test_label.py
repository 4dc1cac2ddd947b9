from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.products import label
from lamha.skills.products.label import Label, energy, expiry, finding, prices, topic_of, topics


def says(topic: str, *lines: str) -> tuple[str, tuple[str, ...]]:
    found = finding(topic, Label(lines))
    return found.verdict, found.words


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Is it gluten free?", "gluten"),
        ("does it contain nuts", "nuts"),
        ("Are there peanuts in it?", "peanuts"),
        ("is this vegan", "vegan"),
        ("is it vegetarian?", "vegetarian"),
        ("is this halal?", "halal"),
        ("any dairy in here?", "milk"),
        ("is there gelatine in this?", "pork"),
        ("how much is it?", ""),
        ("do you know this coconut?", ""),
        ("هل يحتوي على الغلوتين؟", "gluten"),
        ("هل فيه مكسرات؟", "nuts"),
        ("فيه حليب؟", "milk"),
        ("هل هو حلال؟", "halal"),
        ("هل فيه فول سوداني", "peanuts"),
        ("متى تنتهي صلاحيته؟", ""),
        ("这个含麸质吗？", "gluten"),
        ("里面有花生吗？", "peanuts"),
        ("这个是纯素的吗？", "vegan"),
        ("含牛奶吗？", "milk"),
        ("这个多少钱？", ""),
    ],
)
def test_what_a_question_is_about(question: str, topic: str) -> None:
    assert topic_of(question) == topic


@pytest.mark.parametrize(
    ("topic", "line", "words"),
    [
        ("gluten", "Ingredients: WHEAT flour, salt", "wheat"),
        ("gluten", "barley malt extract", "barley"),
        ("milk", "whey powder", "whey"),
        ("milk", "skimmed-milk powder", "milk"),
        ("nuts", "hazelnuts (13 %)", "hazelnuts"),
        ("peanuts", "peanut butter", "peanut"),
        ("eggs", "dried egg white", "egg"),
        ("vegan", "sugar, honey", "honey"),
        ("vegan", "contains: milk", "milk"),
        ("vegetarian", "anchovies in oil", "anchovies"),
        ("halal", "pork gelatine", "pork"),
        ("halal", "rum (2 %)", "rum"),
        ("vegan", "Not suitable for vegans", "vegans"),
        ("milk", "المكونات: دقيق القمح، حليب مجفف", "حليب"),
        ("nuts", "شوكولاتة بالبندق", "بالبندق"),
        ("gluten", "سميد القَمْح", "القمح"),
        ("milk", "配料：小麦粉、全脂奶粉", "奶粉"),
        ("shellfish", "虾仁（30%）", "虾"),
    ],
)
def test_what_it_contains(topic: str, line: str, words: str) -> None:
    assert says(topic, line) == ("contains", (words,))


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ("nuts", "May contain traces of nuts."),
        ("milk", "Made in a facility that also handles milk"),
        ("nuts", "قد يحتوي على المكسرات"),
        ("peanuts", "可能含有花生"),
    ],
)
def test_what_it_may_contain(topic: str, line: str) -> None:
    assert says(topic, line)[0] == "traces"


def test_a_warning_runs_on_over_lines() -> None:
    assert says("sesame", "Wheat flour. May contain nuts", "and sesame")[0] == "traces"
    assert says("sesame", "May contain nuts.", "Sesame sticks")[0] == "contains"


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ("gluten", "Gluten-free"),
        ("milk", "Lactose free"),
        ("sugar", "No added sugar"),
        ("vegan", "100% plant based"),
        ("vegetarian", "Suitable for vegetarian and vegan diets"),
        ("gluten", "خالي من الغلوتين"),
        ("sugar", "بدون سكر"),
        ("gluten", "无麸质"),
        ("sugar", "零糖零脂"),
    ],
)
def test_what_it_promises(topic: str, line: str) -> None:
    assert says(topic, line) == ("free", (line,))


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ("milk", "oat milk"),
        ("milk", "cocoa butter"),
        ("nuts", "coconut, nutmeg"),
        ("nuts", "doughnuts"),
        ("eggs", "eggplant"),
        ("alcohol", "wine vinegar"),
        ("pork", "hamburger"),
        ("fish", "carp et diem"),
        ("nuts", "حليب جوز الهند"),
        ("milk", "豆奶"),
        ("gluten", ""),
        ("gluten", "water, salt"),
    ],
)
def test_what_it_does_not_say(topic: str, line: str) -> None:
    """Silence is no promise."""
    assert says(topic, line) == ("silent", ())


def test_a_promise_does_not_hide_what_is_in_it() -> None:
    assert says("gluten", "Gluten-free", "Ingredients: barley") == ("both", ("Gluten-free", "barley"))
    assert says("vegan", "Vegan", "may contain milk")[0] == "both"


def test_a_letter_that_was_read_wrong() -> None:
    assert says("gluten", "wheaf fl0ur, semolima") == ("contains", ("semolima",))


def test_what_the_catalogue_knows_counts_too() -> None:
    assert finding("soy", Label(ingredients="water, soya beans (8 %)")).verdict == "contains"
    assert finding("milk", Label(allergens="milk")).verdict == "contains"
    assert finding("nuts", Label(traces="nuts")).verdict == "traces"


@given(st.sampled_from(topics()), st.lists(st.text(max_size=40), max_size=5))
def test_any_label(topic: str, lines: list[str]) -> None:
    found = finding(topic, Label(tuple(lines)))
    assert bool(found.words) == (found.verdict != "silent")


@given(st.sampled_from(topics()), st.text(max_size=30), st.text(max_size=30))
def test_more_text_never_makes_it_safer(topic: str, line: str, more: str) -> None:
    """What is contained stays contained, whatever else the label says."""
    if finding(topic, Label((line,))).verdict in ("contains", "both"):
        assert finding(topic, Label((line, more))).verdict in ("contains", "both")


@pytest.mark.parametrize(
    ("line", "kcal"),
    [
        ("Energy 1850 kJ / 442 kcal", "442"),
        ("Energy 1850kJ/442kcal", "442"),
        ("Calories 210", "210"),
        ("61,5 kcal", "61.5"),
        ("٤٤٢ سعرة حرارية", "442"),
        ("能量 450千卡", "450"),
        ("1850 kJ", ""),
        ("", ""),
    ],
)
def test_energy(line: str, kcal: str) -> None:
    assert energy(Label((line,))) == kcal


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (["Best before: 12.05.2027"], date(2027, 5, 12)),
        (["Best before end:", "05/2027"], date(2027, 5, 31)),
        (["EXP 31-12-26"], date(2026, 12, 31)),
        (["USE BY 4 MAR 2027"], date(2027, 3, 4)),
        (["BB 2027-02-01"], date(2027, 2, 1)),
        (["DEC 2026"], date(2026, 12, 31)),
        (["MFG 01.02.2026", "EXP 01.02.2027"], date(2027, 2, 1)),
        (["Produced 01.02.2026"], None),
        (["تاريخ الانتهاء ٠٥/٠٣/٢٠٢٧"], date(2027, 3, 5)),
        (["保质期至2027年3月5日"], date(2027, 3, 5)),
        (["99.99.2027"], None),
        (["500 g"], None),
        ([], None),
    ],
)
def test_expiry(lines: list[str], day: date | None) -> None:
    found = expiry(Label(tuple(lines)))
    assert (found[0] if found else None) == day


@given(st.lists(st.text("0123456789./- EXPMAY", max_size=30), max_size=3))
def test_any_date(lines: list[str]) -> None:
    expiry(Label(tuple(lines)))


@given(st.dates(date(2020, 1, 1), date(2060, 12, 31)), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d %b %Y"]))
def test_every_day_is_read(day: date, how: str) -> None:
    assert expiry(Label((f"EXP {day.strftime(how)}",))) == (day, f"EXP {day.strftime(how)}")


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("€2,49", ["2.49"]),
        ("2.49 EUR", ["2.49"]),
        ("$3 or £2.50", ["3", "2.50"]),
        ("￥12.5", ["12.5"]),
        ("12元", ["12"]),
        ("١٢٫٥ ريال", ["12.5"]),
        ("12 درهم", ["12"]),
        ("500 g", []),
    ],
)
def test_prices(line: str, amounts: list[str]) -> None:
    assert [price.amount for price in prices([line])] == [Decimal(each) for each in amounts]


def test_every_topic_is_named_in_three_languages() -> None:
    for topic, rows in label._terms().items():
        for kind in ("named", "found", "without"):
            assert set(rows[kind]) == {"en", "ar", "zh"}, topic
