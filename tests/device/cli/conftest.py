"""`lamha` in this process, on a model that answers in milliseconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lamha.device.session import Session


@pytest.fixture
def fake_assistant(monkeypatch: pytest.MonkeyPatch, fake_session: Callable[..., Session]) -> None:
    """What the commands open is a session on a fake model, with what the fixture `storage` holds."""

    @contextmanager
    def open_session(*_: object, **__: object) -> Iterator[Session]:
        yield fake_session(*["It is Tokyo."] * 9)

    monkeypatch.setattr("lamha.device.assistant.open_session", open_session)
