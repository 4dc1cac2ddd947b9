"""What a skill is made of: typed actions, the context they run in, the card they return.

A skill is one module with a `Skill` object, named by an entry point in the group `lamha.skills`. Its
actions are functions: the docstring says what they do, the type hints say what they need, the examples
teach the router when they are meant. See docs/skills.md.
"""

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from lamha.models.llm.budget import Budget, Finish
from lamha.skills.sight import Blind, Look, Sight
from lamha.skills.storage import Contact, Storage
from lamha.skills.when import Moment

__all__ = [
    "Action",
    "Budget",
    "Card",
    "CardKind",
    "Contact",
    "Context",
    "Look",
    "Mind",
    "Moment",
    "Names",
    "Parameter",
    "Reply",
    "Sight",
    "Skill",
    "Storage",
    "Writing",
    "action",
]

CardKind = Literal["answer", "draft", "list", "question", "refusal", "error"]
ParameterKind = Literal["words", "contact", "moment", "choice"]


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
    undo: Callable[[], bool] | None = field(default=None, repr=False, compare=False)
    """Takes back what was done, False where it is gone already; kept in memory for the next turn only."""


type Writing = Generator[str, None, Reply]
"""An action that shows its words as they come: it yields text and returns the reply."""


class Mind(Protocol):
    """The language model as a skill may use it; what it costs is counted for the turn."""

    @property
    def finish(self) -> Finish | None:
        """What ended the last answer, once it has: "end" is the model itself, most others a limit."""
        ...

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[str]:
        """Answer what the wearer said, going on after `cue`, as text that streams.

        With a JSON `schema` the text is JSON that satisfies it, whatever limit ends it; a string with
        `"x-copy": true` is a piece of the words. `quoting` is for answers that repeat the words: the same
        answer, sooner.
        """
        ...

    def compose(
        self,
        instruction: str,
        words: str,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[str]:
        """Answer other `words` under another instruction, which is read once and then kept."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What an action may use: what was said, when, the wearer's storage, the model and the camera."""

    utterance: str
    language: str
    now: datetime
    storage: Storage
    mind: Mind
    sight: Sight = field(default_factory=Blind)


@dataclass(frozen=True, slots=True)
class Names:
    """The ways a wearer may name each value of a choice, in any language."""

    of: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing an action needs, read from its type hint.

    `Annotated[str, "the message"]` is copied from the utterance, a `Contact` and a `Moment` are resolved by
    code, a `Literal` is one of its values.
    """

    name: str
    kind: ParameterKind
    description: str
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: bool = True
    """One with a default is filled only where the wearer says it."""


@dataclass(frozen=True)
class Action:
    """Something a skill can do. Calling it calls its function."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    examples: tuple[str, ...]
    """What a wearer may say, in any language; `[…]` marks the words that are copied."""
    function: Callable[..., Reply | Writing]
    asks: bool = False
    """It only answers and changes nothing, so a question about how to do something is one it may answer."""
    confirm: bool = False
    """It cannot be undone or leaves the device, so the wearer is asked before it acts."""

    def __call__(self, context: Context, **arguments: Any) -> Reply | Writing:
        """Act."""
        return self.function(context, **arguments)


@dataclass(frozen=True, slots=True)
class Skill:
    """A named set of actions."""

    name: str
    description: str
    actions: tuple[Action, ...]


def action(
    *examples: str, asks: bool = False, confirm: bool = False
) -> Callable[[Callable[..., Reply | Writing]], Action]:
    """Make an action of a function whose first parameter is the `Context`.

    `asks` is for one that only answers, `confirm` for one that cannot be undone or leaves the device.
    Raises TypeError where the docstring is missing or a type hint is none that lamha can resolve.
    """

    def wrap(function: Callable[..., Reply | Writing]) -> Action:
        description = (function.__doc__ or "").strip().partition("\n")[0]
        if not description:
            raise TypeError(f"the action {function.__name__} has no docstring: say in a line what it does")
        hints = _hints(function)
        signature = list(inspect.signature(function).parameters.values())[1:]
        parameters = tuple(_parameter(p.name, hints.get(p.name), p.default is p.empty) for p in signature)
        return Action(function.__name__, description, parameters, tuple(examples), function, asks, confirm)

    return wrap


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise TypeError(f"a type hint of the action {function.__name__} cannot be read: {error}") from error


def _parameter(name: str, hint: Any, required: bool) -> Parameter:
    bare, *notes = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
    description = next((note for note in notes if isinstance(note, str)), name.replace("_", " "))
    bare = next((kind for kind in get_args(bare) if kind is not NoneType), bare) if _optional(bare) else bare
    if get_origin(bare) is Literal and all(isinstance(value, str) for value in get_args(bare)):
        named = next((note.of for note in notes if isinstance(note, Names)), {})
        return Parameter(
            name, "choice", description, {v: named.get(v, (v,)) for v in get_args(bare)}, required
        )
    kinds: dict[Any, ParameterKind] = {str: "words", Contact: "contact", Moment: "moment"}
    if bare not in kinds:
        raise TypeError(
            f"lamha cannot resolve {name}: {bare}; use str, Contact, Moment or a Literal of strings"
        )
    return Parameter(name, kinds[bare], description, {}, required)


def _optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
