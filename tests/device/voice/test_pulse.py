"""The loop on a sound server without a sound card: what it says comes back to its microphone."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lamha.models.errors import VoiceMissing
from lamha.models.paths import models_dir
from lamha.models.speech.espeak import Espeak
from lamha.models.speech.vad import RATE

MODELS = models_dir()  # read before a test points the folders elsewhere
SERVER = (
    "-n",
    "--daemonize=no",
    "--exit-idle-time=-1",
    "--load=module-native-protocol-unix",
    "--load=module-null-sink sink_name=room rate=48000",
    "--load=module-null-sink sink_name=ear rate=48000",
    "--load=module-loopback source=ear.monitor sink=room latency_msec=60",
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict[str, str]]:
    """PulseAudio with a room, an ear, and a way for sound from the one to the other; how to reach it."""
    pytest.importorskip("sounddevice", reason="the extra `mic` is not installed", exc_type=OSError)
    for program in ("pulseaudio", "pactl", "paplay"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "PULSE_RUNTIME_PATH": str(folder)}
    environment["HOME"] = str(tmp_path)
    with subprocess.Popen(["pulseaudio", *SERVER], env=environment, stderr=subprocess.DEVNULL) as daemon:  # noqa: S607
        try:
            _wait(lambda: _run(environment, "pactl", "info"))
            _run(environment, "pactl", "set-default-source", "room.monitor")
            _run(environment, "pactl", "set-default-sink", "ear")
            listed = subprocess.run(
                [sys.executable, "-c", "import sounddevice; print(sounddevice.query_devices())"],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if " pulse" not in listed.stdout:
                pytest.skip("PortAudio has no way to PulseAudio (libasound2-plugins)")
            yield environment
        finally:
            daemon.terminate()


@pytest.mark.model
def test_a_command_from_a_microphone_and_a_reply_that_does_not_wake_it(
    server: dict[str, str], tmp_path: Path, real_cache: Path, trained: object
) -> None:
    try:
        (sound,) = Espeak("en").speak("What is the capital of Japan?")
    except VoiceMissing as error:
        pytest.skip(str(error))
    said = tmp_path / "said.wav"
    soundfile.write(said, np.pad(sound.at(RATE).samples, RATE // 2), RATE)
    command = [str(Path(sys.executable).parent / "lamha"), "run", "--no-wake", "--languages", "en", "--json"]
    options = {"LAMHA_CACHE": str(real_cache), "LAMHA_HOME": str(tmp_path / "data")}
    options["LAMHA_MODELS"] = str(MODELS)
    with subprocess.Popen(
        [*command, "--mic", "pulse", "--speaker", "pulse"],
        env={**server, **options},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as loop:
        try:
            assert loop.stderr
            assert "Ctrl-C" in loop.stderr.readline()
            time.sleep(3)
            assert _run(server, "paplay", "--device=room", str(said))
            time.sleep(15)
        finally:
            loop.terminate()
        out, _ = loop.communicate(timeout=20)
    (turn,) = map(json.loads, out.splitlines())  # its own voice was no second one
    assert "japan" in turn["heard"]["text"].lower()
    assert "Tokyo" in turn["speech"]


def _run(environment: dict[str, str], *command: str) -> bool:
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode == 0


def _wait(ready: Callable[[], bool], seconds: float = 5.0) -> None:
    over = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < over, "PulseAudio does not start"
        time.sleep(0.1)
