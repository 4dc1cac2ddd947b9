"""Every error lamha raises.

    LamhaError
    ├── ModelMissing         (FileNotFoundError)  a model is not on this device; exit code 3
    ├── ModelBroken          (ValueError)         a model file cannot be loaded; exit code 3
    ├── DownloadFailed       (OSError)            no source gave the file
    ├── ChecksumMismatch     (ValueError)         a file is not the one the catalogue names
    ├── NoSpace              (OSError)            the disk has no room
    ├── UnknownModel         (KeyError)           the catalogue has no such name
    ├── AudioUnreadable      (ValueError)         a file is no audio, or has none in it
    ├── MicrophoneMissing    (OSError)            nothing to record with
    ├── VoiceMissing         (RuntimeError)       nothing to speak with
    ├── PhotoUnreadable      (ValueError)         a file is no picture that can be looked at
    ├── CameraMissing        (OSError)            nothing to take pictures with
    ├── BudgetTooSmall       (ValueError)         the fixed part of a prompt leaves no room
    ├── NoMemory             (MemoryError)        the device has too little memory for a model; exit code 3
    ├── GrammarBroken        (ValueError)         a schema or grammar that nothing can satisfy, or too large
    ├── AdapterBroken        (ValueError)         an adapter cannot be loaded, or belongs to another model
    ├── QuantiseFailed       (RuntimeError)       a model could not be quantised, or became too much worse
    ├── ServerFailed         (OSError)            a model beyond the device did not answer
    ├── StorageBroken        (OSError)            the wearer's database cannot be used
    ├── SkillBroken          (RuntimeError)       a skill cannot be loaded or failed
    └── ToolsBroken          (ValueError)         a list of tools that cannot be read

Each message says what is wrong; `hint` says what to do about it.
"""


class LamhaError(Exception):
    """The base of all; `exit_code` is what the command line leaves with."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}: {self.hint}" if self.hint else self.message


class ModelMissing(LamhaError, FileNotFoundError):
    """A model is not on this device."""

    exit_code = 3

    def __init__(self, name: str) -> None:
        super().__init__(f"the model {name} is not on this device", f"run `lamha models pull {name}`")
        self.name = name


class ModelBroken(LamhaError, ValueError):
    """A model file cannot be loaded."""

    exit_code = 3


class DownloadFailed(LamhaError, OSError):
    """No source gave the file."""


class ChecksumMismatch(LamhaError, ValueError):
    """A file is not the one the catalogue names."""


class NoSpace(LamhaError, OSError):
    """The disk has no room."""


class UnknownModel(LamhaError, KeyError):
    """The catalogue has no such name."""


class AudioUnreadable(LamhaError, ValueError):
    """A file is no audio, or has none in it."""


class MicrophoneMissing(LamhaError, OSError):
    """Nothing to record with."""


class VoiceMissing(LamhaError, RuntimeError):
    """Nothing to speak with."""


class PhotoUnreadable(LamhaError, ValueError):
    """A file is no picture that can be looked at."""


class CameraMissing(LamhaError, OSError):
    """Nothing to take pictures with."""


class BudgetTooSmall(LamhaError, ValueError):
    """The fixed part of a prompt leaves no room for the wearer's words."""


class NoMemory(LamhaError, MemoryError):
    """The device has too little memory for a model."""

    exit_code = 3


class GrammarBroken(LamhaError, ValueError):
    """Nothing satisfies a schema or grammar, or it is too large to be worth trying."""


class AdapterBroken(LamhaError, ValueError):
    """An adapter cannot be loaded, or was made for another model."""


class QuantiseFailed(LamhaError, RuntimeError):
    """A model could not be quantised, or became worse than is allowed."""


class ServerFailed(LamhaError, OSError):
    """A model beyond the device did not answer, or may not be asked."""


class StorageBroken(LamhaError, OSError):
    """The wearer's database cannot be used."""


class SkillBroken(LamhaError, RuntimeError):
    """A skill cannot be loaded, or failed while it acted."""


class ToolsBroken(LamhaError, ValueError):
    """A list of tools that cannot be read."""
