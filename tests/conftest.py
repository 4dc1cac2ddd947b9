"""Folders of its own for every test, and what is real: recordings, the language model, a trained router."""

import os
import subprocess
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

from lamha.device.assistant import MODEL
from lamha.device.session import Session
from lamha.models.errors import ModelMissing
from lamha.models.llm.model import LanguageModel
from lamha.models.paths import cache_dir, models_dir
from lamha.models.store import Store
from lamha.skills import registry, router
from lamha.skills.api import Action, Reply
from lamha.skills.router import SYSTEM, Router
from lamha.skills.storage import Storage
from lamha.skills.testing import FakeModel

# Read once, before a test points the folders elsewhere. In the real cache the router is trained only once.
MODELS, CACHE = models_dir(), cache_dir()
DATA = Path(os.environ.get("LAMHA_DATA", Path(__file__).parents[2] / "shared" / "data"))
GOLDEN = Path(__file__).parent / "golden" / "sentences"
LAMHA = Path(sysconfig.get_path("scripts")) / "lamha"
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=ZoneInfo("Europe/Helsinki"))  # a Wednesday
PEOPLE = {
    "Sara": ("سارة", "莎拉"),
    "John": (),
    "Maria": (),
    "Ahmed": ("أحمد",),
    "Mom": ("أمي", "妈妈"),
    "Omar": ("عمر",),
    "Li Wei": (),
    "小李": (),
    "王伟": (),
}


# A busy machine is no defect; and what lands must not hang on a throw of the dice.
settings.register_profile("lamha", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("lamha")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMHA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LAMHA_CACHE", str(tmp_path / "cache"))
    for name in ("MODEL", "SERVER", "SERVER_MODEL", "SERVER_KEY", "WORKERS", "WORKERS_MODEL", "PATIENCE"):
        monkeypatch.delenv(f"LAMHA_{name}", raising=False)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def data() -> Path:
    """Recordings and intents that are not part of the project."""
    if not DATA.is_dir():
        pytest.skip(f"no recordings at {DATA}: set LAMHA_DATA")
    return DATA


@pytest.fixture(scope="session")
def real_cache() -> Path:
    """Where the router of the real model is kept."""
    return CACHE


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def people() -> Mapping[str, tuple[str, ...]]:
    """The wearer's contacts with their other names."""
    return PEOPLE


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A wearer's database with some contacts."""
    with Storage(tmp_path / "wearer.db") as opened:
        for name, aliases in PEOPLE.items():
            opened.add_contact(name, aliases)
        yield opened


@pytest.fixture(scope="session")
def actions() -> Mapping[str, Action]:
    """The actions of lamha's own skills."""
    return registry.actions(registry.discover())


@pytest.fixture(scope="session")
def language_model() -> Iterator[LanguageModel]:
    try:
        path = Store(MODELS).path(MODEL)
    except ModelMissing as error:
        pytest.skip(str(error))
    with LanguageModel(path) as model:
        model.warm(SYSTEM)
        yield model


@pytest.fixture(scope="session")
def trained(language_model: LanguageModel, actions: Mapping[str, Action]) -> Router:
    """The router of the real model, trained once a run at most."""
    return router.train(language_model, _examples(actions), CACHE)


@pytest.fixture
def session(
    language_model: LanguageModel, trained: Router, actions: Mapping[str, Action], storage: Storage
) -> Session:
    """The real thing, with a database of its own, always on the same morning."""
    return Session(language_model, trained, actions, storage, lambda: NOW)


@pytest.fixture(scope="session")
def fake_router(actions: Mapping[str, Action], tmp_path_factory: pytest.TempPathFactory) -> Router:
    """Without products: the fake knows words alone, and those of labels are everywhere."""
    chosen = {name: action for name, action in actions.items() if not name.startswith("products.")}
    return router.train(FakeModel(), _examples(chosen), tmp_path_factory.mktemp("fake"))


@pytest.fixture
def fake_session(
    fake_router: Router, actions: Mapping[str, Action], storage: Storage
) -> Callable[..., Session]:
    """Makes sessions that answer with the given replies, in milliseconds."""
    return lambda *replies: Session(FakeModel(*replies), fake_router, actions, storage, lambda: NOW)


@pytest.fixture
def lamha() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs the installed command, `before` it another one; the router's cache is the real one."""

    def run(
        *arguments: str, before: Sequence[str] = (), **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        command = [*before, str(LAMHA), *arguments]
        env = {**os.environ, "LAMHA_CACHE": str(CACHE), **environment}
        return subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)

    return run


@pytest.fixture
def golden() -> Callable[[str, Mapping[str, Reply]], None]:
    """Compares replies with the ones that were read and approved; LAMHA_UPDATE_GOLDEN=1 rewrites them."""

    def compare(name: str, replies: Mapping[str, Reply]) -> None:
        text = "\n".join(f"== {case}\n{_as_text(reply)}" for case, reply in replies.items())
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("LAMHA_UPDATE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


def _as_text(reply: Reply) -> str:
    card = reply.card
    return (
        f"{card.kind} in {card.language}\ntitle: {card.title}\nbody: {card.body}\nhint: {card.hint}\n"
        f"speech: {reply.speech}\n"
    )


def _examples(actions: Mapping[str, Action]) -> dict[str, tuple[str, ...]]:
    return {name: action.examples for name, action in actions.items()}
