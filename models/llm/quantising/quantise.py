"""A model with coarser weights, made on the device: smaller, and fast where llama.cpp has a kernel for it.

llama.cpp does it, in a process of its own: it takes minutes, can be ended at any moment, and where it aborts
it takes nothing with it.
"""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from lamha.models import files
from lamha.models.errors import LamhaError, ModelBroken, NoSpace, QuantiseFailed
from lamha.models.llm import header

KINDS = ("Q4_0", "IQ4_NL", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "F16")
"""What the weights of a file can become."""
_BITS = {
    "Q4_0": 4.5,
    "IQ4_NL": 4.5,
    "Q4_K": 4.5,
    "Q4_1": 5.0,
    "Q5_0": 5.5,
    "Q5_K": 5.5,
    "Q5_1": 6.0,
    "Q6_K": 6.5625,
    "Q8_0": 8.5,
    "F16": 16.0,
}
"""Of one weight, by what a tensor can become (ggml/src/ggml-common.h)."""
_SLACK = 16_000_000  # bytes; the words of a model, and what is kept as it was
_KEYS_AND_VALUES = ("attn_[kv]\\.weight", "Q8_0")  # 1 % of the weights, a third of the loss

type Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Recipe:
    """What becomes of the weights of a file: nearly all of them `kind`, some finer."""

    kind: str
    output: str = ""
    """The matrix before the scores; where a model uses its embeddings instead, those."""
    embeddings: str = ""
    finer: tuple[tuple[str, str], ...] = ()
    """Regular expressions of tensors' names and what they become, the first match counts."""
    fitted: bool = True
    """Whether every block gets the scale of least error; slower to make, no slower to use, mostly better."""

    def __str__(self) -> str:
        return f"{self.kind}, output {self.output}" if self.output else self.kind


FOR_BOARD = (
    Recipe("Q4_0", finer=(_KEYS_AND_VALUES,)),
    Recipe("Q4_0", output="Q8_0", finer=(_KEYS_AND_VALUES,)),
)
"""What is tried for a board, the fastest first.

Of Qwen2.5-Coder-0.5B in Q4_K_M, on one x86 core with AVX-512: the first is 1.8 times as fast and has 8 % more
perplexity, the second 1.5 times and 5 %. Pure Q4_0 with llama.cpp's own scales has 19 %, in Arabic 31 %.
IQ4_NL loses as much as Q4_0 and takes ten times as long to make; finer embeddings alone gain nothing.
"""


def quantise(
    source: Path, target: Path, recipe: Recipe, progress: Progress = lambda _done, _all: None
) -> None:
    """Write the source anew at `target`, which appears only once it is whole; progress is in tensors.

    QuantiseFailed where it cannot be done, ModelBroken where the source cannot be read, NoSpace where the
    disk has no room for the result.
    """
    _check(source, target, recipe)
    tensors = header.tensors(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    files.ensure_room(target.parent, _expected(tensors, recipe))
    growing = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        _touch(growing)
        _run([str(source), str(growing), json.dumps(asdict(recipe))], source, progress)
        _ensure_whole(growing, tensors)
        files.place(growing, target)
    finally:
        growing.unlink(missing_ok=True)


def _check(source: Path, target: Path, recipe: Recipe) -> None:
    if not source.is_file():
        raise ModelBroken(f"there is no file {source}", "name a GGUF")
    if target.exists() and target.samefile(source):
        raise QuantiseFailed(f"{target} would replace what it is made from", "give it another name")
    kinds = [recipe.output, recipe.embeddings, *(kind for _, kind in recipe.finer)]
    wrong = [kind for kind in kinds if kind and kind not in _BITS]
    if recipe.kind not in KINDS or wrong:
        unknown = wrong[0] if wrong else recipe.kind
        raise QuantiseFailed(f"weights cannot become {unknown}", f"choose from {', '.join(KINDS)}")


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError as error:
        raise QuantiseFailed(f"{path.parent} cannot be written ({error})", "name another folder") from error


def _expected(tensors: Iterable[header.Tensor], recipe: Recipe) -> int:
    """Bytes of the result, or a little more."""
    return _SLACK + int(sum(math.prod(each.shape) * _BITS[_becomes(each, recipe)] for each in tensors) / 8)


def _becomes(tensor: header.Tensor, recipe: Recipe) -> str:
    if tensor.name in ("output.weight", "token_embd.weight"):
        return max(recipe.output or recipe.kind, recipe.embeddings or recipe.kind, key=_BITS.__getitem__)
    finer = (kind for pattern, kind in recipe.finer if re.search(pattern, tensor.name))
    return next(finer, recipe.kind)


def _run(arguments: list[str], source: Path, progress: Progress) -> None:
    command = [sys.executable, "-P", "-m", "lamha.models.llm.quantising.child", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as child:  # noqa: S603 - our own module
        try:
            reason = _watch(child.stderr or (), progress)
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        raise _failure(source, reason or f"exit code {child.returncode}")


def _watch(log: Iterable[str], progress: Progress) -> str:
    """Follow llama.cpp's log; why it failed, if it says so."""
    reason = ""
    for line in log:
        if found := re.match(r"\[ *(\d+)/ *(\d+)\]", line):
            progress(int(found[1]), int(found[2]))
        if found := re.search(r"failed to quantize: (.*)", line):
            reason = found[1].strip()
    return reason


def _failure(source: Path, reason: str) -> LamhaError:
    if "iostream error" in reason:
        return NoSpace(f"the disk became full while {source.name} was quantised", "make room, then try again")
    if re.search(r"corrupted|incomplete|failed to load|unknown model architecture", reason):
        return ModelBroken(f"{source.name} cannot be read ({reason})", "run `lamha models verify`")
    return QuantiseFailed(f"{source.name} could not be quantised ({reason})", "try another kind")


def _ensure_whole(path: Path, tensors: tuple[header.Tensor, ...]) -> None:
    """llama.cpp does not notice a disk that becomes full: the file then ends early, or has no header."""
    from lamha.models.llm.library import library

    lib = library()
    params = lib.llama_model_default_params()
    params.vocab_only = True  # nothing is loaded, but every tensor must lie within the file
    model = set(header.tensors(path)) == set(tensors) and lib.llama_model_load_from_file(
        os.fsencode(path), params
    )
    if not model:
        raise NoSpace("what llama.cpp wrote is not whole, as on a full disk", "make room, then try again")
    lib.llama_model_free(model)
