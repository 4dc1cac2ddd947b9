"""The cores of a processor, in clusters of equals, and what they can do that matters to llama.cpp."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from lamha.device.board.tree import Tree, cpus

_CPU = "sys/devices/system/cpu"
_EQUAL = (
    0.92  # cores whose speeds are that near each other are one cluster: some are picked for a little more
)
# Names as the kernel gives them, and ours. Arm: arch/arm64/kernel/cpuinfo.c; x86: asm/cpufeatures.h.
_FEATURES = {
    "asimd": "neon",
    "neon": "neon",
    "asimddp": "dotprod",
    "asimdhp": "fp16",
    "i8mm": "i8mm",
    "bf16": "bf16",
    "sve": "sve",
    "sve2": "sve2",
    "sme": "sme",
    "avx": "avx",
    "avx2": "avx2",
    "fma": "fma",
    "f16c": "f16c",
    "bmi2": "bmi2",
    "avx512vbmi": "avx512_vbmi",
    "avx512_vnni": "avx512_vnni",
    "avx512_bf16": "avx512_bf16",
    "avx_vnni": "avx_vnni",
    "amx_int8": "amx",
}
_AVX512 = {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"}  # what GGML_AVX512 compiles for
# Arm's own cores: arch/arm64/include/asm/cputype.h.
_PARTS = {
    0xD03: "Cortex-A53",
    0xD04: "Cortex-A35",
    0xD05: "Cortex-A55",
    0xD07: "Cortex-A57",
    0xD08: "Cortex-A72",
    0xD09: "Cortex-A73",
    0xD0A: "Cortex-A75",
    0xD0B: "Cortex-A76",
    0xD0C: "Neoverse-N1",
    0xD0D: "Cortex-A77",
    0xD40: "Neoverse-V1",
    0xD41: "Cortex-A78",
    0xD44: "Cortex-X1",
    0xD46: "Cortex-A510",
    0xD47: "Cortex-A710",
    0xD48: "Cortex-X2",
    0xD49: "Neoverse-N2",
    0xD4B: "Cortex-A78C",
    0xD4D: "Cortex-A715",
    0xD4E: "Cortex-X3",
    0xD4F: "Neoverse-V2",
    0xD80: "Cortex-A520",
    0xD81: "Cortex-A720",
    0xD82: "Cortex-X4",
    0xD85: "Cortex-X925",
    0xD87: "Cortex-A725",
}


@dataclass(frozen=True)
class Cluster:
    """Cores that are equally fast; what is unknown is 0 or empty."""

    cpus: tuple[int, ...]
    """Their numbers, each hardware thread its own."""
    cores: int
    """Without the second threads of a core, which only get in each other's way in arithmetic."""
    mhz: int = 0
    capacity: int = 0
    """Relative speed as the kernel's scheduler sees it; the fastest core of a board has 1024."""
    part: str = ""

    def __str__(self) -> str:
        speed = f" at {self.mhz} MHz" if self.mhz else ""
        what = f"× {self.part}" if self.part else "core" if self.cores == 1 else "cores"
        return f"{self.cores} {what}{speed}"


@dataclass(frozen=True)
class Processor:
    """What /proc/cpuinfo says: a name, and features that every core has."""

    name: str
    features: frozenset[str]
    parts: Mapping[int, str]
    """What the cores are called, by number."""


def processor(tree: Tree) -> Processor:
    """Parse /proc/cpuinfo of x86, Arm and RISC-V."""
    text = tree.text("proc/cpuinfo")
    blocks = [_fields(block) for block in re.split(r"\n\s*\n", text)]
    cores = [block for block in blocks if _number(block.get("processor", "")) is not None]
    name = next((b[key] for key in ("model name", "Hardware", "cpu model") for b in blocks if b.get(key)), "")
    have = [_features(core) for core in cores if "flags" in core or "Features" in core]
    parts = {_number(core["processor"]) or 0: _part(core) for core in cores}
    return Processor(name, frozenset.intersection(*have) if have else frozenset(), parts)


def _fields(block: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in block.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _features(core: Mapping[str, str]) -> frozenset[str]:
    told = set(f"{core.get('flags', '')} {core.get('Features', '')}".split())
    found = {ours for theirs, ours in _FEATURES.items() if theirs in told}
    return frozenset(found | {"avx512"} if told >= _AVX512 else found)


def _part(core: Mapping[str, str]) -> str:
    maker, part = _number(core.get("CPU implementer", "")), _number(core.get("CPU part", ""))
    if part is None:
        return ""
    return _PARTS.get(part, f"Arm {part:#x}") if maker == 0x41 else f"core {maker or 0:#x}/{part:#x}"


def _number(text: str) -> int | None:
    found = re.fullmatch(r"0x[0-9a-fA-F]{1,8}|[0-9]{1,8}", text)
    return int(text, 0 if text.startswith("0x") else 10) if found else None


def usable(tree: Tree, parts: Iterable[int], allowed: Collection[int] | None) -> tuple[int, ...]:
    """The numbers of the CPUs that are on and, where that is known, that this process may use."""
    here = cpus(tree.text(f"{_CPU}/online")) or {
        int(path.rpartition("cpu")[2]) for path in tree.folders(_CPU, "cpu")
    }
    on = {cpu for cpu in here or set(parts) if tree.number(f"{_CPU}/cpu{cpu}/online") != 0}
    if allowed is not None:
        on = on & set(allowed) or set(allowed)
    return tuple(sorted(on))


def clusters(tree: Tree, numbers: Iterable[int], parts: Mapping[int, str]) -> tuple[Cluster, ...]:
    """The CPUs with these numbers, grouped by what they are and how fast; the fastest first."""
    groups: list[list[tuple[int, int, str, int]]] = []
    for core in sorted((_core(tree, cpu, parts.get(cpu, "")) for cpu in numbers), reverse=True):
        if groups and _alike(groups[-1][0], core):
            groups[-1].append(core)
        else:
            groups.append([core])
    return tuple(_cluster(tree, group) for group in groups)


def _core(tree: Tree, cpu: int, part: str) -> tuple[int, int, str, int]:
    capacity = max(0, tree.number(f"{_CPU}/cpu{cpu}/cpu_capacity") or 0)
    khz = max(0, tree.number(f"{_CPU}/cpu{cpu}/cpufreq/cpuinfo_max_freq") or 0)
    return capacity, khz // 1000, part, cpu


def _alike(one: tuple[int, int, str, int], other: tuple[int, int, str, int]) -> bool:
    speeds = zip(one[:2], other[:2], strict=True)
    return one[2] == other[2] and all(min(pair) >= _EQUAL * max(pair) for pair in speeds)


def _cluster(tree: Tree, group: list[tuple[int, int, str, int]]) -> Cluster:
    capacity, mhz, part, _ = group[0]
    numbers = sorted(cpu for *_, cpu in group)
    siblings = {_siblings(tree, cpu) & set(numbers) for cpu in numbers}
    return Cluster(tuple(numbers), len(siblings), mhz, capacity, part)


def _siblings(tree: Tree, cpu: int) -> frozenset[int]:
    return cpus(tree.text(f"{_CPU}/cpu{cpu}/topology/thread_siblings_list")) | {cpu}


def governor(tree: Tree, cpu: int) -> str:
    """How the kernel chooses the frequency of a core, or an empty string."""
    return tree.text(f"{_CPU}/cpu{cpu}/cpufreq/scaling_governor")[:32]
