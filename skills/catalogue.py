"""The wearer's own products: what they are called, what is known of them, and what they look like."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from lamha.skills.database import Database

_CANDIDATES = 50  # of the index, which are then compared letter by letter
_ALIKE = 55  # of 100: how alike a name must be
_SHORT = 3  # letters of which the index knows no shorter pieces
_WORDS = 40  # trigrams that are looked for
_KEPT = np.dtype("<f2")


@dataclass(frozen=True, slots=True)
class Product:
    """`barcode` are digits, `energy` kilocalories in 100 g; what is not known is empty."""

    id: int
    name: str
    brand: str = ""
    barcode: str = ""
    price: str = ""
    quantity: str = ""
    ingredients: str = ""
    allergens: str = ""
    traces: str = ""
    energy: str = ""
    notes: str = ""


_FIELDS = tuple(field.name for field in fields(Product))


class Catalogue:
    """The products of a database; see `Database` for what goes wrong."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, **known: Any) -> Product:
        """Keep a product; `known` are other fields. ValueError without a name, or for a barcode twice."""
        product = replace(Product(0, name), **known)
        product = replace(product, barcode=normal(product.barcode))
        marks = ", ".join("?" * (len(_FIELDS) - 1))
        statement = f"INSERT INTO products ({', '.join(_FIELDS[1:])}) VALUES ({marks})"  # noqa: S608
        return replace(product, id=self._database.insert(statement, *astuple(product)[1:]))

    def remove(self, product_id: int) -> bool:
        """Forget a product and its photos; False where it is unknown."""
        return bool(self._database.change("DELETE FROM products WHERE id = ?", product_id))

    def all(self) -> list[Product]:
        """In the order in which they were added."""
        return self._products("ORDER BY id")

    def product(self, product_id: int) -> Product | None:
        """The one with a number."""
        return next(iter(self._products("WHERE id = ?", product_id)), None)

    def by_barcode(self, code: str) -> Product | None:
        """The one with a barcode, as EAN or UPC."""
        found = self._products("WHERE barcode = ?", normal(code)) if normal(code) else []
        return next(iter(found), None)

    def search(self, text: str, limit: int = 5) -> list[tuple[Product, float]]:
        """Those whose name is in the text or like it, and how alike from 0 to 1; the likest first."""
        scored = [(product, _alike(text, product)) for product in self._candidates(text)]
        found = [(product, score / 100) for product, score in scored if score >= _ALIKE]
        return sorted(found, key=lambda each: -each[1])[:limit]

    def add_photo(self, product_id: int, encoder: str, vector: NDArray[np.float32]) -> int:
        """Keep what a product looks like to an encoder: shape (dimension,). The photo's number."""
        data = vector.astype(_KEPT).tobytes()
        statement = "INSERT INTO product_photos (product_id, encoder, vector) VALUES (?, ?, ?)"
        return self._database.insert(statement, product_id, encoder, data)

    def remove_photo(self, photo_id: int) -> bool:
        """Forget a photo; False where it is unknown."""
        return bool(self._database.change("DELETE FROM product_photos WHERE id = ?", photo_id))

    def photos(self, product_id: int) -> int:
        """How many photos of a product there are."""
        rows = self._database.read("SELECT count(*) FROM product_photos WHERE product_id = ?", product_id)
        return int(rows[0][0])

    def vectors(self, encoder: str) -> tuple[NDArray[np.float32], list[int]]:
        """What all products look like to an encoder, shape (photos, dimension), and the product of each."""
        rows = self._database.read(
            "SELECT vector, product_id FROM product_photos WHERE encoder = ? ORDER BY id", encoder
        )
        if not rows:
            return np.zeros((0, 0), np.float32), []
        data = b"".join(vector for vector, _ in rows)
        matrix = np.frombuffer(data, _KEPT).reshape(len(rows), -1).astype(np.float32)
        return matrix, [product for _, product in rows]

    def _candidates(self, text: str) -> list[Product]:
        pieces = _trigrams(text)
        if not pieces:
            like = f"%{text.strip()}%"
            return self._products("WHERE name LIKE ? LIMIT ?", like, _CANDIDATES) if text.strip() else []
        wanted = " OR ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
        return self._products(
            "JOIN product_names ON product_names.rowid = products.id WHERE product_names MATCH ?"
            " ORDER BY product_names.rank LIMIT ?",
            wanted,
            _CANDIDATES,
        )

    def _products(self, where: str, *values: Any) -> list[Product]:
        columns = ", ".join(f"products.{name}" for name in _FIELDS)
        rows = self._database.read(f"SELECT {columns} FROM products {where}", *values)  # noqa: S608
        return [Product(*row) for row in rows]


def normal(code: str) -> str:
    """A code as EAN-13, or EAN-8: digits alone. A UPC-A is an EAN-13 that begins with 0."""
    digits = "".join(filter(str.isdecimal, code))
    if len(digits) == 8:
        return digits
    return digits.zfill(13) if digits else ""


def _alike(text: str, product: Product) -> float:
    """Of 100; a name that stands in a longer text is found, too."""
    said, name = text.lower(), product.name.lower()
    whole = max(fuzz.WRatio(said, name), fuzz.ratio(said, f"{product.brand} {name}".lower()))
    return float(whole if len(name) > _SHORT else fuzz.ratio(said, name))


def _trigrams(text: str) -> Sequence[str]:
    words = text.replace("\0", " ").split()
    pieces = (word[at : at + 3] for word in words for at in range(len(word) - 2))
    return tuple(dict.fromkeys(pieces))[:_WORDS]
