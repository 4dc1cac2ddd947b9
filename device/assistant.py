"""Puts a session together from what is on this device. Nothing heavy is loaded before it is needed."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lamha.device import board
from lamha.device.board import pinning, processes, tuning
from lamha.device.session import Session
from lamha.models.errors import ModelMissing
from lamha.models.llm.beyond.opening import open_beyond
from lamha.models.llm.engine import Settings, Threads
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.saved import Saved
from lamha.models.paths import cache_dir, data_dir
from lamha.models.speech.tts import Voice
from lamha.models.speech.vad import VoiceActivity
from lamha.models.store import Store
from lamha.skills import registry, router
from lamha.skills.api import Action
from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import Decider
from lamha.skills.router import SYSTEM
from lamha.skills.storage import Storage
from lamha.skills.tools import Tool
from lamha.skills.tools import tools as read_tools

if TYPE_CHECKING:  # loaded where it is needed
    from lamha.device.ears import Ears
    from lamha.device.sight import Eyes
    from lamha.models.speech.wake import Wake
    from lamha.models.vision.encoder import Encoder

MODEL = "qwen2.5-coder-0.5b"
ENCODER = "efficientnet-lite1"
type Progress = Callable[[int, int], None]


def database() -> Path:
    """Where the wearer's contacts, drafts and reminders are."""
    return data_dir() / "lamha.db"


def model_name() -> str:
    """`LAMHA_MODEL`, else the small default."""
    return os.environ.get("LAMHA_MODEL", MODEL)


@contextmanager
def open_session(
    name: str = "",
    threads: int = 0,
    progress: Progress = lambda _done, _all: None,
    kept: Path | None = None,
    server: str = "",
) -> Iterator[Session]:
    """A session on the named model (or the default); ModelMissing where it is not on this device.

    With 0 threads there are as many as is fastest on this board, which the first session measures. `kept` is
    the file with the wearer's data, by default `database()`; `server` the URL of one on the wearer's own
    network that may write answers, by default `LAMHA_SERVER`.
    """
    environ = os.environ | ({"LAMHA_SERVER": server} if server else {})
    path = Store().path(name or model_name())
    actions = registry.actions(registry.discover())
    settings, shelf = Settings(threads=Threads(threads or 1, threads or 1)), Saved(cache_dir() / "prefixes")
    with (
        LanguageModel(path, settings, shelf) as local,
        Storage(kept or database()) as storage,
        open_beyond(local, path, environ) as model,
    ):
        if not threads:
            _calibrate(local)
        examples = {full: action.examples for full, action in actions.items()}
        trained = router.train(local, examples, cache_dir(), progress)
        local.warm(SYSTEM)
        yield Session(model, trained, actions, storage, sight=open_sight())


@contextmanager
def open_decider(
    tools: Iterable[Tool | Action | Mapping[str, Any]],
    contacts: Iterable[str] | None = None,
    name: str = "",
    threads: int = 0,
) -> Iterator[Decider]:
    """What decides between any tools, on the named model (or the default); ModelMissing where it is not here.

    `contacts` are names; by default those of the wearer. ToolsBroken where a tool is none.
    """
    found = read_tools(tools)
    path = Store().path(name or model_name())
    settings = Settings(threads=Threads(threads or 1, threads or 1))
    with ExitStack() as stack:
        model = stack.enter_context(LanguageModel(path, settings, Saved(cache_dir() / "prefixes")))
        if not threads:
            _calibrate(model)
        book = Known(contacts) if contacts is not None else stack.enter_context(Storage(database()))
        yield Decider(model, found, Contacts(book))


def _calibrate(model: LanguageModel) -> None:
    here = board.read()
    calibration = tuning.stored_or_new(model.pool, here)
    pinning.pin(calibration.cpus)
    model.calibrated(calibration, processes.room)


def open_ears(languages: str = "") -> tuple["Ears", VoiceActivity]:
    """What hears, and what tells speech from noise.

    `languages` are ISO 639-1 codes between commas, by default `LAMHA_LANGUAGES`; without either, English,
    and with Whisper on this device Arabic and Chinese too. ModelMissing where one of them needs a model.
    """
    from lamha.device.ears import Ears, expected
    from lamha.device.engines import engines
    from lamha.models.speech.silero import Silero

    store = Store()
    activity = Silero(store.path("silero-vad"))
    codes = expected(languages or os.environ.get("LAMHA_LANGUAGES", ""), here=_is_here(store, "whisper-base"))
    for model in {"moonshine-tiny-en" if code == "en" else "whisper-base" for code in codes}:
        store.path(model)  # missing it is said now, not when somebody speaks
    return Ears(engines(store), codes), activity


def _is_here(store: Store, model: str) -> bool:
    try:
        store.path(model)
    except ModelMissing:
        return False
    return True


def open_sight(camera: str = "") -> "Eyes":
    """What sees: a picture, a folder whose newest picture counts, or a camera's number.

    By default `LAMHA_CAMERA`, else camera 0. Nothing is opened before there is something to see.
    """
    from lamha.device.camera import FileCamera, Webcam
    from lamha.device.sight import Eyes

    where = camera or os.environ.get("LAMHA_CAMERA", "0")
    return Eyes(Webcam(int(where)) if where.isdecimal() else FileCamera(Path(where)), ENCODER, _encoder)


def _encoder() -> "Encoder":
    from lamha.models.vision.encoder import EfficientNet

    return EfficientNet(Store().path(ENCODER), cache_dir() / "encoders")


def open_voice() -> Voice:
    """What speaks: a voice for each of English, Arabic and Chinese."""
    from lamha.device.mouth import Mouth
    from lamha.models.speech import arabic, mandarin
    from lamha.models.speech.espeak import Espeak

    return Mouth(
        {
            "en": (_piper, lambda: Espeak("en")),
            "ar": (lambda: _kokoro("hm_omega", "ar", arabic.phonemes), arabic.Arabic),
            "zh": (lambda: _kokoro("zf_xiaoxiao", "zh", mandarin.phonemes), lambda: Espeak("zh")),
        },
    )


def wake_file() -> Path:
    """Where the wearer's own wake phrase is kept."""
    return data_dir() / "wake.npz"


def open_wake() -> "Wake":
    """What hears the wake phrase: the wearer's own, or "hey lamha". ModelMissing without its networks."""
    from lamha.models.speech.wake import PHRASE, Embedding, Head, Wake

    own = wake_file()
    return Wake(Embedding(Store().path("speech-embedding")), Head.load(own if own.is_file() else PHRASE))


def _kokoro(name: str, language: str, spelling: Callable[[str], str]) -> Voice:
    from lamha.models.speech.kokoro import Kokoro

    return Kokoro(Store().path("kokoro"), name, language, spelling)


def _piper() -> Voice:
    from lamha.models.speech.piper import Piper

    return Piper(Store().path("piper-en-joe", "en_US-joe-medium.onnx"))
