from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamha.skills.contacts import Contacts, Mention
from lamha.skills.storage import Storage

PEOPLE = (
    ("Sara", ["سارة", "莎拉"]),
    ("Samy Haddad", ["سامي حداد"]),
    ("Omar Al-Farouq", ["عمر"]),
    ("Khalid", ["خالد"]),
    ("Will", []),
    ("Layla Ahmed", ["ليلى أحمد"]),
    ("Layla Hassan", ["ليلى حسن"]),
    ("王小明", ["Xiaoming"]),
    ("李娜", []),
    ("عبد الله منصور", ["Abdullah"]),
    ("Zoë Brown", []),
    ("المنصور", []),
)


@pytest.fixture(scope="module")
def contacts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contacts]:
    path = tmp_path_factory.mktemp("contacts") / "lamha.db"
    with Storage(path, clock=lambda: datetime(2026, 11, 24, tzinfo=UTC)) as storage:
        for name, aliases in PEOPLE:
            storage.add_contact(name, aliases)
        yield Contacts(storage)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Callable[..., Contacts]]:
    with Storage(tmp_path / "lamha.db") as storage:

        def made(*names: str) -> Contacts:
            for name in names:
                storage.add_contact(name)
            return Contacts(storage)

        yield made


def seen(utterance: str, mentions: list[Mention]) -> list[tuple[str, str]]:
    return [(mention.contact.name, utterance[mention.start : mention.end]) for mention in mentions]


@pytest.mark.parametrize(
    ("utterance", "name", "span"),
    [
        ("tell Sara I'm ten minutes late", "Sara", "Sara"),
        ("tell SARA I'm late", "Sara", "SARA"),
        ("text Sarah, please", "Sara", "Sarah"),
        ("tell sara's mother", "Sara", "sara"),
        ("call Sami", "Samy Haddad", "Sami"),
        ("call Sami Hadad now", "Samy Haddad", "Sami Hadad"),
        ("ask Omar al farouk about it", "Omar Al-Farouq", "Omar al farouk"),
        ("message Khaled", "Khalid", "Khaled"),
        ("write to Zoe Browne", "Zoë Brown", "Zoe Browne"),
        ("tell Will to wait", "Will", "Will"),
        ("قل لسارة إنني متأخر", "Sara", "سارة"),
        ("قل لساره إنني متأخر", "Sara", "ساره"),
        ("اكتب إلى سَارَةَ", "Sara", "سَارَةَ"),
        ("اكتب إلى ســارة", "Sara", "ســارة"),
        ("وسارة أيضا", "Sara", "سارة"),
        ("ولسارة أيضا", "Sara", "سارة"),
        ("اتصل بسامى حداد", "Samy Haddad", "سامى حداد"),
        ("اتصل بعبدالله", "عبد الله منصور", "عبدالله"),
        ("قل لعبد الله منصور", "عبد الله منصور", "عبد الله منصور"),
        ("قل لعبد اللة", "عبد الله منصور", "عبد اللة"),
        ("قل للمنصور شكرا", "المنصور", "لمنصور"),
        ("قل لليلى احمد", "Layla Ahmed", "ليلى احمد"),
        ("告诉莎拉我晚十分钟到", "Sara", "莎拉"),
        ("给王小明发消息", "王小明", "王小明"),
        ("给小明发消息", "王小明", "小明"),
        ("给Ｓａｒａ打电话", "Sara", "Ｓａｒａ"),
        ("给Sara打电话", "Sara", "Sara"),
    ],
)
def test_one_is_named(contacts: Contacts, utterance: str, name: str, span: str) -> None:
    assert seen(utterance, contacts.find(utterance)) == [(name, span)]


@pytest.mark.parametrize(
    "utterance",
    [
        "",
        "sorry I'm late",
        "I called the same number, sorry",
        "the sarcastic samurai",
        "what is this?",
        "remind me to buy a saree",
        "كم الساعة الآن",
        "السيارة سريعة",
        "عمري ثلاثون سنة",
        "这是什么",
        "我在明天到",
        "12:30",
    ],
)
def test_nobody_is_named(contacts: Contacts, utterance: str) -> None:
    assert contacts.find(utterance) == []


def test_two_who_match_equally_are_both_returned(contacts: Contacts) -> None:
    both = [("Layla Ahmed", "Layla"), ("Layla Hassan", "Layla")]
    assert seen("tell Layla hello", contacts.find("tell Layla hello")) == both
    assert seen("tell Layla Hassan", contacts.find("tell Layla Hassan")) == [("Layla Hassan", "Layla Hassan")]


def test_two_people_in_one_utterance(contacts: Contacts) -> None:
    said = "tell Sara and Samy Haddad"
    assert seen(said, contacts.find(said)) == [("Sara", "Sara"), ("Samy Haddad", "Samy Haddad")]


def test_a_name_that_is_a_word_gives_way_to_a_name_that_is_none(contacts: Contacts) -> None:
    assert seen("I will tell Sara", contacts.find("I will tell Sara")) == [("Sara", "Sara")]
    (weak,) = contacts.find("tell will I'm late")
    assert (weak.contact.name, weak.score) == ("Will", 0.5)
    (sure,) = contacts.find("tell Will I'm late")
    assert sure.score == 1.0


def test_the_arabic_for_on_is_hardly_ali(book: Callable[..., Contacts]) -> None:
    contacts = book("علي", "سارة", "دينا")
    said = "قل لسارة إنني على الطريق"
    assert seen(said, contacts.find(said)) == [("سارة", "سارة")]
    assert [mention.score for mention in contacts.find("قل لعلي إنني قادم")] == [0.97]
    assert [mention.score for mention in contacts.find("قل لعلى إنني قادم")] == [0.5]
    assert contacts.find("لدينا وقت") == []


def test_the_same_letters_beat_the_same_sound(book: Callable[..., Contacts]) -> None:
    contacts = book("Sara", "Sarah")
    (mention,) = contacts.find("call Sarah")
    assert (mention.contact.name, mention.score) == ("Sarah", 1.0)


def test_a_double_name_comes_twice(book: Callable[..., Contacts]) -> None:
    assert len(book("Sara", "Sara").find("call Sara")) == 2


def test_names_without_letters_are_never_found(book: Callable[..., Contacts]) -> None:
    assert book("123", "!").find("call 123!") == []


def test_a_new_contact_is_found_at_once(book: Callable[..., Contacts]) -> None:
    assert book("Sara").find("call Omar") == []
    assert len(book("Omar").find("call Omar")) == 1


WORDS = st.sampled_from(
    [
        "Sara",
        "سارة",
        "ل",
        "و",
        "莎拉",
        "sarah",
        "will",
        "سامي",
        "小明",
        "İ",
        "ß",
        "ﷺ",
        "عبد",
        "12",
        "\u200f",
        "\u0651",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(st.one_of(WORDS, st.text(max_size=3))).map(" ".join)))
def test_any_utterance(contacts: Contacts, utterance: str) -> None:
    mentions = contacts.find(utterance)
    spans = sorted({(mention.start, mention.end) for mention in mentions})
    assert all(0 <= start < end <= len(utterance) for start, end in spans)
    assert all(0 < mention.score <= 1 for mention in mentions)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
