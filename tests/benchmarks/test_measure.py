import os

import pytest

from lamha.benchmarks import measure
from lamha.benchmarks.measure import Sample, sample


def test_a_sample_has_its_median_and_the_middle_eighty_percent() -> None:
    assert sample([float(value) for value in range(11)]) == Sample(p50=5, p10=1, p90=9, count=11)


def test_one_value_is_all_of_its_sample() -> None:
    assert sample([3.0]) == Sample(3, 3, 3, 1)


def test_an_outlier_does_not_move_the_median() -> None:
    assert sample([1, 1, 1, 1, 1000]).p50 == 1


def test_a_sample_reads_as_one_line() -> None:
    assert str(sample([10.0, 20.0, 30.0])) == "20 (12–28, n=3)"


def test_the_machine_is_named_with_its_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (1.234, 0.0, 0.0))
    facts = measure.machine()
    assert facts["load"] == 1.23
    assert all(
        facts[name] for name in ("processor", "cores", "python", "system", "lamha", "llama_cpp_python")
    )
