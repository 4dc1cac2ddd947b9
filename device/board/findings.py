"""What a person should know of a board and a model, and what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lamha.device.board import Board
from lamha.device.board.kernels import MATTER, Kernels, rebuild, weights
from lamha.models.files import megabytes
from lamha.models.llm.calibration import Calibration

type Severity = Literal["ok", "note", "act"]

BESIDE = 400_000_000
"""Bytes for the context, the recogniser and the voice beside the model."""
_LOW, _NEAR = 20, 10  # per cent of battery; degrees below the limit
_SAVING = ("powersave", "conservative")


@dataclass(frozen=True)
class Finding:
    """One thing: nothing to do about it (ok), something that could be better (note), or must be (act)."""

    severity: Severity
    says: str
    do: str = ""


@dataclass(frozen=True)
class Model:
    """The model that is asked about, as far as it is known."""

    name: str
    file: str = ""
    size: int = 0
    """Bytes; 0 where nobody knows."""
    quantised: str = ""
    here: bool = False
    smaller: str = ""
    """The largest model that fits where this one does not."""
    trouble: tuple[str, str] | None = None
    """Why it could not be loaded, and what to do."""


@dataclass(frozen=True)
class Examined:
    """All that was found out."""

    board: Board
    kernels: Kernels
    model: Model
    calibration: Calibration | None = None
    others: Sequence[str] = ()
    """Who else was using the processor."""


def findings(examined: Examined) -> list[Finding]:
    """Everything worth saying; what must be done first."""
    found = [finding for about in _ABOUT for finding in about(examined)]
    order = ("act", "note", "ok")
    return sorted(found, key=lambda finding: order.index(finding.severity))


def _present(examined: Examined) -> Iterator[Finding]:
    model = examined.model
    if not model.here and not _too_large(examined):
        yield Finding("act", f"{model.name} is not on this device", f"lamha models pull {model.name}")
    elif model.trouble:
        yield Finding("act", *model.trouble)


def _memory(examined: Examined) -> Iterator[Finding]:
    model, free = examined.model, examined.board.free
    if free is None or not model.size:
        return
    if _too_large(examined):
        says = f"{megabytes(free)} of memory are free, and {model.name} needs {megabytes(model.size)}"
        use = f"lamha models pull {model.smaller}, and lamha ask --model {model.smaller} …"
        yield Finding("act", says, use if model.smaller else "close other programs")
    elif free < model.size + BESIDE:
        says = f"{megabytes(free)} of memory are free: enough for the model, too little for speech beside it"
        yield Finding("note", says, "close other programs")
    else:
        yield Finding("ok", f"{model.name} and speech fit into the memory that is free")


def _too_large(examined: Examined) -> bool:
    free = examined.board.free
    return free is not None and free < examined.model.size


def _kernels(examined: Examined) -> Iterator[Finding]:
    kernels, features = examined.kernels, examined.board.features
    if not kernels.known:
        yield Finding("note", "llama.cpp does not tell what it was compiled for")
    elif not kernels.missing:
        yield Finding("ok", "llama.cpp was compiled for all that this processor can do")
    else:
        severity: Severity = "act" if MATTER & set(kernels.missing) else "note"
        says = f"llama.cpp was compiled without {', '.join(kernels.missing)}, which this processor has"
        yield Finding(severity, says, rebuild(features))


def _quantised(examined: Examined) -> Iterator[Finding]:
    model, kernels = examined.model, examined.kernels
    if not kernels.packs("Q4_0") or not model.quantised:
        return
    if model.quantised == "Q4_0":
        yield Finding("ok", "the model is Q4_0, which llama.cpp repacks for this processor")
        return
    part = "only part" if kernels.packs(weights(model.quantised)) else "nothing"
    says = f"llama.cpp repacks {part} of a {model.quantised} model for this processor, and all of a Q4_0 one"
    yield Finding(
        "note", f"{says}, which mostly is faster", f"lamha models quantise {model.name} --for-board"
    )


def _battery(examined: Examined) -> Iterator[Finding]:
    battery = examined.board.battery
    if battery and battery.draining and battery.percent < _LOW:
        yield Finding(
            "act", f"the battery is at {battery.percent} %, and boards slow down to save it", "charge it"
        )


def _heat(examined: Examined) -> Iterator[Finding]:
    zone = next(iter(examined.board.zones), None)
    if not zone or zone.limit is None:
        return
    at = f"{zone.name} is at {zone.celsius:.0f} °C"
    if zone.left <= 0:
        says = f"{at}: the board slows itself down from {zone.limit:.0f} °C on"
        yield Finding("act", says, "let it cool, then: lamha doctor --again")
    elif zone.left < _NEAR:
        yield Finding(
            "note", f"{at}, and slows down from {zone.limit:.0f} °C on", "give it air or a heat sink"
        )
    else:
        yield Finding("ok", f"{at}, far from the {zone.limit:.0f} °C where it would slow down")


def _governor(examined: Examined) -> Iterator[Finding]:
    if examined.board.governor in _SAVING:
        says = (
            f"the governor is {examined.board.governor}: the first words come later, the battery lasts longer"
        )
        yield Finding("note", says, "sudo cpupower frequency-set -g performance")


def _threads(examined: Examined) -> Iterator[Finding]:
    done = examined.calibration
    if not done:
        return
    if done.busy:
        who = f": {', '.join(examined.others)}" if examined.others else ""
        says = f"another process was using a core while this was measured{who}"
        yield Finding("act", says, "stop it or wait, then: lamha doctor --again")
    elif done.threads == (done.default, done.default) and not done.cpus:
        yield Finding("ok", "nothing is faster here than llama.cpp's own number of threads")
    else:
        yield Finding("ok", _gain(done))


def _gain(done: Calibration) -> str:
    read = done.prefill[done.threads.prefill] / done.prefill[done.default] - 1
    written = done.decode[done.threads.decode] / done.decode[done.default] - 1
    return f"faster than llama.cpp's own number of threads: reading by {read:.0%}, writing by {written:.0%}"


_ABOUT = (_present, _memory, _kernels, _quantised, _threads, _heat, _battery, _governor)
