from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamha.skills.contacts import Contacts, Known
from lamha.skills.language import detect
from lamha.skills.tools import Tool, tools
from lamha.skills.values import Absent, Evidence, Open, Said, Sure, evidence

type Look = Callable[..., dict[str, Evidence]]

BOOK = Contacts(Known(["Sara", "Anna Berg", "Anna Dahl", "Ahmed", "李伟"]))
INTEGER, NUMBER = {"type": "integer"}, {"type": "number"}
ROOM = {"type": "string", "enum": ["kitchen", "living_room", "bedroom"]}
UNIT = {"type": "string", "enum": ["celsius", "fahrenheit"]}
WHO = {"type": "string", "x-lamha": "contact"}
MOMENT, DATE, TIME = ({"type": "string", "format": form} for form in ("date-time", "date", "time"))


def of(properties: Mapping[str, Any], required: list[str] | None = None, **described: str) -> Tool:
    needed = list(properties) if required is None else required
    parameters = {"type": "object", "properties": properties, "required": needed}
    (tool,) = tools([{"name": "do_it", **described, "parameters": parameters}])
    return tool


@pytest.fixture
def look(now: datetime) -> Look:
    """What an utterance holds for a tool."""
    return lambda tool, text: evidence(tool, Said(text, detect(text), now, BOOK))


@pytest.fixture
def one(look: Look) -> Callable[..., Evidence]:
    """What it holds for the one parameter of a tool that sets something."""
    return lambda text, schema, name="p": look(of({name: schema}, description="Set it."), text)[name]


def value(part: Evidence) -> Any:
    assert isinstance(part, Sure), part
    return part.value


@pytest.mark.parametrize(
    ("text", "described", "number"),
    [
        ("Set a timer for five minutes", "Duration in seconds", 300),
        ("Set a timer for 1,200 seconds", "Duration in seconds", 1200),
        ("اضبط المؤقت لخمس دقائق", "Duration in seconds", 300),
        ("اضبط المؤقت على ٩٠ ثانية", "Duration in seconds", 90),
        ("设定五分钟的计时器", "Duration in seconds", 300),
        ("an hour and a half", "in minutes", 90),
        ("نصف ساعة", "in minutes", 30),
        ("倒计时半小时", "in minutes", 30),
        ("run ten miles", "Distance in kilometres", 16.09344),
        ("set the oven to 350 fahrenheit", "Temperature in degrees Celsius", 176.666667),
        ("set it to 12", "Distance in kilometres", 12),
        ("three kilos", "how far, in kilometres", 3),
    ],
)
def test_numbers_in_the_unit_that_is_asked_for(one, text: str, described: str, number: float) -> None:
    assert value(one(text, {**NUMBER, "description": described})) == pytest.approx(number)


def test_of_two_numbers_the_one_in_the_unit_is_meant(one) -> None:
    years = {"type": "integer", "maximum": 100}
    assert isinstance(one("2000 at 3 percent for five hundred years", years, "years"), Absent)
    assert value(one("at 3 percent for five years", years, "years")) == 5


def test_a_number_in_another_unit_is_not_taken_where_it_is_optional(look: Look) -> None:
    tool = of({"km": {**NUMBER, "description": "distance in kilometres"}}, [])
    assert isinstance(look(tool, "three kilos of rice")["km"], Absent)


@pytest.mark.parametrize("text", ["cool it to 350K", "cool it to 350 K", "أبردها إلى 350K", "冷却到350K"])
def test_behind_a_temperature_k_is_kelvin(one: Callable[..., Evidence], text: str) -> None:
    assert value(one(text, {**NUMBER, "description": "in Kelvin"}, "final_temperature")) == 350


def test_behind_anything_else_k_is_a_thousand(one: Callable[..., Evidence]) -> None:
    assert value(one("over 10K people", NUMBER, "crowd")) == 10_000


@pytest.mark.parametrize(
    "text", ["dim to 40 percent", "dim it to 40%", "اخفضها إلى ٤٠ بالمئة", "调到百分之四十"]
)
@pytest.mark.parametrize(
    ("schema", "number"),
    [
        ({**INTEGER, "description": "Brightness in percent"}, 40),
        (INTEGER, 40),
        ({**NUMBER, "description": "Percent of the screen"}, 40),
        ({**NUMBER, "description": "A fraction between 0 and 1"}, 0.4),
        (NUMBER, 0.4),
    ],
)
def test_percent(one, text: str, schema: dict[str, Any], number: float) -> None:
    assert value(one(text, schema)) == number


@pytest.mark.parametrize(
    ("text", "bounds", "number"),
    [
        ("set the volume to 7", {"minimum": 0, "maximum": 10}, 7),
        ("set the volume to 10", {"minimum": 0, "maximum": 10}, 10),
        ("set the volume to 11", {"minimum": 0, "maximum": 10}, None),
        ("set it to minus one", {"minimum": 0, "maximum": 10}, None),
        ("ارفع الصوت إلى ١١", {"minimum": 0, "maximum": 10}, None),
        ("音量调到十一", {"minimum": 0, "maximum": 10}, None),
        ("音量调到七", {"minimum": 0, "maximum": 10}, 7),
        ("set it to 10", {"exclusiveMaximum": 10}, None),
        ("set it to 0", {"exclusiveMinimum": 0}, None),
        ("a table for zero people", {"description": "number of people"}, None),
    ],
)
def test_bounds(one, text: str, bounds: dict[str, Any], number: int | None) -> None:
    found = one(text, {**INTEGER, **bounds})
    if number is None:
        ends = tuple(str(bounds[key]) for key in ("minimum", "maximum") if key in bounds)
        assert found == Absent("impossible", ends)
    else:
        assert value(found) == number


@pytest.mark.parametrize("text", ["set the volume", "ارفع الصوت", "调音量", "", "set it to 2.5"])
def test_no_whole_number_is_said(one, text: str) -> None:
    assert one(text, INTEGER) == Absent("unsaid")


@pytest.mark.parametrize(
    ("text", "schema", "chosen"),
    [
        ("Turn on the KITCHEN light", ROOM, "kitchen"),
        ("the living room please", ROOM, "living_room"),
        ("it is 350 F", UNIT, "fahrenheit"),
        ("weather in degrees Celsius", UNIT, "celsius"),
        ("设到20摄氏度", UNIT, "celsius"),
        ("اضبط الحرارة على ٢٠ درجة مئوية", UNIT, "celsius"),
        ("افتح باب المطبخ", {**ROOM, "x-names": {"kitchen": ["المطبخ"]}}, "kitchen"),
        ("打开厨房", {**ROOM, "x-names": {"kitchen": ["厨房"]}}, "kitchen"),
        ("version 2 please", {"type": "integer", "enum": [1, 2, 3]}, 2),
        ("wide screen", {"type": "string", "enum": ["wide", "wide screen"]}, "wide screen"),
    ],
)
def test_a_choice_by_name_and_by_unit(one, text: str, schema: dict[str, Any], chosen: object) -> None:
    found = one(text, schema)
    assert value(found) == chosen
    assert all(0 <= start < end <= len(text) for start, end in found.places)


def test_several_or_no_choices_are_left_open(look: Look) -> None:
    tool = of({"room": ROOM})
    none, two = look(tool, "the lights")["room"], look(tool, "kitchen or bedroom")["room"]
    assert isinstance(none, Open)
    assert isinstance(two, Open)
    assert (none.schema["enum"], none.named) == (ROOM["enum"], False)
    assert (two.schema["enum"], two.named) == (["kitchen", "bedroom"], True)


def test_two_parameters_of_the_same_choices_are_left_to_the_model(look: Look) -> None:
    unit = {"type": "string", "enum": ["km", "miles"]}
    found = look(of({"from": unit, "to": unit}), "convert km to miles")
    for part in found.values():
        assert isinstance(part, Open)
        assert part.schema["enum"] == ["km", "miles"]


@pytest.mark.parametrize(
    "text", ["Wake me tomorrow at 7 in the morning", "أيقظني غدا الساعة السابعة صباحا", "明天早上七点叫我"]
)
@pytest.mark.parametrize(
    ("schema", "written"),
    [
        (MOMENT, "2026-03-05T07:00:00+02:00"),
        (DATE, "2026-03-05"),
        (TIME, "07:00"),
        ({"type": "string", "description": "The day, YYYY-MM-DD"}, "2026-03-05"),
        ({"type": "string", "description": "When, as HH:MM"}, "07:00"),
        ({"type": "string", "description": "ISO 8601"}, "2026-03-05T07:00:00+02:00"),
    ],
    ids=str,
)
def test_times_in_the_form_that_is_asked_for(one, text: str, schema: dict[str, Any], written: str) -> None:
    assert value(one(text, schema)) == written


@pytest.mark.parametrize(("text", "schema"), [("Wake me", MOMENT), ("叫我", DATE), ("tomorrow", TIME)])
def test_no_time_is_said(one, text: str, schema: dict[str, Any]) -> None:
    assert one(text, schema) == Absent("unsaid")


@pytest.mark.parametrize(
    "text", ["today at 8:00 in the morning", "اليوم الساعة الثامنة صباحا", "今天早上八点"]
)
@pytest.mark.parametrize(
    ("described", "passed"), [("Set an alarm.", True), ("Book a table.", True), ("Find events.", False)]
)
def test_a_time_that_has_passed(look: Look, text: str, described: str, *, passed: bool) -> None:
    found = look(of({"at": MOMENT}, description=described), text)["at"]
    if passed:
        assert found == Absent("past")
    else:
        assert value(found) == "2026-03-04T08:00:00+02:00"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Call Sara", "Sara"),
        ("اتصل بسارة", "Sara"),
        ("اتصل بأحمد", "Ahmed"),
        ("打电话给李伟", "李伟"),
        ("Call Anna Dahl", "Anna Dahl"),
        ("Tell Ahmed that Sara is here", "Ahmed"),
    ],
)
def test_contacts(one, text: str, name: str) -> None:
    assert value(one(text, WHO)) == name


def test_contacts_in_doubt(one) -> None:
    assert one("Call Anna", WHO) == Absent("ambiguous", ("Anna Berg", "Anna Dahl"))
    assert one("Call Zebulon", WHO) == Absent("unsaid")


def test_two_contacts_are_two_people(look: Look) -> None:
    found = look(of({"who": WHO, "with": WHO}), "introduce Sara to Ahmed")
    assert [value(part) for part in found.values()] == ["Sara", "Ahmed"]


@pytest.mark.parametrize("text", ["average of 3, 5 and 8", "متوسط ٣ و ٥ و ٨", "求3、5和8的平均数"])
def test_an_array_of_numbers(one, text: str) -> None:
    found = one(text, {"type": "array", "items": NUMBER})
    assert value(found) == [3, 5, 8]
    assert len(found.places) == 3


def test_an_array_of_choices(one) -> None:
    rooms = {"type": "array", "items": ROOM}
    assert value(one("light the bedroom and the kitchen", rooms)) == ["bedroom", "kitchen"]
    assert one("average", {"type": "array", "items": NUMBER}) == Absent("unsaid")


def test_one_number_for_two_parameters(look: Look) -> None:
    both = look(of({"x": INTEGER, "y": INTEGER}), "move it to 5")
    assert all(isinstance(part, Open) and part.places == {5: (11, 12)} for part in both.values())
    required = look(of({"x": INTEGER, "y": INTEGER}, ["y"]), "move it to 5")
    assert (required["x"], value(required["y"])) == (Absent("unsaid"), 5)
    two = look(of({"x": INTEGER, "y": INTEGER}), "move it to 5 and 7")
    assert all(isinstance(part, Open) and list(part.places) == [5, 7] for part in two.values())


def test_a_number_of_a_time_is_no_other_number(look: Look) -> None:
    found = look(of({"at": TIME, "guests": INTEGER}), "a table at 7 pm")
    assert (value(found["at"]), found["guests"]) == ("19:00", Absent("unsaid"))
    found = look(of({"at": TIME, "guests": INTEGER}), "a table for 4 at 7 pm")
    assert (value(found["at"]), value(found["guests"])) == ("19:00", 4)


def test_words_are_copied_from_what_is_left(look: Look) -> None:
    words = {"type": "string"}
    found = look(of({"who": WHO, "words": words, "at": MOMENT}), "tell Sara, the milk is gone, at six")
    assert isinstance(found["words"], Open)
    assert found["words"].schema == {"type": "string", "x-copy": ["tell", "the milk is gone"]}
    assert look(of({"who": WHO, "words": words}), "Sara!")["words"] == Absent("unsaid")


def test_a_yes_or_no_is_named_or_not(one) -> None:
    for text, named in (("make it urgent", True), ("send it", False)):
        found = one(text, {"type": "boolean"}, "urgent")
        assert isinstance(found, Open)
        assert (found.schema, found.named) == ({"type": "boolean"}, named)


def test_an_object_is_filled_or_left_out_whole(one) -> None:
    place = {"type": "object", "properties": {"x": INTEGER, "name": {"type": "string"}}, "required": ["x"]}
    found = one("put a pin at 5", place)
    assert isinstance(found, Open)
    assert found.schema["properties"] == {"x": {"enum": [5]}}
    assert one("put a pin", place) == Absent("unsaid")
    assert one("put a pin at 5", {"type": "object"}) == Absent("unsaid")


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": [["a"], {"b": 1}]},
        {"const": ["a"]},
        {"type": "array", "items": {"enum": [["a"]]}},
        {"type": "integer", "minimum": "0"},
        {"type": "array", "maxItems": "3"},
        {"enum": ["a"], "x-names": None},
        {"enum": ["a"], "x-names": ["a"]},
        {"enum": [None, True, ""]},
        {"type": "string", "format": ["date"]},
        {"type": "integer", "minimum": None},
    ],
    ids=str,
)
def test_an_odd_schema_is_refused_or_followed(now: datetime, schema: dict[str, Any]) -> None:
    """`ToolsBroken`, a `ValueError`, says what is wrong with it; nothing else is raised."""
    try:
        tool = of({"p": schema})
    except ValueError:
        return
    assert evidence(tool, Said("a 5 tomorrow", "en", now, BOOK)).keys() == {"p"}


EVERYTHING = {
    "at": MOMENT,
    "day": DATE,
    "who": WHO,
    "room": ROOM,
    "unit": UNIT,
    "n": INTEGER,
    "seconds": {**NUMBER, "description": "in seconds", "minimum": 0},
    "list": {"type": "array", "items": NUMBER},
    "loud": {"type": "boolean"},
    "words": {"type": "string"},
    "where": {"type": "object", "properties": {"x": INTEGER}},
}
PIECES = st.sampled_from(
    [
        "five minutes",
        "kitchen",
        "Sara",
        "tomorrow at 7",
        "40%",
        "خمس دقائق",
        "غدا",
        "五分钟",
        "明天",
        "1e999",
        "½",
    ]
)


@given(st.lists(PIECES | st.text(max_size=9), max_size=6).map(" ".join), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
def test_whatever_is_said_nothing_is_invented(now: datetime, text: str, needed: bool) -> None:
    tool = of(EVERYTHING, None if needed else [])
    found = evidence(tool, Said(text, detect(text), now, BOOK))
    assert list(found) == list(EVERYTHING)
    for part in found.values():
        places = part.places if isinstance(part, Sure) else ()
        assert all(0 <= start < end <= len(text) for start, end in places)
        if isinstance(part, Open) and "x-copy" in part.schema:
            assert all(piece in text for piece in part.schema["x-copy"])
