import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from lamha.device.board import Battery, Board, Cluster, Zone
from lamha.device.board.findings import Examined, Finding, Model, findings
from lamha.device.board.kernels import kernels
from lamha.device.cli import doctor, main
from lamha.models.llm.calibration import Calibration, save

BUILT = "CPU : NEON = 1 | FP16_VA = 1 | DOTPROD = 1 | REPACK = 1 | "
PI5 = Board(
    name="Raspberry Pi 5",
    processor="",
    features=frozenset({"neon", "fp16", "dotprod"}),
    clusters=(Cluster((0, 1, 2, 3), 4, 2400, 0, "Cortex-A76"),),
    governor="ondemand",
    memory=8_000_000_000,
    free=5_000_000_000,
    battery=None,
    zones=(Zone("cpu-thermal", 61.0, 85.0),),
)
MODEL = Model("small", "small.gguf", 400_000_000, "Q4_0", here=True)
RATES = {1: 20.0, 2: 34.0, 4: 30.0}
SWEPT = Calibration("board", "model", 4, {1: 90.0, 2: 170.0, 4: 290.0}, RATES)
WELL = Examined(PI5, kernels(BUILT, PI5.features), MODEL, SWEPT)


def on(**changed: object) -> Examined:
    """The examined board, a little different."""
    return dataclasses.replace(WELL, board=dataclasses.replace(PI5, **changed))  # type: ignore[arg-type]


def about(**changed: object) -> Examined:
    """The examined model, a little different."""
    return dataclasses.replace(WELL, model=dataclasses.replace(MODEL, **changed))  # type: ignore[arg-type]


def to_do(examined: Examined, severity: str = "act") -> list[Finding]:
    return [finding for finding in findings(examined) if finding.severity == severity]


def test_a_board_that_is_well() -> None:
    assert {finding.severity for finding in findings(WELL)} == {"ok"}
    assert Finding(
        "ok", "faster than llama.cpp's own number of threads: reading by 0%, writing by 13%"
    ) in findings(WELL)


def test_the_page() -> None:
    assert list(doctor.page(WELL))[:14] == [
        "Board    Raspberry Pi 5",
        "CPU      4 × Cortex-A76 at 2400 MHz",
        "         dotprod, fp16, neon",
        "Memory   8.0 GB, 5.0 GB free",
        "Power    no battery; governor ondemand",
        "Heat     cpu-thermal 61 °C, slows down at 85 °C",
        "Model    small, 400.0 MB, Q4_0",
        next(line for line in doctor.page(WELL) if line.endswith("repacks Q4_0, Q4_K, Q6_K, Q8_0")),
        "",
        "Threads  reading  writing  tokens a second, * the ones that lamha uses",
        "      1     90.0     20.0",
        "      2    170.0     34.0*",
        "      4    290.0*    30.0   llama.cpp's default",
        "",
    ]


def test_the_page_of_a_board_that_tells_nothing() -> None:
    nothing = Board("", "", frozenset(), (), "", 0, None, None, ())
    lines = list(doctor.page(Examined(nothing, kernels("", ()), Model("small"))))
    assert "Threads  not measured" in lines
    assert sum("unknown" in line for line in lines) == 8
    assert lines[-2:] == [
        "      → lamha models pull small",
        "note  llama.cpp does not tell what it was compiled for",
    ]


def test_where_the_threads_are_kept_and_what_a_container_may_use() -> None:
    kept = dataclasses.replace(SWEPT, cpus=(4, 5))
    text = "\n".join(doctor.page(dataclasses.replace(on(quota=2.0), calibration=kept)))
    assert "kept on the CPUs 4, 5" in text
    assert "2 of them for this container" in text


def test_commands_stand_on_one_line() -> None:
    bare = dataclasses.replace(WELL, kernels=kernels("CPU : NEON = 1 | ", PI5.features))
    (line,) = [line for line in doctor.page(bare) if "CMAKE_ARGS" in line]
    assert line.startswith('      → CMAKE_ARGS="-DGGML_NATIVE=OFF')
    assert "--no-binary llama-cpp-python llama-cpp-python==" in line


@pytest.mark.parametrize(
    ("examined", "severity", "says", "do"),
    [
        (about(here=False), "act", "small is not on this device", "lamha models pull small"),
        (about(trouble=("it is broken", "mend it")), "act", "it is broken", "mend it"),
        (about(size=6_000_000_000, smaller="tiny"), "act", "5,000.0 MB of memory are free", "pull tiny"),
        (about(size=6_000_000_000, here=False), "act", "needs 6,000.0 MB", "close other programs"),
        (about(size=4_900_000_000), "note", "too little for speech", "close other programs"),
        (about(quantised="Q4_K_M"), "note", "only part of a Q4_K_M", "quantise small --for-board"),
        (about(quantised="Q5_0"), "note", "nothing of a Q5_0", "quantise small --for-board"),
        (on(battery=Battery(12, True)), "act", "12 %", "charge"),
        (on(zones=(Zone("soc", 86, 85),)), "act", "slows itself down from 85 °C on", "cool"),
        (on(zones=(Zone("soc", 80, 85),)), "note", "soc is at 80 °C", "air"),
        (on(governor="powersave"), "note", "governor is powersave", "cpupower frequency-set -g performance"),
        (on(features=PI5.features | {"i8mm"}), "ok", "compiled", ""),
    ],
)
def test_what_is_found(examined: Examined, severity: str, says: str, do: str) -> None:
    (found,) = [finding for finding in findings(examined) if says in finding.says]
    assert found.severity == severity
    assert do in found.do


def test_missing_kernels_are_to_be_built() -> None:
    features = PI5.features | {"i8mm", "sve"}
    (found,) = to_do(dataclasses.replace(WELL, kernels=kernels(BUILT, features)))
    assert "without i8mm, sve" in found.says
    (found,) = to_do(dataclasses.replace(WELL, kernels=kernels(BUILT, PI5.features | {"sve"})), "note")
    assert "without sve" in found.says


@pytest.mark.parametrize(
    "fine", [on(battery=Battery(12, False)), on(battery=Battery(90, True)), on(zones=(Zone("soc", 99),))]
)
def test_what_is_no_trouble(fine: Examined) -> None:
    assert to_do(fine) == to_do(fine, "note") == []


def test_a_busy_board_names_who_is_busy() -> None:
    spoilt = dataclasses.replace(SWEPT, decode={1: 20.0, 2: 5.0, 4: 2.0})
    (found,) = to_do(dataclasses.replace(WELL, calibration=spoilt, others=("ffmpeg",)))
    assert "ffmpeg" in found.says
    assert "doctor --again" in found.do


def test_the_default_that_is_best_is_kept() -> None:
    best = dataclasses.replace(SWEPT, default=2, prefill=RATES)
    said = [finding.says for finding in findings(dataclasses.replace(WELL, calibration=best))]
    assert "nothing is faster here than llama.cpp's own number of threads" in said


def test_without_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "models"))
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "not on this device" in out
    assert "→ lamha models pull qwen2.5-coder-0.5b" in out
    assert "Threads  not measured" in out


def test_a_name_that_nobody_knows_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", "qwen9"]) == 1
    assert "qwen9" in capsys.readouterr().err


def test_a_broken_model_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "models"))
    (tmp_path / "own.gguf").write_bytes(b"GGUF" + bytes(1_000_000))
    assert main(["models", "import", str(tmp_path / "own.gguf")]) == 0
    assert main(["doctor", "--model", "own"]) == 0
    assert "lamha models verify" in capsys.readouterr().out


def test_quick_shows_what_was_measured_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lamha.device import board
    from lamha.device.board.tuning import boards_dir
    from lamha.models.llm.weights import fingerprint

    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "models"))
    (tmp_path / "own.gguf").write_bytes(b"GGUF" + bytes(1_000_000))
    main(["models", "import", str(tmp_path / "own.gguf")])
    model = f"{fingerprint(tmp_path / 'own.gguf')}|a build"
    save(boards_dir(), dataclasses.replace(SWEPT, board=board.read().key, model=model))
    (boards_dir() / "garbage.json").write_text("{")
    capsys.readouterr()
    assert main(["doctor", "--model", "own", "--quick"]) == 0
    assert "    34.0*" in capsys.readouterr().out


def test_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "models"))
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["board"]["features"] == sorted(found["board"]["features"])
    assert found["model"]["here"] is False
    assert found["calibration"] is None
    assert {"severity", "says", "do"} == set(found["findings"][0])


def test_json_of_everything_is_json() -> None:
    table = json.loads(json.dumps(doctor._as_json(WELL)))
    assert table["calibration"]["threads"] == {"decode": 2, "prefill": 4}
    assert table["board"]["quota"] is None
    assert PI5.quota == math.inf


@pytest.mark.model
def test_the_real_thing(lamha: Callable[..., object], capsys: pytest.CaptureFixture[str]) -> None:
    done = lamha("doctor", "--json")
    found = json.loads(done.stdout)  # type: ignore[attr-defined]
    assert done.returncode == 0  # type: ignore[attr-defined]
    assert found["calibration"]["decode"]["1"] > 1
    assert found["model"]["quantised"] == "Q4_K_M"
