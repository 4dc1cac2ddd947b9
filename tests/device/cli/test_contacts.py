import json
from pathlib import Path

import pytest

from lamha.device.cli import main

type Captured = pytest.CaptureFixture[str]


def test_add_and_list(capsys: Captured) -> None:
    assert main(["contacts", "list"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["contacts", "add", "Sara", "--alias", "سارة", "--alias", "莎拉", "--phone", "+358 40"]) == 0
    assert main(["contacts", "add", " 小李 "]) == 0
    assert capsys.readouterr().out == "Sara  +358 40  سارة, 莎拉\n小李\n"
    assert main(["contacts", "list"]) == 0
    assert capsys.readouterr().out == "Sara  +358 40  سارة, 莎拉\n小李\n"


def test_as_json(capsys: Captured) -> None:
    main(["contacts", "add", "Sara", "--alias", "سارة", "--json"])
    added = capsys.readouterr().out
    assert json.loads(added) == {"id": 1, "name": "Sara", "aliases": ["سارة"], "phone": ""}
    main(["contacts", "list", "--json"])
    assert capsys.readouterr().out == added


@pytest.mark.parametrize("name", ["", "  ", "?!", "\u200f"])
def test_a_contact_needs_a_name(name: str, capsys: Captured) -> None:
    assert main(["contacts", "add", name]) == 1
    assert capsys.readouterr() == ("", "lamha: a contact needs a name: give one that can be said\n")


def test_a_database_that_is_none(home: Path, capsys: Captured) -> None:
    home.mkdir()
    (home / "lamha.db").write_text("not a database, " * 100)
    assert main(["contacts", "list"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "move it away" in err
