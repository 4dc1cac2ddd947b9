import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.device.voice.states import (
    Answered,
    Event,
    Hush,
    Mode,
    Obey,
    Play,
    Recognise,
    Run,
    SpeechBegan,
    SpeechEnded,
    Spoken,
    State,
    Tapped,
    Tell,
    Unanswered,
    Understood,
    Woken,
    step,
)

TURNS = st.integers(0, 4)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from(
        [Woken(), Tapped(), SpeechBegan(), SpeechEnded(), SpeechEnded(whole=False), Unanswered()]
    ),
    st.builds(Understood, TURNS, st.sampled_from([None, "stop", "repeat", "louder"]), st.booleans()),
    st.builds(Answered, TURNS, st.booleans()),
    st.builds(Spoken, TURNS),
)
STATES = st.builds(State, st.sampled_from(Mode), st.booleans(), st.just(False), TURNS, st.booleans()) | (
    st.builds(State, st.just(Mode.LISTENING), st.booleans(), st.just(True), TURNS, st.booleans())
)


def follow(state: State, *events: Event) -> tuple[State, list[object]]:
    effects: list[object] = []
    for event in events:
        state, new = step(state, event)
        effects += new
    return state, effects


def test_a_turn() -> None:
    events: list[Event] = [
        Woken(),
        SpeechBegan(),
        SpeechEnded(),
        Understood(1, words=True),
        Answered(1),
        Spoken(1),
    ]
    state, effects = follow(State(), *events)
    assert state == State(turn=1)
    assert effects == [Play("listening"), Recognise(1), Run(1)]


def test_a_question_is_answered_without_a_wake_phrase() -> None:
    asked, effects = follow(State(Mode.THINKING, turn=1), Answered(1, asks=True), Spoken(1))
    assert asked == State(Mode.LISTENING, asked=True, turn=1)
    assert effects == [Play("listening")]
    state, effects = follow(asked, Unanswered())
    assert (state.mode, effects) == (Mode.ASLEEP, [Play("closed"), Tell("silence")])


@pytest.mark.parametrize("mode", [Mode.THINKING, Mode.SPEAKING])
def test_who_speaks_over_it_is_listened_to(mode: Mode) -> None:
    state, effects = follow(State(mode, turn=3), SpeechBegan())
    assert state == State(Mode.LISTENING, speaking=True, turn=4)
    assert effects == [Hush()]
    assert follow(state, Answered(3), Spoken(3)) == (state, [])
    assert follow(state, SpeechEnded())[1] == [Recognise(5)]


@pytest.mark.parametrize("mode", [Mode.THINKING, Mode.SPEAKING])
@pytest.mark.parametrize("event", [Woken(), Tapped()])
def test_who_calls_it_is_listened_to(mode: Mode, event: Event) -> None:
    state, effects = follow(State(mode, turn=1), event)
    assert state.mode is Mode.LISTENING
    assert effects == [Hush(), Play("listening")]


def test_a_control_needs_no_turn() -> None:
    thinking = State(Mode.THINKING, turn=1)
    assert follow(thinking, Understood(1, "repeat")) == (
        State(Mode.SPEAKING, turn=1),
        [Obey("repeat", 1)],
    )
    assert follow(thinking, Understood(1, "stop"))[0].mode is Mode.ASLEEP


def test_nothing_understood_is_said() -> None:
    state, effects = follow(State(Mode.THINKING, turn=1, handsfree=True), Understood(1))
    assert (state.mode, effects) == (Mode.LISTENING, [Tell("nothing")])


def test_a_monologue_is_cut_and_said_to_be() -> None:
    state, effects = follow(State(Mode.LISTENING), SpeechBegan(), SpeechEnded(whole=False))
    assert effects == [Tell("too long"), Recognise(1)]
    assert state.mode is Mode.THINKING


@given(STATES, EVENTS)
def test_any_event_is_survived(state: State, event: Event) -> None:
    after, effects = step(state, event)
    assert state.turn <= after.turn <= state.turn + 1
    assert after.handsfree == state.handsfree
    assert not after.speaking or after.mode is Mode.LISTENING
    assert len(effects) == len(set(effects)) <= 3


@given(st.booleans(), st.lists(EVENTS, max_size=30))
def test_it_always_comes_to_rest(handsfree: bool, events: list[Event]) -> None:
    rest = State(Mode.LISTENING if handsfree else Mode.ASLEEP, handsfree=handsfree)
    state, effects = follow(rest, *events)
    running = [effect for effect in effects if isinstance(effect, Run)]
    assert len({effect.turn for effect in running}) <= state.turn
    ends: list[Event] = [SpeechEnded(), Understood(state.turn + 1), Understood(state.turn)]
    ends += [Answered(state.turn), Spoken(state.turn), Unanswered()]
    state, _ = follow(state, *ends)
    assert state.mode is rest.mode


@given(STATES, EVENTS)
def test_two_turns_never_run_at_once(state: State, event: Event) -> None:
    after, effects = step(state, event)
    busy = state.mode in (Mode.THINKING, Mode.SPEAKING)
    if busy and after.turn != state.turn:
        assert Hush() in effects
    assert sum(isinstance(effect, Run | Recognise) for effect in effects) <= 1
