"""No engine: steps take what the tests say."""

import itertools
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamha.models.llm.calibration import Calibration
from lamha.models.llm.engine import Threads
from lamha.models.llm.pace import Pace

QUIET = {1: 33.0, 2: 22.0}  # milliseconds a token, as measured on two cores
TAKEN = {1: 33.0, 2: 110.0}  # and with one of them taken by a busy loop
FOUR = {1: 40.0, 2: 21.0, 3: 15.0, 4: 12.0}


def pace(decode: Mapping[int, float] = QUIET, prefill: Mapping[int, float] | None = None) -> Pace:
    rates = [{n: 1000 / ms for n, ms in times.items()} for times in (prefill or decode, decode)]
    return Pace(Calibration("board", "model", max(decode), rates[0], rates[1]))


def run(paced: Pace, steps: int, taken: Callable[[int], Mapping[int, float]]) -> list[tuple[int, float]]:
    """Threads and milliseconds of every step, where `taken` says how long they take by then."""
    done = []
    for step in range(steps):
        count = paced.threads.decode
        milliseconds = taken(step)[count]
        paced.observe(1, milliseconds)
        done.append((count, milliseconds))
    return done


def changes(done: list[tuple[int, float]]) -> int:
    return sum(a[0] != b[0] for a, b in itertools.pairwise(done))


def test_the_calibrated_number_stays_while_nothing_disturbs() -> None:
    done = run(pace(), 500, lambda _: QUIET)
    assert {count for count, _ in done} == {2}


def test_one_hiccup_changes_nothing() -> None:
    done = run(pace(), 100, lambda step: {1: 60.0, 2: 60.0} if step == 50 else QUIET)
    assert changes(done) == 0


def test_a_step_much_too_slow_is_answered_at_once() -> None:
    assert [count for count, _ in run(pace(), 3, lambda _: TAKEN)] == [2, 1, 1]


def test_steps_twice_too_slow_are_answered_soon() -> None:
    assert [count for count, _ in run(pace(), 5, lambda _: {1: 33.0, 2: 56.0})] == [2, 2, 1, 1, 1]


def test_a_core_that_is_taken_costs_less_than_a_fifth() -> None:
    done = run(pace(), 128, lambda _: TAKEN)
    assert 128 * QUIET[1] / sum(milliseconds for _, milliseconds in done) > 0.9


@given(st.lists(st.tuples(st.integers(1, 64), st.floats(10, 300)), min_size=1, max_size=12))
def test_whatever_happens_to_two_threads_one_thread_s_rate_is_kept(spells: list[tuple[int, float]]) -> None:
    two = list(itertools.islice(itertools.cycle(ms for length, ms in spells for _ in range(length)), 256))
    done = run(pace(), len(two), lambda step: {1: 33.0, 2: two[step]})
    total = sum(milliseconds for _, milliseconds in done)
    assert total <= 1.1 * len(two) * 33 + 33 + max(two)
    assert len(two) * 33 / total >= 0.8


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=2, max_size=12))
def test_bursts_of_a_busy_process_cost_less_than_a_fifth(bursts: list[tuple[int, bool]]) -> None:
    pattern = [TAKEN if busy else QUIET for length, busy in bursts for _ in range(length)] + [QUIET] * 128
    done = run(pace(), len(pattern), lambda step: pattern[step])
    assert len(done) * 33 / sum(milliseconds for _, milliseconds in done) >= 0.8


@settings(max_examples=30)
@given(st.integers(1, 1500))
def test_the_best_number_is_back_soon_after_the_core_is_free(busy: int) -> None:
    done = run(pace(), busy + 400, lambda step: TAKEN if step < busy else QUIET)
    back = [count for count, _ in done[busy:]]
    assert back.index(2) <= 384
    assert set(back[back.index(2) :]) == {2}


def test_after_a_short_disturbance_it_is_back_within_a_sentence() -> None:
    done = run(pace(), 60, lambda step: TAKEN if step < 5 else QUIET)
    assert [count for count, _ in done[30:]] == [2] * 30


def test_attempts_become_rarer_while_they_fail() -> None:
    tried = [step for step, (count, _) in enumerate(run(pace(), 1500, lambda _: TAKEN)) if count == 2]
    gaps = [b - a - 1 for a, b in itertools.pairwise(tried)]
    assert gaps == [24, 48, 96, 192, 384, 384]


def test_no_attempt_is_made_where_there_is_no_room_for_it() -> None:
    busy = True
    calibration = Calibration("board", "model", 2, {1: 80.0, 2: 140.0}, {1: 30.0, 2: 45.0})
    paced = Pace(calibration, lambda threads: not (busy and threads == 2))
    done = run(paced, 500, lambda _: TAKEN)
    assert {count for count, _ in done} == {1}
    busy = False
    assert run(paced, 10, lambda _: QUIET)[-1][0] == 2


def test_one_endless_step_is_forgotten_at_last() -> None:
    paced = pace()
    paced.observe(1, 8 * 3600 * 1000)
    done = run(paced, 1600, lambda _: QUIET)
    assert done[-1][0] == 2


def test_a_pause_brings_the_next_attempt_nearer() -> None:
    paced = pace()
    run(paced, 100, lambda _: TAKEN)
    paced.rest(20_000)
    assert paced.threads.decode == 2


@given(st.floats(1.3, 6), st.lists(st.floats(0.9, 1.1), min_size=7, max_size=7))
def test_a_hot_board_is_slow_at_any_number_and_does_not_flap(heat: float, noise: list[float]) -> None:
    done = run(pace(), 300, lambda step: {n: ms * heat * noise[step % 7] for n, ms in QUIET.items()})
    assert changes(done[100:]) <= 2
    assert sum(count == 2 for count, _ in done) >= 200


def test_one_thread_that_is_slow_is_left_alone() -> None:
    paced = pace({1: 33.0})
    assert {count for count, _ in run(paced, 100, lambda _: {1: 330.0})} == {1}


def test_one_core_of_four_taken_leaves_three() -> None:
    done = run(pace(FOUR), 400, lambda _: {**FOUR, 4: 60.0})
    assert {count for count, _ in done[60:]} <= {3, 4}
    assert sum(count == 4 for count, _ in done[60:]) <= 4


@given(
    st.dictionaries(st.integers(1, 16), st.floats(1, 200), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 200), st.floats(0.001, 1e6)), max_size=60),
)
def test_only_what_was_calibrated_is_ever_used(
    times: dict[int, float], steps: list[tuple[int, float]]
) -> None:
    paced = pace({1: 100.0, **times})
    for tokens, milliseconds in steps:
        assert paced.threads.decode in {1, *times}
        assert paced.threads.prefill in {1, *times}
        assert paced.decode_ms > 0
        paced.observe(tokens, milliseconds)


def test_reading_and_writing_are_watched_apart() -> None:
    paced = pace(prefill={1: 12.0, 2: 7.0})
    paced.observe(128, 128 * 35)
    assert paced.threads == Threads(2, 1)
    paced.observe(1, 110)
    assert paced.threads == Threads(1, 1)


def test_a_few_tokens_at_once_are_not_taken_for_a_slow_batch() -> None:
    paced = pace({1: 31.0, 2: 22.0}, {1: 15.6, 2: 8.0})
    for tokens, milliseconds in ((2, 45), (3, 60), (5, 90), (8, 100)):  # dearer a token than a whole batch
        paced.observe(tokens, milliseconds)
    assert paced.threads.prefill == 2


def test_what_is_to_be_expected_follows_what_happens() -> None:
    paced = pace()
    assert paced.decode_ms == pytest.approx(22)
    run(paced, 24, lambda _: TAKEN)
    assert paced.decode_ms == pytest.approx(33)
    run(paced, 400, lambda _: {n: 1.3 * ms for n, ms in QUIET.items()})
    assert paced.decode_ms == pytest.approx(1.3 * 22, rel=0.05)
