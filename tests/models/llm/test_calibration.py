"""On an engine that takes exactly as long as the tests say; and on the real one."""

import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamha.models.llm.branch import Pool
from lamha.models.llm.calibration import Calibration, calibrate, kept, load, save
from lamha.models.llm.engine import Row, Threads
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.pace import Pace

RATES = {1: 30.0, 2: 45.0}
KEPT = Calibration("board", "model", 2, {1: 110.0, 2: 200.0}, RATES, (0, 1), 1.1)


@pytest.fixture
def pool(fake_engine: Any) -> Pool:
    """An engine whose own clock goes on by 1 ms a token and thread; `slow` steps take ten times as long."""

    class Timed(fake_engine):  # type: ignore[misc]
        threads = Threads(1, 1)
        identity = "fake"
        times: Mapping[int, float] = {1: 4.0, 2: 2.0, 3: 3.0}
        slow: Callable[[int], bool] = staticmethod(lambda _: False)
        steps = 0

        def set_threads(self, threads: Threads) -> None:
            self.threads = threads

        def decode(self, rows: Sequence[Row], **_: bool) -> list[Any]:
            logits: list[Any] = super().decode(rows)
            self.steps += 1
            count = self.threads.decode if len(rows) == 1 else self.threads.prefill
            self.seconds += self.times[count] * len(rows) * (10 if self.slow(self.steps) else 1) / 1000
            return logits

    return Pool(Timed())


def swept(pool: Pool, counts: Sequence[int] = (1, 2, 3), default: int = 2) -> Calibration:
    return calibrate(pool, "board", counts, default, clock=lambda: pool.engine.seconds)


def table(**changed: object) -> dict[str, object]:
    return {**json.loads(json.dumps(KEPT.as_json())), **changed}


def test_every_number_of_threads_is_measured(pool: Pool) -> None:
    done = swept(pool)
    assert done.counts == (1, 2, 3)
    assert done.decode[2] > done.decode[3] > done.decode[1]
    assert done.threads == Threads(2, 2)
    assert done.decode_ms == pytest.approx(1000 / done.decode[2])
    assert done.prefill_ms == pytest.approx(1000 / done.prefill[2])
    assert not done.busy
    assert done.alike == 8  # all that a batch of this engine holds


def test_one_thread_and_the_default_are_measured_even_unasked(pool: Pool) -> None:
    assert swept(pool, (2,), 3).counts == (1, 2, 3)


def test_what_disturbs_for_a_while_does_not_count(pool: Pool) -> None:
    quiet = swept(pool)
    pool.engine.steps = 0  # type: ignore[attr-defined]
    pool.engine.slow = lambda step: 40 < step < 60  # type: ignore[attr-defined]
    disturbed = swept(pool)
    assert disturbed.decode == pytest.approx(quiet.decode)
    assert disturbed.busy


def test_a_core_that_is_taken_all_along_is_noticed() -> None:
    assert dataclasses.replace(KEPT, decode={1: 30.0, 2: 9.0}).busy


def test_little_cores_that_slow_down_the_big_ones_are_no_other_process() -> None:
    rates = {1: 30.0, 4: 60.0, 8: 15.0}
    assert not dataclasses.replace(KEPT, default=4, decode=rates, prefill=rates).busy


def test_the_engine_is_as_before(pool: Pool) -> None:
    with pool.new() as branch:
        branch.read([5, 6, 7])
        paced = pool.pace = Pace(KEPT)
        pool.engine.set_threads(Threads(3, 1))
        swept(pool)
        assert pool.engine.threads == Threads(3, 1)
        assert pool.pace is paced
        held = pool.engine.sequences  # type: ignore[attr-defined]
        assert {number: tokens for number, tokens in held.items() if tokens} == {branch.sequence: [5, 6, 7]}


def test_the_engine_is_as_before_when_it_fails(pool: Pool) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    pool.engine.each = interrupt  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        swept(pool)
    assert pool.engine.threads == Threads(1, 1)


def test_progress_ends_where_it_says(pool: Pool) -> None:
    seen: list[tuple[int, int]] = []
    calibrate(pool, "board", (1, 2), 2, progress=lambda done, everything: seen.append((done, everything)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


@given(
    st.dictionaries(st.integers(2, 64), st.tuples(st.floats(1, 200), st.floats(1, 900))),
    st.data(),
)
def test_never_slower_than_the_default(rates: dict[int, tuple[float, float]], data: st.DataObject) -> None:
    rates[1] = data.draw(st.tuples(st.floats(1, 200), st.floats(1, 900)))
    default = data.draw(st.sampled_from(sorted(rates)))
    decode = {count: both[0] for count, both in rates.items()}
    prefill = {count: both[1] for count, both in rates.items()}
    threads = Calibration("b", "m", default, prefill, decode).threads
    for measured, chosen in ((decode, threads.decode), (prefill, threads.prefill)):
        assert chosen == default or measured[chosen] > 1.03 * measured[default]
        assert measured[chosen] >= max(measured.values()) / 1.03


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    save(tmp_path / "boards", KEPT)
    assert load(tmp_path / "boards", "board", "model") == KEPT
    assert load(tmp_path / "boards", "board", "another") is None
    assert [path.suffix for path in (tmp_path / "boards").iterdir()] == [".json"]


def test_what_another_board_measured_is_not_taken(tmp_path: Path) -> None:
    path = save(tmp_path, KEPT)
    path.write_text(json.dumps(table(board="another")))
    assert load(tmp_path, "board", "model") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[" * 100_000,
        "\ud800",
        json.dumps(table(version=0)),
        json.dumps(table(default=3)),
        json.dumps(table(decode={"1": 30.0, "2": -1})),
        json.dumps(table(decode={"1": 30.0, "2": float("nan")})),
        json.dumps(table(decode={"1": 30.0, "x": 1})),
        json.dumps(table(decode=[1])),
        json.dumps(table(prefill={"1": 30.0})),
        json.dumps(table(cpus=5)),
        json.dumps(table(alike=0)),
        json.dumps(table(more=5)),
        json.dumps({"version": 1}),
    ],
)
def test_a_file_that_is_no_calibration_is_none(text: str, tmp_path: Path) -> None:
    save(tmp_path, KEPT).write_bytes(text.encode("utf-8", "surrogatepass"))
    assert load(tmp_path, "board", "model") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(garbage=st.binary(max_size=100))
def test_garbage_is_none(tmp_path: Path, garbage: bytes) -> None:
    save(tmp_path, KEPT).write_bytes(garbage)
    assert load(tmp_path, "board", "model") is None


def test_a_folder_that_takes_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        save(tmp_path / "file", KEPT)


@pytest.mark.model
def test_the_real_model_is_measured_and_left_alone(qwen: LanguageModel) -> None:
    before = qwen.engine.threads
    done = calibrate(qwen.pool, "board", (1,), 1)
    assert done.counts == (1,)
    assert done.prefill[1] > done.decode[1] > 1
    assert qwen.engine.threads == before


def test_what_a_busy_moment_spoilt_is_taken_for_a_while_only(tmp_path: Path) -> None:
    spoilt = dataclasses.replace(KEPT, spread=9.0)
    path = save(tmp_path, spoilt)
    assert load(tmp_path, "board", "model") == spoilt
    os.utime(path, (0, 0))
    assert load(tmp_path, "board", "model") is None


def test_the_newest_for_a_file_is_found_whatever_read_it(tmp_path: Path) -> None:
    old = save(tmp_path, dataclasses.replace(KEPT, model="content|one build"))
    os.utime(old, (0, 0))
    new = dataclasses.replace(KEPT, model="content|another build")
    save(tmp_path, new)
    (tmp_path / "garbage.json").write_text("[]")
    assert kept(tmp_path, "board", "content") == new
    assert kept(tmp_path, "board", "cont") is None
    assert kept(tmp_path / "nowhere", "board", "content") is None
