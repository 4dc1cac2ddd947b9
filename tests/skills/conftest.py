"""What was learnt, made by hand for `FakeModel`, whose states have one number; and tools for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import Decider
from lamha.skills.learnt import KINDS, Learnt, Probe, Vector
from lamha.skills.testing import FakeModel
from lamha.skills.tools import tools


def raw_tool(name: str, description: str, required: list[str] | None = None, **properties: Any) -> Any:
    needed = list(properties) if required is None else required
    parameters = {"type": "object", "properties": properties, "required": needed}
    return {"name": name, "description": description, "parameters": parameters}


ROOMS = {"kitchen": ["المطبخ", "厨房"], "bedroom": ["غرفة النوم", "卧室"]}
ROOM = {"type": "string", "enum": [*ROOMS], "x-names": ROOMS, "description": "room"}
TOOLS = (
    raw_tool("set_light", "Turn on the light in a room. شغل النور في المطبخ. 打开厨房的灯", room=ROOM),
    raw_tool(
        "set_timer",
        "Set a timer for so many minutes. اضبط المؤقت لخمس دقائق. 设定五分钟的计时器",
        seconds={"type": "integer", "description": "in seconds", "maximum": 36000},
    ),
    raw_tool("ring", "Ring up a person", who={"type": "string", "x-lamha": "contact"}),
    raw_tool("set_alarm", "Wake me at a time", at={"type": "string", "format": "date-time"}),
    raw_tool("stop_music", "Stop the music"),
)
NAMES = ("Sara", "Anna Berg", "Anna Dahl", "Sami")


def probe(bias: float, **weights: float) -> Probe:
    """Weights by what they are of: the state, `named`, and what is told of a slot."""
    places = ("state", "named", "required", "enum", *KINDS)
    return Probe(np.array([weights.get(place, 0) for place in places], np.float32), bias)


class Anywhere(Learnt):
    """Every piece of the words is as likely, so that the longest is taken."""

    def where(self, _state: Vector, along: Vector) -> Vector:
        return np.zeros((2, len(along)), np.float32)


@pytest.fixture(scope="session")
def taught() -> Learnt:
    """A tool fits that shares most of the words; a slot what is named, and words of any kind."""
    return Anywhere(
        fits=Probe(np.array([20], np.float32), -11),
        slots=probe(-2, named=5, string=4, enum=-4),
        values=Probe(probe(1).weights[1:], 1),
        query=np.zeros((2, 2, 1), np.float32),
        key=np.zeros((2, 2, 1), np.float32),
        reference=np.ones(1, np.float32),
    )


@pytest.fixture(scope="session")
def raw() -> Callable[..., Any]:
    """Makes a tool in the form that others publish."""
    return raw_tool


@pytest.fixture
def decider(taught: Learnt) -> Callable[..., Decider]:
    """Makes deciders on a model that counts words: of these tools, or of some usual ones."""

    def make(given: Sequence[Mapping[str, Any]] = TOOLS, names: Sequence[str] = NAMES) -> Decider:
        return Decider(FakeModel(), tools(given), Contacts(Known(names)), taught)

    return make
