"""On trees of files as the kernels of other boards write them."""

import math
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamha.device import board
from lamha.device.board import Battery, Board, Zone, pinning, processes, tuning
from lamha.device.board.kernels import Kernels, kernels, quantisation, rebuild, weights
from lamha.device.board.tree import Tree, cpus
from lamha.models.llm.branch import Pool
from lamha.models.llm.calibration import Calibration

type Grow = Callable[[Mapping[str, str]], Path]

CPU = "sys/devices/system/cpu"
HERE = (
    "CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | AVX512 = 1 | "
    "AVX512_VNNI = 1 | LLAMAFILE = 1 | OPENMP = 1 | REPACK = 1 | "
)
PLAIN_ARM = "CPU : NEON = 1 | ARM_FMA = 1 | LLAMAFILE = 1 | OPENMP = 1 | REPACK = 1 | "


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Writes the files of a board under a root of their own."""

    def write(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "root" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "root"

    return write


def core(number: int, khz: int = 0, capacity: int = 0, siblings: str = "") -> dict[str, str]:
    folder = f"{CPU}/cpu{number}"
    files = {
        f"{folder}/cpufreq/cpuinfo_max_freq": f"{khz}\n" if khz else "",
        f"{folder}/cpufreq/scaling_governor": "schedutil\n",
        f"{folder}/cpu_capacity": f"{capacity}\n" if capacity else "",
        f"{folder}/topology/thread_siblings_list": f"{siblings or number}\n",
    }
    return {path: text for path, text in files.items() if text}


def cores(*each: tuple[int, int]) -> dict[str, str]:
    """From frequency and capacity of every core."""
    files = {f"{CPU}/online": f"0-{len(each) - 1}\n"}
    for number, (khz, capacity) in enumerate(each):
        files |= core(number, khz, capacity)
    return files


def arm(features: str, parts: Iterable[int]) -> str:
    block = (
        "processor\t: {}\nBogoMIPS\t: 108.00\nFeatures\t: {}\nCPU implementer\t: 0x41\nCPU part\t: {:#x}\n"
    )
    return "\n".join(block.format(number, features, part) for number, part in enumerate(parts))


def memory(total: int, free: int) -> dict[str, str]:
    return {"proc/meminfo": f"MemTotal: {total} kB\nMemFree: 9 kB\nMemAvailable: {free} kB\n"}


A76 = "fp asimd evtstrm aes crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
PI5 = {
    "proc/cpuinfo": arm(A76, [0xD0B] * 4) + "\nRevision\t: d04170\nModel\t: Raspberry Pi 5\n",
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    **cores(*[(2_400_000, 0)] * 4),
    **memory(8_245_000, 5_000_000),
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "61700\n",
    "sys/class/thermal/thermal_zone0/trip_point_0_type": "critical\n",
    "sys/class/thermal/thermal_zone0/trip_point_0_temp": "110000\n",
    "sys/class/thermal/thermal_zone0/trip_point_1_type": "active\n",
    "sys/class/thermal/thermal_zone0/trip_point_1_temp": "50000\n",
}
RK3588 = {
    "proc/cpuinfo": arm(A76, [0xD05] * 4 + [0xD0B] * 4),
    "proc/device-tree/model": "Radxa ROCK 5B\0",
    **cores(*[(1_800_000, 414)] * 4, *[(2_256_000, 1000)] * 2, *[(2_304_000, 1024)] * 2),
}
PHONE = {
    "proc/cpuinfo": arm(A76 + " i8mm bf16 sve sve2", [0xD46] * 3 + [0xD4D] * 4 + [0xD4E])
    + "\nHardware : SoC\n",
    **cores(*[(2_016_000, 326)] * 3, *[(2_803_000, 812)] * 4, (3_187_000, 1024)),
}
X86 = "flags\t: fpu pni ssse3 avx avx2 fma f16c bmi2 avx512f avx512cd avx512vl avx512dq avx512bw avx512_vnni"
VM = {
    "proc/cpuinfo": "".join(f"processor\t: {n}\nmodel name\t: AMD EPYC\n{X86}\n\n" for n in range(2)),
    f"{CPU}/online": "0-1",
    f"{CPU}/cpu0/cpu_capacity": "1024",
    f"{CPU}/cpu1/cpu_capacity": "1024",
}
LAPTOP = {
    "proc/cpuinfo": "".join(f"processor : {n}\nmodel name : Intel(R) Core\n{X86}\n\n" for n in range(12)),
    f"{CPU}/online": "0-11",
    **{key: text for n in range(8) for key, text in core(n, 4_700_000, 0, f"{n & ~1}-{n | 1}").items()},
    **{key: text for n in range(8, 12) for key, text in core(n, 3_500_000).items()},
    f"{CPU}/cpu0/cpufreq/scaling_governor": "powersave\n",
    "sys/class/dmi/id/product_name": "ThinkPad\n",
    "sys/class/power_supply/AC/type": "Mains\n",
    "sys/class/power_supply/hid-mouse/type": "Battery\n",
    "sys/class/power_supply/hid-mouse/scope": "Device\n",
    "sys/class/power_supply/hid-mouse/capacity": "99\n",
    "sys/class/power_supply/BAT0/type": "Battery\n",
    "sys/class/power_supply/BAT0/capacity": "12\n",
    "sys/class/power_supply/BAT0/status": "Discharging\n",
    "sys/class/thermal/thermal_zone0/type": "acpitz\n",
    "sys/class/thermal/thermal_zone0/temp": "41000\n",
    "sys/class/thermal/thermal_zone3/type": "x86_pkg_temp\n",
    "sys/class/thermal/thermal_zone3/temp": "97000\n",
    "sys/class/thermal/thermal_zone3/trip_point_0_type": "passive\n",
    "sys/class/thermal/thermal_zone3/trip_point_0_temp": "95000\n",
    "sys/class/thermal/thermal_zone3/trip_point_1_type": "passive\n",
    "sys/class/thermal/thermal_zone3/trip_point_1_temp": "0\n",
}


def test_raspberry_pi_5(grow: Grow) -> None:
    read = board.read(grow(PI5))
    assert read.name == "Raspberry Pi 5 Model B Rev 1.0"
    assert read.features == {"neon", "dotprod", "fp16"}
    assert [str(cluster) for cluster in read.clusters] == ["4 × Cortex-A76 at 2400 MHz"]
    assert (read.default, read.counts) == (4, (1, 2, 3, 4))
    assert (read.memory, read.free) == (8_245_000 * 1024, 5_000_000 * 1024)
    assert read.zones == (Zone("cpu-thermal", 61.7, 110.0),)
    assert read.battery is None
    assert pinning.choices(read) == ()


def test_rk3588_has_two_clusters_although_two_cores_are_a_little_faster(grow: Grow) -> None:
    read = board.read(grow(RK3588))
    assert [str(c) for c in read.clusters] == ["4 × Cortex-A76 at 2304 MHz", "4 × Cortex-A55 at 1800 MHz"]
    assert [c.cpus for c in read.clusters] == [(4, 5, 6, 7), (0, 1, 2, 3)]
    assert (read.default, read.counts) == (8, (1, 2, 3, 4, 6, 8))
    assert pinning.choices(read) == ((4, 5, 6, 7),)


def test_a_phone_with_three_clusters(grow: Grow) -> None:
    read = board.read(grow(PHONE))
    assert {"i8mm", "sve", "bf16", "dotprod"} <= read.features
    assert read.processor == "SoC"
    assert [cluster.cores for cluster in read.clusters] == [1, 4, 3]
    assert [cluster.part for cluster in read.clusters] == ["Cortex-X3", "Cortex-A715", "Cortex-A510"]
    assert read.counts == (1, 2, 3, 4, 5, 6, 8)
    assert pinning.choices(read) == ((7,), (3, 4, 5, 6, 7))


def test_a_virtual_machine_tells_little(grow: Grow) -> None:
    read = board.read(grow(VM))
    assert read.processor == "AMD EPYC"
    assert {"avx2", "avx512", "avx512_vnni"} <= read.features
    assert [str(cluster) for cluster in read.clusters] == ["2 cores"]
    assert (read.governor, read.zones, read.name, read.memory, read.free) == ("", (), "", 0, None)


def test_a_laptop_on_battery_that_is_hot(grow: Grow) -> None:
    read = board.read(grow(LAPTOP))
    assert read.battery == Battery(12, True)
    assert read.governor == "powersave"
    assert read.zones[0] == Zone("x86_pkg_temp", 97.0, 95.0)
    assert read.zones[0].left == -2
    assert [cluster.cores for cluster in read.clusters] == [4, 4]  # eight threads are four cores
    assert read.cores == 8
    assert read.default == 4


@pytest.mark.parametrize(
    ("group", "quota"),
    [
        ({"sys/fs/cgroup/cpu.max": "250000 100000"}, 2.5),
        ({"sys/fs/cgroup/cpu.max": "max 100000"}, math.inf),
        (
            {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"},
            0.5,
        ),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1"}, math.inf),
    ],
)
def test_a_container_s_share_of_the_processor(grow: Grow, group: Mapping[str, str], quota: float) -> None:
    read = board.read(grow({**RK3588, **group}))
    assert read.quota == quota
    assert read.default == read.cores == max(1, min(8, math.floor(min(quota, 8))))


def test_a_container_s_memory(grow: Grow) -> None:
    limits = {"sys/fs/cgroup/memory.max": "1000000", "sys/fs/cgroup/memory.current": "400000"}
    assert board.read(grow({**PI5, **limits})).free == 600_000


def test_nothing_at_all_is_a_board_of_one_core(tmp_path: Path) -> None:
    read = board.read(tmp_path / "nowhere")
    assert (read.clusters, read.features, read.free) == ((), frozenset(), None)
    assert (read.cores, read.default, read.counts) == (1, 1, (1,))
    assert read.key


def test_files_that_may_not_be_read(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    root, real = grow(PI5), Path.open

    def forbid(path: Path, *arguments: str, **named: object) -> object:
        if "cpufreq" in path.parts or "thermal_zone0" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", forbid)
    read = board.read(root)
    assert [str(cluster) for cluster in read.clusters] == ["4 × Cortex-A76"]
    assert read.zones == ()


def test_cores_that_are_off_do_not_count(grow: Grow) -> None:
    read = board.read(grow({**PI5, f"{CPU}/online": "0-2"}))
    assert read.clusters[0].cpus == (0, 1, 2)
    assert read.key != board.read(grow({**PI5, f"{CPU}/online": "0-3"})).key


def test_the_key_is_of_the_board_and_not_of_the_moment(grow: Grow) -> None:
    before = board.read(grow(PI5)).key
    assert (
        board.read(grow({"sys/class/thermal/thermal_zone0/temp": "80000", **memory(8_245_000, 9)})).key
        == before
    )
    assert board.read(grow(cores(*[(1_800_000, 0)] * 4))).key != before


ODD = st.one_of(
    st.text(max_size=30), st.integers().map(str), st.sampled_from(["0-9999999", "-1", "", "1,,2-", "²"])
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted({**PI5, **LAPTOP, **memory(1, 1)})), ODD, min_size=1))
def test_nonsense_never_raises(grow: Grow, files: dict[str, str]) -> None:
    clean = {path: text.encode("utf-8", "replace").decode() for path, text in files.items()}
    read = board.read(grow({**LAPTOP, **clean}))
    assert read.cores >= 1
    assert set(read.counts) >= {1, read.default}
    assert len(read.counts) <= 9
    assert read.key


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_text_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    root = tmp_path_factory.mktemp("root")
    for path in ("proc/cpuinfo", "proc/meminfo", f"{CPU}/online", "proc/device-tree/model", "proc/loadavg"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    board.read(root)
    processes.room(1, root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0-3,6", {0, 1, 2, 3, 6}), ("5", {5}), ("", set()), ("3-1", set()), ("a-b", set()), ("0-999999", None)],
)
def test_lists_of_cpus(text: str, expected: set[int] | None) -> None:
    assert cpus(text) == expected if expected is not None else len(cpus(text)) < 5000


def test_this_board_is_read() -> None:
    here = board.read()
    assert here.cores >= 1
    assert here.memory > 0
    assert board.read().key == here.key


def test_kernels_that_are_all_there() -> None:
    built = kernels(HERE, {"avx", "avx2", "fma", "f16c", "bmi2", "avx512", "avx512_vnni"})
    assert built.missing == ()
    assert built.known
    assert built.packs("Q4_0")
    assert built.packs("Q4_K")
    assert not built.packs("Q6_K")  # on x86 it is not
    assert not built.packs("Q5_0")


def test_kernels_that_are_missing() -> None:
    built = kernels(PLAIN_ARM, {"neon", "dotprod", "i8mm", "sve2"})
    assert built.missing == ("dotprod", "i8mm")
    assert not built.packs("Q4_0")
    assert kernels(PLAIN_ARM + "DOTPROD = 1 | ", {"neon", "dotprod"}).packs("Q6_K")


def test_repacking_that_was_left_out_is_missing() -> None:
    assert kernels("CPU : AVX2 = 1 | ", {"avx2"}).missing == ("repack",)


@pytest.mark.parametrize("text", ["", "nonsense", "CPU : AVX2 = "])
def test_a_build_that_tells_nothing(text: str) -> None:
    assert kernels(text, {"avx2"}) == Kernels(frozenset(), ())


def test_the_command_that_builds_anew() -> None:
    command = rebuild({"neon", "dotprod", "fp16"})
    assert command.startswith('CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_CPU_ARM_ARCH=armv8.2-a+dotprod+fp16" pip')
    assert "CMAKE_ARGS" not in rebuild({"avx2"})
    assert "llama-cpp-python==" in command


def test_names_of_file_types() -> None:
    assert [quantisation(text) for text in ("2", "15", "", "x", "99999", "²")] == [
        "Q4_0",
        "Q4_K_M",
        "",
        "",
        "",
        "",
    ]
    assert [weights(name) for name in ("Q4_K_M", "Q4_0", "")] == ["Q4_K", "Q4_0", ""]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this platform pins nothing")
def test_pinned_and_free_again() -> None:
    before = os.sched_getaffinity(0)
    with pinning.pinned({min(before)}) as done:
        assert done
        assert os.sched_getaffinity(0) == {min(before)}
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("numbers", [(), {4095}, {10**12}, {-1}])
def test_what_cannot_be_pinned_is_left(numbers: set[int]) -> None:
    before = os.sched_getaffinity(0)
    assert not pinning.pin(numbers)
    assert os.sched_getaffinity(0) == before


def test_who_is_busy_is_told(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = "7 (a (b) c) R 1 1 1 0 -1 0 0 0 0 0 {} 0 0 0 20 0 1 0"
    root = grow({"proc/7/stat": stat.format(100), "proc/8/stat": "garbage", "proc/loadavg": "1 1 1 3/99 5"})
    monkeypatch.setattr("time.sleep", lambda _: grow({"proc/7/stat": stat.format(900)}))
    assert processes.busiest(root=root) == ("a (b) c",)


def test_room_is_what_others_leave(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert processes.room(2, grow({"proc/loadavg": "0.5 0.5 0.5 1/99 7"}))
    assert not processes.room(2, grow({"proc/loadavg": "0.5 0.5 0.5 2/99 7"}))
    assert processes.room(2, grow({"proc/loadavg": "forbidden"}))


def test_the_tree_gives_nothing_for_nothing(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    assert (tree.text("a"), tree.number("a"), tree.folders("a", "")) == ("", None, ())
    (tmp_path / "folder").mkdir()
    assert tree.text("folder") == ""


def test_a_board_is_data() -> None:
    assert isinstance(board.read(), Board)


QUICK = Calibration("board", "fake", 8, dict.fromkeys((1, 4, 8), 90.0), {1: 10.0, 4: 15.0, 8: 8.0})


class Measured:
    """Stands for `calibrate`: faster on the cores that it is kept on."""

    def __init__(self, gain: float) -> None:
        self.gain = gain
        self.asked: list[tuple[tuple[int, ...], int, tuple[int, ...]]] = []

    def __call__(
        self, _pool: object, key: str, counts: Iterable[int], default: int, cpus: tuple[int, ...], _: object
    ) -> Calibration:
        self.asked.append((tuple(sorted(counts)), default, cpus))
        gain = self.gain if cpus else 1.0
        rates = {n: QUICK.decode[n] * gain for n in (1, 4, 8) if n <= max(counts)}
        return Calibration(key, "fake", default, dict.fromkeys(rates, 90.0), rates, cpus)


@pytest.fixture
def pool() -> Pool:
    """Only its engine's name is asked for."""
    engine: Any = SimpleNamespace(identity="fake", settings=SimpleNamespace(sequences=1))
    return Pool(engine)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Measured]:
    """Nothing is run and nothing pinned."""

    def measure(gain: float) -> Measured:
        stand_in = Measured(gain)
        monkeypatch.setattr(tuning, "calibrate", stand_in)
        monkeypatch.setattr(tuning, "pinned", lambda _: nullcontext(True))
        return stand_in

    return measure


def test_the_best_cluster_is_taken_where_it_is_faster(
    grow: Grow, pool: Pool, measured: Callable[[float], Measured]
) -> None:
    sweeps = measured(1.5)
    done = tuning.measure(pool, board.read(grow(RK3588)))
    assert [cpus for *_, cpus in sweeps.asked] == [(), (4, 5, 6, 7)]
    assert done.cpus == (4, 5, 6, 7)
    assert done.threads.decode == 4
    assert done.default == 8
    assert done.decode == {1: 15.0, 4: 22.5, 8: 8.0}  # the default as llama.cpp would run it


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.02])
def test_threads_are_left_where_the_kernel_puts_them_unless_it_pays(
    grow: Grow, pool: Pool, measured: Callable[[float], Measured], gain: float
) -> None:
    measured(gain)
    assert tuning.measure(pool, board.read(grow(RK3588))).cpus == ()


def test_a_board_is_measured_once(
    grow: Grow, pool: Pool, measured: Callable[[float], Measured], tmp_path: Path
) -> None:
    sweeps, pi5 = measured(1.0), board.read(grow(PI5))
    first = tuning.stored_or_new(pool, pi5, folder=tmp_path)
    assert tuning.stored_or_new(pool, pi5, folder=tmp_path) == first
    assert len(sweeps.asked) == 1
    tuning.stored_or_new(pool, pi5, again=True, folder=tmp_path)
    assert len(sweeps.asked) == 2


def test_a_folder_that_takes_nothing_is_no_failure(
    grow: Grow,
    pool: Pool,
    measured: Callable[[float], Measured],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    measured(1.0)
    (tmp_path / "file").write_text("")
    assert tuning.stored_or_new(pool, board.read(grow(PI5)), folder=tmp_path / "file").default == 4
    assert "cannot be kept" in caplog.text
