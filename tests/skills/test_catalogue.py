from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.api import Storage
from lamha.skills.catalogue import Catalogue, normal


@pytest.fixture
def catalogue(storage: Storage) -> Catalogue:
    return storage.products


def test_what_is_kept_comes_back(catalogue: Catalogue) -> None:
    tea = catalogue.add("green tea", brand="Lipton", barcode="5901234123457", price="2 EUR", notes="x")
    assert catalogue.all() == [tea]
    assert catalogue.product(tea.id) == catalogue.by_barcode("5901234123457") == tea
    assert catalogue.remove(tea.id)
    assert not catalogue.remove(tea.id)
    assert catalogue.all() == []
    assert catalogue.search("green tea") == []


def test_a_barcode_belongs_to_one_product(catalogue: Catalogue) -> None:
    catalogue.add("tea", barcode="5901234123457")
    with pytest.raises(ValueError, match="UNIQUE"):
        catalogue.add("coffee", barcode="5901234123457")
    catalogue.add("soap")
    catalogue.add("milk")  # none is no barcode


def test_a_name_is_needed(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="CHECK"):
        catalogue.add("")


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("045496442736", "0045496442736"),
        ("45496442736", "0045496442736"),
        ("5901234 123457", "5901234123457"),
        ("96385074", "96385074"),
        ("", ""),
        ("abc", ""),
    ],
)
def test_codes_of_one_product(code: str, same: str, catalogue: Catalogue) -> None:
    assert normal(code) == same
    catalogue.add("x", barcode=code)
    assert bool(catalogue.by_barcode(same)) == bool(same)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("green tea", "Green Tea"),
        ("gren tea", "Green Tea"),
        ("LIPTON Green Tea 20 bags", "Green Tea"),
        ("حليب الشوفان", "حليب الشوفان"),
        ("حليب شوفان", "حليب الشوفان"),
        ("燕麦奶", "燕麦奶"),
        ("奶茶", "奶茶"),
        ("oat drink", "Oat drink barista"),
    ],
)
def test_search(text: str, name: str, catalogue: Catalogue) -> None:
    for each in ("Green Tea", "Black coffee", "حليب الشوفان", "صابون", "燕麦奶", "奶茶", "Oat drink barista"):
        catalogue.add(each)
    assert catalogue.search(text)[0][0].name == name


@given(st.text(max_size=30))
def test_any_search(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with Storage(tmp_path_factory.mktemp("any") / "lamha.db") as storage:
        storage.products.add("tea")
        storage.products.search(text)
        storage.products.by_barcode(text)


def test_what_it_looks_like(catalogue: Catalogue) -> None:
    tea, soap = catalogue.add("tea"), catalogue.add("soap")
    photo = catalogue.add_photo(tea.id, "a", np.array([1, 2], np.float32))
    catalogue.add_photo(soap.id, "a", np.array([3, 4], np.float32))
    catalogue.add_photo(soap.id, "b", np.array([5, 6, 7], np.float32))
    matrix, of = catalogue.vectors("a")
    assert matrix.tolist() == [[1, 2], [3, 4]]
    assert of == [tea.id, soap.id]
    assert catalogue.photos(soap.id) == 2
    assert catalogue.remove_photo(photo)
    catalogue.remove(soap.id)
    assert catalogue.vectors("a")[1] == catalogue.vectors("b")[1] == []
    with pytest.raises(ValueError, match="FOREIGN"):
        catalogue.add_photo(99, "a", np.zeros(2, np.float32))


def test_a_database_from_before_there_were_products(tmp_path: Path) -> None:
    import sqlite3

    from lamha.skills import migrations

    step = Path(migrations.__file__).with_name("0001_contacts_drafts_reminders.sql").read_text("utf-8")
    with sqlite3.connect(tmp_path / "lamha.db") as old:
        old.executescript(step)
        old.execute("PRAGMA user_version = 1")
        old.execute("INSERT INTO contacts (name, aliases, phone) VALUES ('Sara', '[]', '')")
    old.close()
    with Storage(tmp_path / "lamha.db") as storage:
        assert [contact.name for contact in storage.contacts()] == ["Sara"]
        assert storage.products.add("tea").id == 1
