import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lamha.device.cli import INTERRUPTED, main
from lamha.models.errors import ModelBroken, NoSpace

type Lamha = Callable[..., "subprocess.CompletedProcess[str]"]

COMMANDS = ["", "ask", "listen", "demo", "models", "models pull", "skills", "skills list", "contacts"]
HELP = """
import sys
from lamha.device.cli import main
for command in sys.argv[1:]:
    try:
        main([*command.split(), "--help"])
    except SystemExit as done:
        assert not done.code, command
heavy = {"numpy", "llama_cpp", "onnxruntime", "PIL", "dateparser", "rich"} & set(sys.modules)
assert not heavy, heavy
"""


def test_help_is_there_and_imports_nothing_heavy() -> None:
    command = [sys.executable, "-c", HELP, *COMMANDS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("usage: lamha") == len(COMMANDS)


def test_the_installed_command_knows_its_version(lamha: Lamha) -> None:
    done = lamha("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("lamha 0.")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "COMMAND"),
        (("asks", "x"), "invalid choice: 'asks'"),
        (("ask",), "TEXT"),
        (("ask", "x", "--threads", "0"), "0 is not a number from 1 on"),
        (("ask", "x", "--threads", "many"), "many is not a number from 1 on"),
        (("listen",), "one of the arguments FILE --mic is required"),
        (("listen", "a.wav", "--mic"), "not allowed with"),
    ],
)
def test_a_wrong_command_line(
    arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert complaint.replace("TEXT", "text") in capsys.readouterr().err.replace("TEXT", "text")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ModelBroken("it is broken", "pull it"), 3, "lamha: it is broken: pull it\n"),
        (NoSpace("no room"), 1, "lamha: no room\n"),
        (KeyboardInterrupt(), INTERRUPTED, "lamha: interrupted\n"),
    ],
)
def test_an_error_is_one_line(
    error: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr("lamha.device.cli.skills.run", fail)
    assert main(["skills", "list"]) == code
    assert capsys.readouterr() == ("", line)


def test_a_reader_that_leaves_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", "import sys; from lamha.device.cli import main; sys.exit(main())"]
    done = subprocess.run(
        [*command, "skills", "list"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [("ask", "hello"), ("demo",)])
def test_without_models_one_line_says_what_to_do(
    lamha: Lamha, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = lamha(*arguments, LAMHA_MODELS=str(tmp_path))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "lamha: the model qwen2.5-coder-0.5b is not on this device:"
        " run `lamha models pull qwen2.5-coder-0.5b`\n"
    )
    assert list(tmp_path.glob("*.npz")) == []


def test_an_unknown_model_is_told_with_its_neighbours(lamha: Lamha, tmp_path: Path) -> None:
    for done in (
        lamha("ask", "hello", "--model", "qwen2.5-coder-0.6b", LAMHA_MODELS=str(tmp_path)),
        lamha("ask", "hello", LAMHA_MODELS=str(tmp_path), LAMHA_MODEL="qwen2.5-coder-0.6b"),
    ):
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert "qwen2.5-coder-0.6b" in done.stderr
        assert "qwen2.5-coder-0.5b" in done.stderr


def test_a_broken_skill_is_named(lamha: Lamha, tmp_path: Path) -> None:
    about = tmp_path / "fake_skills-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-skills\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[lamha.skills]\nbad = nowhere_at_all:skill\n")
    done = lamha("skills", "list", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("lamha: the skill bad (nowhere_at_all:skill) cannot be loaded")
    assert done.stderr.count("\n") == 1
