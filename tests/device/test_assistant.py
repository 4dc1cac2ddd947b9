from pathlib import Path

import pytest

from lamha.device import assistant
from lamha.models.errors import ModelMissing, UnknownModel


def test_the_wearers_folder_is_where_the_environment_says(home: Path) -> None:
    assert assistant.database() == home / "lamha.db"


def test_the_default_model_may_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert assistant.model_name() == "qwen2.5-coder-0.5b"
    monkeypatch.setenv("LAMHA_MODEL", "smollm2-135m")
    assert assistant.model_name() == "smollm2-135m"


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "none"))


@pytest.mark.usefixtures("no_models")
def test_nothing_is_made_where_the_model_is_missing(home: Path) -> None:
    with pytest.raises(ModelMissing, match=r"lamha models pull qwen2\.5-coder-0\.5b"):
        assistant.open_session().__enter__()
    with pytest.raises(UnknownModel):
        assistant.open_session("no-such-model").__enter__()
    assert not home.exists()


@pytest.mark.usefixtures("no_models")
def test_ears_name_what_is_missing() -> None:
    with pytest.raises(ModelMissing, match="lamha models pull silero-vad"):
        assistant.open_ears()


@pytest.mark.usefixtures("no_models")
def test_without_its_model_english_is_spoken_by_a_robot() -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
    voice = assistant.open_voice()
    assert voice.languages == ("en", "ar", "zh")
    assert sum(sound.seconds for sound in voice.speak("The reminder is saved.")) > 0.5
