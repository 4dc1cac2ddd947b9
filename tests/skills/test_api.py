from dataclasses import FrozenInstanceError
from typing import Annotated, Literal, Optional

import pytest

from lamha.skills.api import Action, Card, Contact, Context, Moment, Names, Parameter, Reply, action

REPLY = Reply(Card("done"), "done")


@action("Tell Sara [I'm late]")
def everything(
    context: Context,
    contact: Contact,
    text: Annotated[str, "message"],
    at_time: Moment | None = None,
    size: Annotated[Literal["small", "large"], Names({"small": ("little", "صغير", "小")})] = "small",
    colour: Optional[Literal["red"]] = None,  # noqa: UP045 - skills may be written so
) -> Reply:
    """Do all of it.

    And more.
    """
    return Reply(Card(text), contact.name)


def test_an_action_is_read_from_its_function() -> None:
    assert isinstance(everything, Action)
    assert everything.name == "everything"
    assert everything.description == "Do all of it."
    assert everything.examples == ("Tell Sara [I'm late]",)
    assert everything.parameters == (
        Parameter("contact", "contact", "contact"),
        Parameter("text", "words", "message"),
        Parameter("at_time", "moment", "at time", required=False),
        Parameter(
            "size", "choice", "size", {"small": ("little", "صغير", "小"), "large": ("large",)}, required=False
        ),
        Parameter("colour", "choice", "colour", {"red": ("red",)}, required=False),
    )


def test_an_action_without_parameters() -> None:
    @action()
    def nothing(context: Context) -> Reply:
        """Do nothing."""
        return REPLY

    assert nothing.parameters == ()
    assert nothing.examples == ()


def test_what_an_action_says_of_itself() -> None:
    def send(context: Context) -> Reply:
        """Send it."""
        return REPLY

    plain, careful, curious = action()(send), action(confirm=True)(send), action("Why?", asks=True)(send)
    assert [(each.asks, each.confirm) for each in (plain, careful, curious)] == [
        (False, False),
        (False, True),
        (True, False),
    ]


def test_replies_that_say_the_same_are_equal() -> None:
    assert Reply(Card("done"), "done", undo=lambda: True) == REPLY


def test_calling_an_action_calls_its_function() -> None:
    sara = Contact(1, "Sara", (), "")
    context = Context("", "en", None, None, None)  # type: ignore[arg-type]
    assert everything(context, contact=sara, text="hi") == Reply(Card("hi"), "Sara")


def test_a_missing_docstring_is_named() -> None:
    with pytest.raises(TypeError, match=r"the action silent has no docstring"):

        @action("Be silent")
        def silent(context: Context) -> Reply:
            return REPLY


@pytest.mark.parametrize("hint", [int, list[str], Contact | str, bytes | None])
def test_a_hint_that_cannot_be_resolved_says_what_can(hint: object) -> None:
    def count(context: Context, number: object) -> Reply:
        """Count."""
        return REPLY

    count.__annotations__["number"] = hint
    with pytest.raises(TypeError, match=r"cannot resolve number: .*use str, Contact, Moment or a Literal"):
        action("Count to [three]")(count)


def test_what_is_given_back_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        REPLY.speech = "else"  # type: ignore[misc]


def test_a_parameter_without_a_type_is_named() -> None:
    def bare(context: Context, what) -> Reply:  # type: ignore[no-untyped-def]
        """Do something."""
        raise NotImplementedError

    with pytest.raises(TypeError, match=r"cannot resolve what"):
        action()(bare)


def test_a_type_that_does_not_exist_is_named() -> None:
    def lost(context: Context, what: "Nowhere") -> Reply:  # type: ignore[name-defined]  # noqa: F821
        """Do something."""
        raise NotImplementedError

    with pytest.raises(TypeError, match=r"action lost .*Nowhere"):
        action()(lost)


def test_a_choice_is_of_strings() -> None:
    def count(context: Context, number: Literal[1, 2]) -> Reply:
        """Count."""
        raise NotImplementedError

    with pytest.raises(TypeError, match=r"Literal of strings"):
        action()(count)
