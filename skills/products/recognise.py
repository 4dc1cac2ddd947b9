"""Which of the wearer's products is seen: barcode, text and picture are three witnesses, heard together.

A barcode that the catalogue has is certain. Otherwise the log-odds of the picture and of the text are added,
as for independent witnesses; what neither makes likely is unknown.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from lamha.models.vision.gallery import Gallery
from lamha.skills.api import Look, Sight
from lamha.skills.catalogue import Catalogue, Product
from lamha.skills.products.label import plain

SURE, LIKELY = 0.75, 0.35
"""From SURE on it is said to be this product, from LIKELY on to be perhaps this or that."""
_LOOKED_AT = 8  # products that the picture is most like
_FLOOR = 0.01  # of a product that the picture says nothing of
_READ, _UNREAD = 4.0, 1.0  # log-odds of a name that is read in full, and of one of which nothing is
_ALIKE = 85  # of 100, words that are read with a letter or two wrong
_WORD = re.compile(r"\w{3,}|[一-鿿]{2,}")


@dataclass(frozen=True, slots=True)
class Guess:
    """A product, how likely it is, and whether its barcode was read."""

    product: Product
    confidence: float
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look showed: products, the likeliest first, the barcodes and the text."""

    guesses: tuple[Guess, ...] = ()
    barcodes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def sure(self) -> Product | None:
        """The product, where there is no doubt."""
        best = self.guesses[0] if self.guesses else None
        return best.product if best and best.confidence >= SURE else None

    @property
    def perhaps(self) -> tuple[Product, ...]:
        """Two products between which it is in doubt, or one."""
        return tuple(guess.product for guess in self.guesses[:2] if guess.confidence >= LIKELY / 2)


def recognise(look: Look, sight: Sight, catalogue: Catalogue, language: str = "en") -> Seen:
    """The products in a picture; text is read only where the barcode leaves a doubt."""
    codes = look.barcodes
    known = [product for code in codes if (product := catalogue.by_barcode(code))]
    if known:
        return Seen(tuple(Guess(product, 1.0, exact=True) for product in known), codes)
    lines = look.lines(language)
    pictured = _pictured(look, sight, catalogue)
    candidates = {product.id: product for product in _named(lines, catalogue)}
    candidates |= {each: product for each in pictured if (product := catalogue.product(each))}
    guesses = [
        Guess(product, heard_together(pictured.get(identity, 0.0), _words(product), lines))
        for identity, product in candidates.items()
        if not (codes and product.barcode)  # what has another barcode is another product
    ]
    best = sorted(guesses, key=lambda guess: -guess.confidence)
    return Seen(tuple(best), codes, lines) if _is_likely(best) else Seen((), codes, lines)


def heard_together(pictured: float, name: Sequence[str], lines: Iterable[str]) -> float:
    """How likely it is the product, by the picture and by the words of its name that are read."""
    odds = _log_odds(max(pictured, _FLOOR))
    read = words_of(" ".join(lines))
    if not read or not name:
        return _sigmoid(odds)
    return _sigmoid(odds + _READ * share_read(name, read) - _UNREAD)


def words_of(text: str) -> list[str]:
    """Words of three letters and more, and Chinese of two."""
    return _WORD.findall(plain(text))


def share_read(name: Sequence[str], read: Sequence[str]) -> float:
    """The share of a name's letters whose words are among those that were read, or nearly."""
    found = [word for word in name if process.extractOne(word, read, scorer=fuzz.ratio, score_cutoff=_ALIKE)]
    return sum(map(len, found)) / sum(map(len, name))


def _pictured(look: Look, sight: Sight, catalogue: Catalogue) -> dict[int, float]:
    matrix, labels = catalogue.vectors(sight.encoder)
    if not labels:
        return {}
    ranked = Gallery(matrix, labels).rank(look.vector)
    return {each.label: each.confidence for each in ranked[:_LOOKED_AT]}


def _named(lines: Sequence[str], catalogue: Catalogue) -> list[Product]:
    text = " ".join(lines)
    return [product for product, _ in catalogue.search(text)] if text.strip() else []


def _words(product: Product) -> list[str]:
    return words_of(f"{product.brand} {product.name}")


def _is_likely(best: Sequence[Guess]) -> bool:
    return bool(best) and best[0].confidence >= LIKELY


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
