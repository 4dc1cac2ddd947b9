"""What llama.cpp was compiled for, and whether this processor could do more.

Names as in ggml/src/ggml-cpu/ggml-cpu.cpp, ggml_backend_cpu_get_features.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import version

_THEIRS = {
    "neon": "NEON",
    "fp16": "FP16_VA",
    "dotprod": "DOTPROD",
    "i8mm": "MATMUL_INT8",
    "sve": "SVE",
    "sme": "SME",
    "avx": "AVX",
    "avx2": "AVX2",
    "fma": "FMA",
    "f16c": "F16C",
    "bmi2": "BMI2",
    "avx512": "AVX512",
    "avx512_vbmi": "AVX512_VBMI",
    "avx512_vnni": "AVX512_VNNI",
    "avx512_bf16": "AVX512_BF16",
    "avx_vnni": "AVX_VNNI",
    "amx": "AMX_INT8",
}
MATTER = frozenset({"neon", "dotprod", "i8mm", "avx", "avx2", "fma", "f16c", "repack"})
"""Without one of these every token takes much longer; the others are for the last tenth."""
# Which weights are rearranged at loading, so that several rows are multiplied at once, with what features:
# ggml/src/ggml-cpu/repack.cpp, ggml_repack_get_optimal_repack_type, of llama-cpp-python 0.3.36.
_ARM = (frozenset({"neon", "i8mm"}), frozenset({"neon", "dotprod"}))
_X86 = frozenset({"avx2"})
_PACKED = {
    "Q4_0": (_X86, *_ARM),
    "Q4_K": (_X86, *_ARM),
    "IQ4_NL": (_X86, _ARM[1]),
    "MXFP4": (_X86, _ARM[1]),
    "Q2_K": (frozenset({"avx512"}),),
    "Q5_K": _ARM,
    "Q6_K": _ARM,
    "Q8_0": _ARM,
}
# enum llama_ftype in include/llama.h
_FILE_TYPES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    25: "IQ4_NL",
    30: "IQ4_XS",
    32: "BF16",
    38: "MXFP4",
}


@dataclass(frozen=True)
class Kernels:
    """The features that llama.cpp was compiled for, by our names and `repack`; and those it leaves unused."""

    built: frozenset[str]
    missing: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether llama.cpp told anything."""
        return bool(self.built)

    def packs(self, kind: str) -> bool:
        """Whether weights of a kind, like Q4_0, are rearranged for this processor's widest instructions."""
        needs = _PACKED.get(kind, ())
        return "repack" in self.built and any(need <= self.built for need in needs)


def kernels(system_info: str, features: Collection[str]) -> Kernels:
    """Compare the text of llama_print_system_info with what the processor can do."""
    told = _parse(system_info)
    built = frozenset(ours for ours, theirs in _THEIRS.items() if told.get(theirs, "0") != "0")
    if told.get("REPACK", "0") != "0":
        built |= {"repack"}
    known = {*features, "repack"} & {*_THEIRS, "repack"}
    return Kernels(built, tuple(sorted(known - built)) if built else ())


def _parse(system_info: str) -> Mapping[str, str]:
    return dict(re.findall(r"(\w+) = (\w+)", system_info))


def quantisation(file_type: str) -> str:
    """The name of a GGUF's `general.file_type`; empty where it is unknown."""
    return _FILE_TYPES.get(int(file_type), "") if file_type.isdecimal() and len(file_type) < 6 else ""


def weights(quantised: str) -> str:
    """What most weights of a file are: Q4_K of a Q4_K_M."""
    return re.sub(r"_(S|M|L)$", "", quantised)


def rebuild(features: Collection[str]) -> str:
    """The command that compiles llama.cpp anew, on the device itself, for all that its processor can do."""
    package = "llama-cpp-python"
    tags = [tag for tag in ("dotprod", "fp16", "i8mm", "sve") if tag in features]
    march = "+".join(["armv8.2-a" if tags else "armv8-a", *tags])
    flags = f'CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_CPU_ARM_ARCH={march}" ' if "neon" in features else ""
    return (
        f"{flags}pip install --force-reinstall --no-deps --no-cache-dir"
        f" --no-binary {package} {package}=={version(package)}"
    )
