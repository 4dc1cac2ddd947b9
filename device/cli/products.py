"""`lamha products enrol NAME PHOTO… | add NAME | list | search TEXT | remove ID`: what is known again."""

import argparse
import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lamha.models.errors import LamhaError

if TYPE_CHECKING:
    from lamha.skills.catalogue import Catalogue, Product

_KNOWN = ("brand", "barcode", "price", "quantity", "ingredients", "allergens", "traces", "energy", "notes")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = subparsers.add_parser("products", help="the products that are known again", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    enrolling = commands.add_parser("enrol", help="learn what a product looks like; five photos are enough")
    enrolling.add_argument("name", help="what it is called")
    enrolling.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    enrolling.set_defaults(func=enrol)
    adding = commands.add_parser("add", help="add a product without photos")
    adding.add_argument("name", help="what it is called")
    adding.set_defaults(func=add)
    for command in (enrolling, adding):
        for field in _KNOWN:
            command.add_argument(f"--{field}", default="", metavar="TEXT")
    searching = commands.add_parser("search", help="find products by name or barcode")
    searching.add_argument("text")
    searching.set_defaults(func=search)
    listing = commands.add_parser("list", help="all products")
    listing.set_defaults(func=show)
    removing = commands.add_parser("remove", help="forget a product and its photos")
    removing.add_argument("id", type=int)
    removing.set_defaults(func=remove)
    for command in (enrolling, adding, searching, listing):
        command.add_argument("--json", action="store_true", help="print one JSON object a product")


def enrol(options: argparse.Namespace) -> int:
    """Learn from photos; all can be read before anything is kept."""
    from lamha.device.assistant import database, open_sight
    from lamha.models.vision.photo import read
    from lamha.skills.storage import Storage

    photos = [read(path) for path in options.photos]
    encoder = open_sight().opened()
    vectors = [encoder.learn(photo) for photo in photos]
    with Storage(database()) as storage:
        known = [each for each in storage.products.all() if each.name == options.name.strip()]
        product = known[0] if known else _added(storage.products, options)
        for vector in vectors:
            storage.products.add_photo(product.id, encoder.name, vector)
        _print([product], options.json)
    return 0


def add(options: argparse.Namespace) -> int:
    """Keep a product."""
    from lamha.device.assistant import database
    from lamha.skills.storage import Storage

    with Storage(database()) as storage:
        _print([_added(storage.products, options)], options.json)
    return 0


def search(options: argparse.Namespace) -> int:
    """Print what is found, the likest first."""
    from lamha.device.assistant import database
    from lamha.skills.storage import Storage

    with Storage(database()) as storage:
        exact = storage.products.by_barcode(options.text)
        found = [exact] if exact else [product for product, _ in storage.products.search(options.text)]
        _print(found, options.json)
    return 0 if found else 1


def show(options: argparse.Namespace) -> int:
    """Print all products."""
    from lamha.device.assistant import database
    from lamha.skills.storage import Storage

    with Storage(database()) as storage:
        _print(storage.products.all(), options.json)
    return 0


def remove(options: argparse.Namespace) -> int:
    """Forget one."""
    from lamha.device.assistant import database
    from lamha.skills.storage import Storage

    with Storage(database()) as storage:
        if not storage.products.remove(options.id):
            raise LamhaError(f"there is no product {options.id}", "see `lamha products list`")
    return 0


def _added(catalogue: "Catalogue", options: argparse.Namespace) -> "Product":
    name = options.name.strip()
    if not any(map(str.isalnum, name)):
        raise LamhaError("a product needs a name", "give one that can be said")
    if known := catalogue.by_barcode(options.barcode):
        raise LamhaError(
            f"{known.name} has the barcode {known.barcode} already", "leave it out, or remove that"
        )
    return catalogue.add(name, **{field: getattr(options, field) for field in _KNOWN})


def _print(products: Iterable["Product"], as_json: bool) -> None:
    from lamha.device.cli.output import say

    for product in products:
        if as_json:
            say(json.dumps(dataclasses.asdict(product), ensure_ascii=False))
        else:
            said = (str(product.id), product.name, product.brand, product.barcode, product.price)
            say("  ".join(filter(None, said)))
