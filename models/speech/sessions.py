"""Opens ONNX models so that they stay small: one thread, no spinning, no arena, .ort weights mapped."""

from pathlib import Path

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from lamha.models.errors import ModelBroken, ModelMissing
from lamha.models.memory import give_back

_FATAL = 4  # what goes wrong is raised; onnxruntime need not print it as well
_UNLOADABLE = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NotImplemented,
    failures.RuntimeException,
)


def open_session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """An onnxruntime session for `path`, a file in the folder of its model; ModelMissing or ModelBroken."""
    if not path.is_file():
        raise ModelMissing(path.parent.name)
    try:
        return ort.InferenceSession(path, lean(threads), providers=["CPUExecutionProvider"])
    except _UNLOADABLE as error:
        raise broken(path, "cannot be loaded") from error
    finally:
        give_back()


def broken(path: Path, what: str) -> ModelBroken:
    """The error for a damaged file in the folder of its model."""
    model = path.parent.name
    return ModelBroken(f"{path.name} of the model {model} {what}", f"run `lamha models verify {model}`")


def lean(threads: int = 1) -> ort.SessionOptions:
    """Options chosen for memory: the speech models take a third less than with the defaults."""
    ort.disable_telemetry_events()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # The layouts beyond hold a second copy of the convolutions: 40 MB for a voice, and it speaks no faster.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = _FATAL
    # A spinning thread takes the core that the language model decodes on.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_memory_mapped_ort_model", "1")
    return options
