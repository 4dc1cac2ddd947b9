"""lamha models quantise: a coarser copy of a model, measured beside it and kept only if it is good enough."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lamha.models.errors import QuantiseFailed

if TYPE_CHECKING:
    from lamha.models.catalog import Entry
    from lamha.models.llm.quantising.quality import Bounds, Judge, Quality
    from lamha.models.llm.quantising.quantise import Recipe
    from lamha.models.store import Store


@dataclass(frozen=True)
class Attempt:
    """A recipe, what came of it, and why that was not kept; `path` is empty where it was not."""

    recipe: "Recipe"
    quality: "Quality"
    objection: str
    name: str
    path: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("name", metavar="NAME")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--for-board", action="store_true", help="the fastest that is good enough on this device"
    )
    how.add_argument("--to", metavar="KIND", help="Q4_0, IQ4_NL, Q4_1, Q5_0, Q5_1, Q8_0 or F16")
    parser.add_argument(
        "--force", action="store_true", help="though it is no faster; with --to also though it is worse"
    )
    parser.add_argument(
        "--no-routing", action="store_true", help="do not measure how commands are told apart"
    )


def run(store: "Store", ns: argparse.Namespace) -> int:
    """Measure, make, measure, and keep or not; the table goes to stdout."""
    from lamha.models.llm.quantising.quality import Judge, measure

    recipes = _recipes(ns)
    source, entry = _source(store, ns.name)
    routing = None if ns.no_routing else _routing
    _note(f"measuring {ns.name}")
    before = measure(source, entry.languages)
    if routing:
        before = replace(before, routing=routing(source))
    judge = Judge(before, _bounds(ns), entry.languages, routing)
    attempts = list(_attempts(store, source, ns.name, recipes, judge))
    (_show_json if ns.json else _show)(ns.name, before, attempts)
    if not attempts[-1].path:
        raise QuantiseFailed(f"no copy of {ns.name} is good enough", "use it as it is, or try --to Q8_0")
    return 0


def _source(store: "Store", name: str) -> tuple[Path, "Entry"]:
    entry, path = store.find(name), store.path(name)
    if entry.kind != "llm" or path.suffix != ".gguf":
        raise QuantiseFailed(f"{name} is no language model", "`lamha models list` shows which are")
    return path, entry


def _recipes(ns: argparse.Namespace) -> "Sequence[Recipe]":
    from lamha.models.llm.quantising.quantise import FOR_BOARD, KINDS, Recipe

    if ns.to:
        if ns.to.upper() not in KINDS:
            raise QuantiseFailed(f"weights cannot become {ns.to}", f"choose from {', '.join(KINDS)}")
        return (Recipe(ns.to.upper()),)
    packs = _packs()
    useful = [recipe for recipe in FOR_BOARD if ns.force or packs(recipe.kind)]
    if not useful:
        raise QuantiseFailed(
            "llama.cpp has no faster kernel for coarser weights on this processor", "try --force, and measure"
        )
    return useful


def _packs() -> Callable[[str], bool]:
    from lamha.device import board
    from lamha.device.board.kernels import kernels
    from lamha.models.llm.library import library

    return kernels(library().llama_print_system_info().decode(), board.read().features).packs


def _bounds(ns: argparse.Namespace) -> "Bounds":
    from lamha.models.llm.quantising.quality import ANYTHING, Bounds

    if not ns.to:
        return Bounds(speed=0) if ns.force else Bounds()
    return ANYTHING if ns.force else Bounds(speed=0)


def _attempts(
    store: "Store", source: Path, made_of: str, recipes: "Sequence[Recipe]", judge: "Judge"
) -> Iterator[Attempt]:
    """Recipes until one is good enough; that one is in the store when it is yielded."""
    from lamha.models.llm.quantising.quantise import quantise

    for recipe in recipes:
        name = f"{made_of}-{recipe.kind.lower()}"
        with store.making(name, made_of) as folder:
            made = folder / f"{name}.gguf"
            quantise(source, made, recipe, partial(_count, f"making {recipe}"))
            _note(f"measuring {recipe}")
            quality, objection = judge(made)
            path = "" if objection else str(store.keep(made, name, made_of))
        yield Attempt(recipe, quality, objection, name, path)
        if path:
            return


def _routing(path: Path) -> float:
    """The share of the skills' examples that the router gets right when each is left out."""
    from lamha.device.cli.output import Counter
    from lamha.models.llm.model import LanguageModel
    from lamha.models.paths import cache_dir
    from lamha.skills import registry, router

    actions = registry.actions(registry.discover())
    examples = {name: action.examples for name, action in actions.items()}
    with LanguageModel(path) as model:
        return router.train(model, examples, cache_dir(), Counter()).probe.left_out


def _show_json(name: str, before: "Quality", attempts: Sequence[Attempt]) -> None:
    tried = [
        {**asdict(each.quality), "recipe": asdict(each.recipe), "objection": each.objection}
        for each in attempts
    ]
    last = attempts[-1]
    kept = {"kept": last.name if last.path else None, "path": last.path or None}
    table = {"model": name, "before": asdict(before), "attempts": tried, **kept}
    sys.stdout.write(json.dumps(table, ensure_ascii=False) + "\n")


def _show(name: str, before: "Quality", attempts: Sequence[Attempt]) -> None:
    languages = before.perplexity
    rows = [["", "size", "tokens/s", "reading", *(f"perplexity {each}" for each in languages), "routing"]]
    rows += [[name, *_cells(before, before)]]
    rows += [[str(each.recipe), *_cells(each.quality, before)] for each in attempts]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        sys.stdout.write("  ".join([first.ljust(widths[0]), *cells]) + "\n")
    for each in attempts:
        verdict = each.objection and f"not kept, {each.objection}"
        sys.stdout.write(f"{each.recipe}: {verdict or f'kept, {each.path}'}\n")
    if attempts[-1].path:
        sys.stdout.write(f"to use it: lamha ask --model {attempts[-1].name} …, or LAMHA_MODEL\n")


def _cells(quality: "Quality", before: "Quality") -> list[str]:
    from lamha.models.files import megabytes

    surprise = [_beside(value, before.perplexity[name]) for name, value in quality.perplexity.items()]
    routed = "" if quality.routing is None else f"{quality.routing:.1%}"
    return [megabytes(quality.size), f"{quality.decode:.1f}", f"{quality.prefill:.0f}", *surprise, routed]


def _beside(value: float, before: float) -> str:
    return f"{value:.2f}" + (f" ({value / before - 1:+.1%})" if value != before else "")


def _note(line: str) -> None:
    sys.stderr.write(line + "\n")


def _count(doing: str, done: int, everything: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{doing} {done}/{everything}" + "\n" * (done == everything))
        sys.stderr.flush()
    elif done == 1:
        _note(doing)
