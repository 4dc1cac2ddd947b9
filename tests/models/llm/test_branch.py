import pytest

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.branch import Pool
from lamha.models.llm.prefix import Prefixes


def test_reading_in_chunks(fake_engine) -> None:
    engine, calls = fake_engine(), []
    with Pool(engine).new() as branch:
        logits = branch.read(range(1, 21), between=lambda: calls.append(1))
        assert (len(logits), len(calls), branch.length) == (1, 4, 20)
        assert len(branch.read([1, 2, 3], scored=(0, 2))) == 2
        assert branch.read([4], scored=()) == []
        assert branch.read([]) == []
        assert engine.sequences[branch.sequence] == [*range(1, 21), 1, 2, 3, 4]


def test_all_is_read_or_nothing(fake_engine) -> None:
    engine = fake_engine()
    branch = Pool(engine).new()
    branch.read([1, 2])
    with pytest.raises(BudgetTooSmall):
        branch.read(range(100))
    assert (branch.length, engine.sequences[branch.sequence]) == (2, [1, 2])

    def stop() -> None:
        if branch.length > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        branch.read(range(20), between=stop)
    assert (branch.length, engine.sequences[branch.sequence]) == (2, [1, 2])


def test_a_pool_runs_out_and_recovers(fake_engine) -> None:
    pool = Pool(fake_engine())
    branches = [pool.new() for _ in range(6)]
    with pytest.raises(BudgetTooSmall, match="all 6 sequences are in use"):
        pool.new()
    with pytest.raises(BudgetTooSmall):
        branches[0].fork()
    free = branches[0].sequence
    branches[0].close()
    branches[0].close()
    assert pool.new().sequence == free


def test_sequences_come_back(fake_engine) -> None:
    pool = Pool(fake_engine())
    with pool.new() as root:
        root.read([1])
        for _ in range(1000):
            with root.fork() as child:
                child.read([2])
    assert len({pool.new().sequence for _ in range(6)}) == 6


def test_a_closed_branch_cannot_be_used(fake_engine) -> None:
    pool = Pool(fake_engine())
    branch = pool.new()
    branch.close()
    for _ in range(20):  # and costs no sequence
        with pytest.raises(ValueError, match="no sequence"):
            branch.fork()


def test_a_prefix_is_read_once(fake_engine) -> None:
    engine = fake_engine()
    prefixes = Prefixes(Pool(engine))
    for _ in range(3):
        with prefixes.branch((1, 2, 3)) as branch:
            assert (branch.length, engine.sequences[branch.sequence]) == (3, [1, 2, 3])
    assert engine.decoded == 3


def test_the_prefix_asked_for_the_longest_ago_is_forgotten(fake_engine) -> None:
    engine = fake_engine()
    prefixes = Prefixes(Pool(engine), capacity=2)
    costs = []
    for prefix in ((1,), (2, 2), (1,), (3, 3, 3), (1,), (2, 2)):
        before = engine.decoded
        with prefixes.branch(prefix) as branch:
            assert branch.length == len(prefix)
        costs.append(engine.decoded - before)
    assert costs == [1, 2, 0, 3, 0, 2]


def test_prefixes_make_room(fake_engine) -> None:
    engine = fake_engine()
    prefixes = Prefixes(Pool(engine))
    prefixes.branch((1,) * 10).close()
    prefixes.branch((2,) * 10).close()
    with prefixes.branch((3,) * 5) as branch:
        branch.read([4] * 45)
        assert branch.length == 50


def test_prefixes_give_their_sequences(fake_engine) -> None:
    prefixes = Prefixes(Pool(fake_engine()), capacity=99)
    for first in range(1, 50):
        prefixes.branch((first,)).close()


def test_a_prefix_that_does_not_fit_costs_no_sequence(fake_engine) -> None:
    pool = Pool(fake_engine())
    prefixes = Prefixes(pool)
    for _ in range(20):
        with pytest.raises(BudgetTooSmall):
            prefixes.branch((1,) * 65)
    prefixes.branch((1,) * 30).close()
