"""Which words stop an action although it is the one they name: "don't tell Sara", "she told me to call"."""

from collections.abc import Mapping
from typing import Any

from lamha.skills.api import Action
from lamha.skills.arguments import Missing
from lamha.skills.moods import Mood, mood

_ANSWERED = ("about", "hypothetical")


def stopped(action: Action | None, text: str, arguments: Mapping[str, Any] | Missing) -> Mood | None:
    """The mood that keeps an action from being run, None where it may.

    One that only answers is stopped by no question. A negation among the words that it copies is none:
    "[别担心]用英语怎么说". What changes something it stops all the same: better asked again than done.
    """
    kind = mood(text)
    asks = action is None or action.asks
    if kind == "request" or (asks and kind in _ANSWERED):
        return None
    cargo = action is not None and asks and _begins_with_cargo(action, text, arguments)
    return None if kind == "negated" and cargo else kind


def _begins_with_cargo(action: Action, text: str, arguments: Mapping[str, Any] | Missing) -> bool:
    values = {} if isinstance(arguments, Missing) else arguments
    copied = (values.get(parameter.name) for parameter in action.parameters if parameter.kind == "words")
    return any(words and text.startswith(words) for words in copied)
