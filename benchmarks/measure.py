"""What every benchmark needs: medians with their spread, and the machine that was measured."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """Quantiles of some measurements, in their unit."""

    p50: float
    p10: float
    p90: float
    count: int

    def __str__(self) -> str:
        return f"{self.p50:.0f} ({self.p10:.0f}–{self.p90:.0f}, n={self.count})"

    def as_json(self) -> dict[str, float]:
        """Rounded to a tenth."""
        return {name: round(value, 1) for name, value in asdict(self).items()}


def sample(values: Sequence[float]) -> Sample:
    """The median and the range of the middle 80 %."""
    if len(values) == 1:
        return Sample(values[0], values[0], values[0], 1)
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return Sample(statistics.median(values), tenths[0], tenths[-1], len(values))


def machine() -> dict[str, Any]:
    """Processor, cores, load (other work on the machine slows a measurement down) and versions."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "lamha": version("lamha"),
        "llama_cpp_python": version("llama-cpp-python"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.machine()
