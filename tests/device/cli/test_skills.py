import json

import pytest

from lamha.device.cli import main


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["skills", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(None, 1) == ["ask.answer", "Answer a question about the world in a sentence."]
    assert lines[1].strip() == "“What is the capital of Japan?”"


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["skills", "list", "--json"]) == 0
    found = {each["action"]: each for each in map(json.loads, capsys.readouterr().out.splitlines())}
    assert found["messages.draft"]["parameters"] == {"contact": "contact", "text": "words"}
    assert "Tell Sara I'm ten minutes late" in found["messages.draft"]["examples"]
    assert found["reminders.show"]["parameters"] == {}
