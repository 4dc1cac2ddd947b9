"""The pieces of a time in an utterance, found by the shapes of `lamha.skills.timewords` and put together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lamha.skills.language import digits
from lamha.skills.spelling import Folded, fold
from lamha.skills.timewords import MONTHS, Words, words

type Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time as it was said; `exact` where it can only be one of the two halves of the day."""

    hour: int
    minute: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Pieces:
    """What an utterance says about a time, and where: one span, or several apart."""

    spans: tuple[Span, ...]
    loose: bool
    day: str | None = None
    """For the parser of dates, or "following" and a day of the week, or "monthday" and its number."""
    part: str | None = None
    clock: Clock | None = None
    after: float | None = None
    """Minutes from now."""

    def joins(self, other: "Pieces") -> bool:
        """Say whether both can be about one time."""
        mine, others = self._said(), other._said()
        return not mine & others and "after" not in mine | others

    def with_(self, other: "Pieces") -> "Pieces":
        """Put both together; their spans stay apart."""
        return Pieces(
            spans=self.spans + other.spans,
            loose=False,
            day=self.day or other.day,
            part=self.part or other.part,
            clock=self.clock or other.clock,
        )

    def _said(self) -> set[str]:
        return {name for name in ("day", "part", "clock", "after") if getattr(self, name) is not None}


def find(text: str, language: str) -> Pieces | None:
    """Return the first time that `text` says, with what later words add to it; spans are of `text`."""
    known, folded = words(language), fold(digits(text))
    runs = [run for run in _runs(folded.text, known) if not run.loose]
    free = [run for run in runs if not known.attached.search(folded.text[: run.spans[0][0]])]
    if not runs:
        return None
    whole, *others = free or runs[:1]
    for run in others:
        whole = whole.with_(run) if whole.joins(run) else whole
    return replace(whole, spans=tuple(_trimmed(span, folded) for span in whole.spans))


def _trimmed(span: Span, folded: Folded) -> Span:
    start, end = folded.span(*span)
    return start, start + len(folded.original[start:end].rstrip())


def _runs(text: str, known: Words) -> Iterator[Pieces]:
    """Join pieces with nothing but glue between them."""
    run: Pieces | None = None
    for piece in _pieces(text, known):
        if run and run.joins(piece) and known.glue.fullmatch(text, run.spans[0][1], piece.spans[0][0]):
            run = replace(run.with_(piece), spans=((run.spans[0][0], piece.spans[0][1]),))
            continue
        if run:
            yield run
        run = piece
    if run:
        yield run


def _pieces(text: str, known: Words) -> Iterator[Pieces]:
    """Give what the shapes match: the leftmost first, of those the longest, none over another."""
    matches = [match for shape in known.shapes for match in shape.finditer(text)]
    end = 0
    for match in sorted(matches, key=lambda match: (match.start(), -match.end())):
        if match.start() >= end and (piece := _piece(match, known)):
            end = match.end()
            yield piece


def _piece(match: re.Match[str], known: Words) -> Pieces | None:
    said = {name: text for name, text in match.groupdict().items() if text is not None}
    piece = Pieces((match.span(),), match.re in known.loose)
    if "hour" in said:
        clock = _clock(said, known)
        return replace(piece, clock=clock) if clock else None
    if "amount" in said:
        return replace(piece, after=_minutes(said["amount"], known))
    if "part" in said:
        return _with_part(piece, known.tables["parts"][said["part"]])
    day, _, part = _day(said, known).partition("|")
    return replace(piece, day=day, part=part or None)


def _with_part(piece: Pieces, part: str) -> Pieces:
    hour, colon, minute = part.partition(":")
    return (
        replace(piece, clock=Clock(int(hour), int(minute), exact=True))
        if colon
        else replace(piece, part=part)
    )


def _clock(said: dict[str, str], known: Words) -> Clock | None:
    hour, minute = known.number("hours", said["hour"]), _minute(said, known)
    if hour is None or minute is None or not 0 <= hour <= 24 or not -60 < minute < 60:
        return None
    exact = hour > 12 or hour == 0 or said["hour"].startswith("0")
    if half := known.tables["halves"].get(said.get("half", "")):
        if hour > 12:
            return None
        hour, exact = hour % 12 + 12 * (half == "pm"), True
    total = (hour * 60 + minute) % (24 * 60)
    return Clock(total // 60 or (0 if exact else 12), total % 60, exact)


def _minute(said: dict[str, str], known: Words) -> int | None:
    """Return minutes past the hour, negative before it; None where the words are no number."""
    if "minute" in said:
        number = known.number("minutes", said["minute"])
        return known.number("numbers", said["minute"]) if number is None else number
    if fraction := said.get("past") or said.get("to"):
        minutes = known.tables["fractions"].get(fraction)
        if minutes is None:
            minutes = known.number("numbers", re.sub(r" ?(?:minutes?|分|دقيقه|دقايق)$", "", fraction))
        return -minutes if minutes is not None and "to" in said else minutes
    return 0


def _day(said: dict[str, str], known: Words) -> str:
    if "day" in said:
        return str(known.tables["days"][said["day"]])
    if "count" in said:
        return f"in {known.number('numbers', said['count'])} {known.tables['dates'][said['unit']]}"
    if "monthday" in said:
        return f"monthday {known.number('numbers', said['monthday'])}"
    if "date" in said:
        month = known.number("months", said["month"]) or 0
        name = MONTHS[month - 1] if 0 < month <= len(MONTHS) else "no month"
        return f"{known.number('numbers', said['date'])} {name} {said.get('year', '')}".rstrip()
    if "following" in said:
        return f"following {known.tables['weekdays'][said['following']]}"
    return str(known.tables["weekdays"][said["weekday"]])


def _minutes(amount: str, known: Words) -> float:
    return sum(_item(match.groupdict(), known) for match in known.item.finditer(amount))


def _item(said: dict[str, str | None], known: Words) -> float:
    fractions = known.tables["fractions"]
    fraction: int = fractions.get(said["tail"] or "", 0) + fractions.get(said.get("more") or "", 0)
    if said["whole"]:
        whole: int = known.tables["wholes"][said["whole"]]
        return whole + fraction
    unit: float = known.tables["units"][said["unit"] or ""]
    return ((known.number("numbers", said["count"] or "") or 0) + fraction / 60) * unit
