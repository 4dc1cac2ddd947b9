"""What is this? Products that the wearer has shown before, and what labels say."""

from functools import partial
from typing import Annotated

from lamha.skills.api import Card, Context, Look, Reply, Skill, Writing, action
from lamha.skills.products import answers
from lamha.skills.products.examples import ABOUT, LOOK, REMEMBER
from lamha.skills.products.recognise import Seen, recognise
from lamha.skills.products.wording import SAY


@action(*LOOK, asks=True)
def look(context: Context) -> Reply:
    """Say which product the wearer sees."""
    taken = context.sight.look()
    seen = _seen(context, taken)
    if taken.fault and not seen.guesses:
        return _badly(context, taken)
    return _named(context, seen)


@action(*REMEMBER)
def remember(context: Context, name: Annotated[str, "what to call it"]) -> Reply:
    """Remember what a product looks like."""
    say = SAY.language(context.language)
    taken, catalogue = context.sight.look(), context.storage.products
    if taken.fault:
        return _badly(context, taken)
    code = next(iter(taken.barcodes), "")
    known = next((each for each, _ in catalogue.search(name) if each.name.lower() == name.lower()), None)
    product = known or catalogue.add(name=name, barcode="" if catalogue.by_barcode(code) else code)
    photo = catalogue.add_photo(product.id, context.sight.encoder, taken.lesson)
    undo = partial(catalogue.remove_photo, photo) if known else partial(catalogue.remove, product.id)
    hint = say("remembered_hint", count=catalogue.photos(product.id))
    speech = say("remembered", name=product.name)
    return Reply(Card(product.name, speech, hint, "answer", context.language), speech, undo)


@action(*ABOUT, asks=True)
def about(context: Context) -> Writing:
    """Answer a question about the product or label that the wearer sees: what it contains, costs, says."""
    taken = context.sight.look()
    codes = taken.barcodes
    seen = _seen(context, taken)
    if taken.fault and not seen.lines and not codes:
        return _badly(context, taken)
    if not seen.lines:  # a barcode says which product it is, and nothing else of it
        seen = Seen(seen.guesses, seen.barcodes, taken.lines(context.language))
    return (yield from answers.about(context, seen))


def _seen(context: Context, taken: Look) -> Seen:
    return recognise(taken, context.sight, context.storage.products, context.language)


def _badly(context: Context, taken: Look) -> Reply:
    say = SAY.language(context.language)
    card = Card(say("look"), say(taken.fault), say("again_hint"), "refusal", context.language)
    return Reply(card, say(taken.fault))


def _named(context: Context, seen: Seen) -> Reply:
    say = SAY.language(context.language)
    exact = [guess.product for guess in seen.guesses if guess.exact]
    if len(exact) > 1:
        names = ", ".join(product.name for product in exact)
        return _shown(context, say("look"), say("several", names=names), say("exact_hint"))
    if known := seen.sure:
        details = "\n".join(filter(None, (known.brand, known.quantity, known.price, known.notes)))
        hint = say("exact_hint" if exact else "sure_hint")
        return _shown(context, known.name, say("this", name=known.name), hint, details)
    match seen.perhaps:
        case (one, other):
            return _shown(context, say("look"), say("either", a=one.name, b=other.name), say("unknown_hint"))
        case (one,):
            return _shown(context, say("look"), say("perhaps", name=one.name), say("unknown_hint"))
    read = "\n".join((*(say("code", code=code) for code in seen.barcodes), *seen.lines[:3]))
    return _shown(context, say("look"), say("unknown"), say("unknown_hint"), read)


def _shown(context: Context, title: str, speech: str, hint: str, details: str = "") -> Reply:
    return Reply(Card(title, details or speech, hint, "answer", context.language), speech)


skill = Skill("products", "Recognises products and reads labels", (look, remember, about))
