"""From one unit to another, by pint, which knows CLDR's units under much the same names."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pint import UnitRegistry

_DEGREES = ("temperature-generic", "angle-degree")
_SCALES = {
    "temperature-celsius": "degree_Celsius",
    "temperature-fahrenheit": "degree_Fahrenheit",
    "temperature-kelvin": "kelvin",
}
_DIGITS = 12  # what floats are surely right in after a conversion
_PINT = {
    "energy-foodcalorie": "kilocalorie",
    "energy-british-thermal-unit": "british_thermal_unit",
    "mass-ton": "short_ton",
    "mass-ounce-troy": "troy_ounce",
    "acceleration-g-force": "standard_gravity",
    "concentr-permillion": "ppm",
    "concentr-permyriad": "0.0001",
    "pressure-inch-ofhg": "inch_Hg",
    "pressure-millimeter-ofhg": "mmHg",
    "pressure-pound-force-per-square-inch": "psi",
    "speed-light-speed": "speed_of_light",
    "length-mile-scandinavian": "10 kilometer",
    "area-dunam": "1000 meter**2",
    "duration-night": "day",
    "force-pound-force": "pound_force",
    "torque-pound-force-foot": "pound_force * foot",
    "torque-newton-meter": "newton * meter",
    "energy-kilowatt-hour": "kilowatt * hour",
    "consumption-liter-per-100-kilometer": "liter / (100 kilometer)",
    "volume-acre-foot": "acre_foot",
    "volume-cup-metric": "0.25 liter",
    "volume-pint-metric": "0.5 liter",
    "volume-barrel": "oil_barrel",
    "consumption-mile-per-gallon-imperial": "mile / imperial_gallon",
    "duration-decade": "10 year",
}


def convert(value: float, unit: str, to: str) -> float | None:
    """Return `value` of `unit` in another unit, None where the two measure different things.

    Bare degrees are of the scale that is asked for. The first call takes about half a second.
    """
    if unit == to or _same_degrees(unit, to) or _same_degrees(to, unit):
        return value
    if unit in _SCALES and to in _SCALES:
        return _rounded(_registry().Quantity(value, _SCALES[unit]).to(_SCALES[to]).magnitude)
    if _dimension(unit) != _dimension(to) or "" in (_dimension(unit), _dimension(to)):
        return None
    return _converted(value, unit, to)


def _same_degrees(unit: str, to: str) -> bool:
    return unit in _DEGREES and (to in _DEGREES or (unit == "temperature-generic" and to in _SCALES))


def _dimension(unit: str) -> str:
    """Return what CLDR says a unit measures; nothing for a currency, whose rates nobody here knows."""
    return "concentr" if unit == "percent" else unit.rpartition("-")[0] and unit.partition("-")[0]


def _converted(value: float, unit: str, to: str) -> float | None:
    from pint.errors import DimensionalityError, UndefinedUnitError

    registry = _registry()
    try:
        amount: Any = value * registry(_expression(unit))
        one: Any = registry(_expression(to))
        # Miles per gallon are the reciprocal of litres per kilometre.
        other_way = amount.dimensionality != one.dimensionality and unit.startswith("consumption-") and value
        return _rounded((1 / amount if other_way else amount).to(one.units).magnitude / one.magnitude)
    except (DimensionalityError, UndefinedUnitError):
        return None


def _expression(unit: str) -> str:
    """Return how pint writes a unit: "kilometer / hour", "meter**2", "imperial_gallon"."""
    if unit in _PINT:
        return _PINT[unit]
    name = unit.rpartition("-")[2] if unit == "percent" else unit.partition("-")[2]
    name = re.sub(r"square-(\w+)", r"\1**2", re.sub(r"cubic-(\w+)", r"\1**3", name.replace("-per-", " / ")))
    return re.sub(r"(.+)-imperial$", r"imperial_\1", name).replace("-", "_")


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


@lru_cache
def _registry() -> "UnitRegistry[float]":
    # Imported where it is used: pint takes 150 ms, and its definitions as long again.
    from pint import UnitRegistry

    return UnitRegistry()
