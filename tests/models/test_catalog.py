import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models import catalog
from lamha.models.errors import UnknownModel

KINDS = {"llm", "asr", "voice", "vad", "font", "embedding", "encoder"}
WHOLE_PATH = {"llm", "asr", "voice", "vad", "font"}
ENTRIES = catalog.load()


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=str)
def test_entry_says_what_it_is(entry: catalog.Entry) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]+", entry.name)
    assert entry.kind in KINDS
    assert entry.summary
    assert entry.licence
    assert set(entry.profiles) <= set(catalog.PROFILES)
    assert all(re.fullmatch(r"[a-z]{2}", language) for language in entry.languages)
    assert entry.files


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=str)
def test_every_file_is_pinned_or_says_that_nobody_verified_it(entry: catalog.Entry) -> None:
    for file in entry.files:
        assert re.fullmatch(r"[\w.-]+", file.name)
        assert file.sources
        if file.sha256:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            assert file.size > 0
        else:
            assert file.size == 0
            assert not entry.profiles  # a device is equipped with verified files only


SOURCES = [source for entry in ENTRIES.values() for file in entry.files for source in file.sources]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.url or source.parts[0].package)
def test_every_source_is_complete(source: catalog.Source) -> None:
    if source.kind == "url":
        assert source.url.startswith("https://")
        return
    assert source.kind in ("pypi", "npm")
    for part in source.parts:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9.]*", part.package)
        assert part.member
        assert not {"", "..", "."} & set(part.member.split("/"))


def test_the_file_name_of_an_entry_is_its_name() -> None:
    folder = catalog.resources.files("lamha.models.catalog")
    assert {path.name for path in folder.iterdir() if path.name.endswith(".toml")} == {
        f"{name}.toml" for name in ENTRIES
    }


@pytest.mark.parametrize("profile", catalog.PROFILES)
def test_each_profile_holds_the_whole_path(profile: str) -> None:
    names = catalog.profile(profile)
    assert {ENTRIES[name].kind for name in names} >= WHOLE_PATH
    assert {language for name in names for language in ENTRIES[name].languages} >= {"en", "ar", "zh"}


def test_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(UnknownModel, match="did you mean glasses"):
        catalog.profile("glases")


TEMPLATE = """
name = "m"
kind = "llm"
summary = "s"
licence = "MIT"
languages = []
profiles = []
[[files]]
name = "f"
size = 1
sha256 = ""
[[files.sources]]
kind = "pypi"
package = "w-{{n}}==1.0"
member = "w_{{n}}/part{{n:02}}.bin"
parts = {parts}
"""


@given(st.integers(1, 120))
def test_parts_follow_their_numbers(parts: int) -> None:
    (file,) = catalog.parse(TEMPLATE.format(parts=parts)).files
    found = file.sources[0].parts
    assert [part.package for part in found] == [f"w-{n}==1.0" for n in range(1, parts + 1)]
    assert [int(part.member[-6:-4].lstrip("t")) % 100 for part in found] == [
        n % 100 for n in range(1, parts + 1)
    ]


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="licens"):
        catalog.parse(TEMPLATE.format(parts=1).replace("licence", "licens"))
