"""What a board lives on and how hot it is."""

import re
from dataclasses import dataclass

from lamha.device.board.tree import Tree

_SUPPLY, _THERMAL = "sys/class/power_supply", "sys/class/thermal"
_SLOWS = ("passive", "hot", "critical")  # the kinds of trip points that slow a board down or switch it off
_COLDEST, _HOTTEST = -40.0, 150.0


@dataclass(frozen=True)
class Battery:
    """How full it is, in per cent, and whether it is being emptied."""

    percent: int
    draining: bool


@dataclass(frozen=True)
class Zone:
    """A thermometer in degrees Celsius, and where the kernel begins to slow the board down, if it says so."""

    name: str
    celsius: float
    limit: float | None = None

    @property
    def left(self) -> float:
        """Degrees below the limit; without one, far away."""
        return self.limit - self.celsius if self.limit is not None else _HOTTEST


def battery(tree: Tree) -> Battery | None:
    """The first battery of the device itself, not the one of a mouse."""
    for path in tree.folders(_SUPPLY, ""):
        percent = tree.number(f"{path}/capacity")
        own = tree.text(f"{path}/type") == "Battery" and tree.text(f"{path}/scope") != "Device"
        if own and percent is not None and 0 <= percent <= 100:
            return Battery(percent, tree.text(f"{path}/status") == "Discharging")
    return None


def zones(tree: Tree) -> tuple[Zone, ...]:
    """Every thermometer that says something possible; the one nearest to its limit first."""
    found = [zone for path in tree.folders(_THERMAL, "thermal_zone") if (zone := _zone(tree, path))]
    return tuple(sorted(found, key=lambda zone: (zone.left, -zone.celsius)))


def _zone(tree: Tree, path: str) -> Zone | None:
    celsius = _degrees(tree, f"{path}/temp")
    if celsius is None:
        return None
    trips = [
        limit
        for number in range(12)
        if tree.text(f"{path}/trip_point_{number}_type") in _SLOWS
        and (limit := _degrees(tree, f"{path}/trip_point_{number}_temp"))
        and limit > 30  # some are zero, for "not used"
    ]
    name = re.sub(r"[^\w.+-]", " ", tree.text(f"{path}/type"))[:32].strip()
    return Zone(name or path.rpartition("/")[2], celsius, min(trips, default=None))


def _degrees(tree: Tree, path: str) -> float | None:
    value = tree.number(path)
    if value is None or not _COLDEST <= value / 1000 <= _HOTTEST:
        return None
    return value / 1000
