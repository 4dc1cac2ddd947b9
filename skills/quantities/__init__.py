"""Numbers and units in what a wearer says, in English, Arabic and Chinese.

A clock time, a date, a telephone number or an identifier ("7:30", "B12") is no quantity, and neither is
"one" or "واحد" for somebody. Units are CLDR's ("length-kilometer"), currencies ISO codes ("USD").
"""

from lamha.skills.language import detect
from lamha.skills.quantities import units
from lamha.skills.quantities.conversion import convert
from lamha.skills.quantities.finding import Quantity, find

__all__ = ["Quantity", "convert", "find", "unit_named"]


def unit_named(text: str) -> str | None:
    """Return the unit that a description names ("temperature in °C"), None where it names none or several."""
    return units.named(text, detect(text))
