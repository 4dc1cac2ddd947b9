"""What a skill is made of: typed actions, the context they run in, the card they return.

A skill is one module with a `Skill` object, named by an entry point in the group
`lamha.skills`. Its actions are functions; their docstring says what they do, their type
hints say what they need, their examples teach the router when they are meant.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from lamha.skills.contacts import Contacts
    from lamha.skills.storage import Storage

CardKind = Literal["answer", "draft", "list", "question", "refusal", "error"]


@dataclass(frozen=True, slots=True)
class Card:
    """What the glass shows: a title, a few lines, and what can be done next."""

    title: str
    body: str = ""
    hint: str = ""
    """One short line at the foot, such as what the wearer can say next."""
    kind: CardKind = "answer"
    language: str = "en"
    """BCP 47; it decides direction, font and voice."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an action gives back: a card for the eye and a sentence for the ear."""

    card: Card
    speech: str


type Writing = Generator[str, None, Reply]
"""An action that shows its words as they come: it yields text and returns the reply."""
