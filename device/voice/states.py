"""The voice loop as a table: what happens in each state, and what is done then. Pure; time is not known here.

    Asleep     the wake phrase or a tap                → Listening
    Listening  speech and its end                      → Thinking
               nobody speaks, or a tap                 → at rest
    Thinking   a control, or nothing, was understood   → at rest
               words were understood: the turn runs    → Thinking
               the turn is over                        → Speaking
               speech or a tap ends the turn           → Listening
    Speaking   all is said; Listening where it asked   → at rest
               speech or a tap ends the reply          → Listening

At rest is Asleep, or Listening where no wake phrase is wanted.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from lamha.device.voice.controls import Control

type Chime = Literal["listening", "closed", "stopped"]
type Notice = Literal[
    "silence", "nothing", "stopped", "too long", "muted", "clipped", "missed", "lost", "found"
]


class Mode(Enum):
    """What the loop is doing."""

    ASLEEP = "asleep"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"


@dataclass(frozen=True, slots=True)
class State:
    """`asked`: an answer is awaited. `turn` counts what was said, so that what comes late is dropped."""

    mode: Mode = Mode.ASLEEP
    asked: bool = False
    speaking: bool = False
    """Somebody is speaking to it now."""
    turn: int = 0
    handsfree: bool = False
    """No wake phrase is wanted."""


# Events


@dataclass(frozen=True, slots=True)
class Woken:
    """The wake phrase was said."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """A key, or the button of the glasses: listen, or be quiet."""


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Somebody speaks, and it is not the device itself."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """And has finished, or was cut where it was too long."""

    whole: bool = True


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody has spoken for as long as is waited."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What turn `turn` said: a control, words for the session, or neither."""

    turn: int
    control: Control | None = None
    words: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """The turn is over; `asks` whether it wants an answer."""

    turn: int
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """The reply of the turn has been heard to its end."""

    turn: int


type Event = Woken | Tapped | SpeechBegan | SpeechEnded | Unanswered | Understood | Answered | Spoken


# Effects


@dataclass(frozen=True, slots=True)
class Play:
    """A short sound."""

    chime: Chime


@dataclass(frozen=True, slots=True)
class Tell:
    """A card of the loop's own."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Recognise:
    """Find out what was said."""

    turn: int


@dataclass(frozen=True, slots=True)
class Run:
    """Let the session act on it."""

    turn: int


@dataclass(frozen=True, slots=True)
class Obey:
    """A control: say it again, louder, slower …"""

    control: Control
    turn: int


@dataclass(frozen=True, slots=True)
class Hush:
    """Silence now, and no token more."""


type Effect = Play | Tell | Recognise | Run | Obey | Hush
type Step = tuple[State, tuple[Effect, ...]]


def step(state: State, event: Event) -> Step:
    """The state after an event, and what is to be done in this order."""
    late = isinstance(event, Understood | Answered | Spoken) and event.turn != state.turn
    return (state, ()) if late else _STEPS[state.mode](state, event)


def resting(handsfree: bool) -> State:
    """How it begins: `handsfree` where no wake phrase is wanted."""
    return _rest(State(handsfree=handsfree))


def _asleep(state: State, event: Event) -> Step:
    if isinstance(event, Woken | Tapped):
        return _listening(state), (Play("listening"),)
    return state, ()


def _listens(state: State, event: Event) -> Step:
    match event:
        case SpeechBegan():
            return replace(state, speaking=True), ()
        case SpeechEnded() if state.speaking:
            heard = replace(state, mode=Mode.THINKING, speaking=False, turn=state.turn + 1)
            told = () if event.whole else (Tell("too long"),)
            return heard, (*told, Recognise(heard.turn))
        case Unanswered() if not state.speaking:
            closing = (Play("closed"), Tell("silence")) if state.asked or not state.handsfree else ()
            return _rest(state), closing
        case Tapped():
            return _rest(state), (Play("closed"),)
    return state, ()


def _thinks(state: State, event: Event) -> Step:
    match event:
        case Understood(control=None, words=True):
            return state, (Run(state.turn),)
        case Understood(control=None):
            return _rest(state), (Tell("nothing"),)
        case Understood(control="stop"):
            return _rest(state), (Play("stopped"), Tell("stopped"))
        case Understood(control=control) if control:
            return replace(state, mode=Mode.SPEAKING), (Obey(control, state.turn),)
        case Answered():
            return replace(state, mode=Mode.SPEAKING, asked=event.asks), ()
    return _interrupted(state, event)


def _speaks(state: State, event: Event) -> Step:
    if isinstance(event, Spoken):
        if state.asked:
            return _listening(state, asked=True), (Play("listening"),)
        return _rest(state), ()
    return _interrupted(state, event)


def _interrupted(state: State, event: Event) -> Step:
    """Who speaks over it is listened to; who taps or calls it is, too."""
    match event:
        case SpeechBegan():
            return replace(_listening(state), speaking=True, turn=state.turn + 1), (Hush(),)
        case Woken() | Tapped():
            return replace(_listening(state), turn=state.turn + 1), (Hush(), Play("listening"))
    return state, ()


def _listening(state: State, asked: bool = False) -> State:
    return replace(state, mode=Mode.LISTENING, asked=asked, speaking=False)


def _rest(state: State) -> State:
    mode = Mode.LISTENING if state.handsfree else Mode.ASLEEP
    return replace(state, mode=mode, asked=False, speaking=False)


_STEPS = {
    Mode.ASLEEP: _asleep,
    Mode.LISTENING: _listens,
    Mode.THINKING: _thinks,
    Mode.SPEAKING: _speaks,
}
