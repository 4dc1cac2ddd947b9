"""Questions put together so that each signature is read once for many utterances."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lamha.benchmarks.lessons.questions import Kind, Lesson, Question, Utterance
from lamha.models.training.tree import Packed, Piece, packed

OTHERS = 3
"""Tools of its own set besides the right one that each utterance is read behind."""
STRANGE = 0.3
"""Share of the utterances that are read behind a tool of another set, too."""
_WIDEST, _ASKED = 14, 8  # utterances behind one signature; questions behind one utterance

type _Branch = tuple[Utterance, bool, Sequence[Question]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe should say of the state at the end of one piece of a tree."""

    kind: Kind
    piece: int
    told: tuple[float, ...]
    yes: bool
    of: Utterance
    rivals: tuple[int, str] = (0, "")
    """Alike for answers of which one at most is right."""
    words: int = 0
    """The piece that holds the words."""
    spans: tuple[tuple[int, int], ...] = ()
    """First and last token of the words that were said for it."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A tree, and what is to be answered along it."""

    tree: Packed
    answers: tuple[Answer, ...]


def exercises(
    lessons: Sequence[Lesson], draw: random.Random, *, everything: bool = False
) -> Iterator[Exercise]:
    """Each utterance once, behind its own tool and some others; all tools and questions if `everything`."""
    bags: dict[tuple[int, ...], list[_Branch]] = defaultdict(list)
    for lesson in lessons:
        for utterance in lesson.utterances:
            for tool, branch in _readings(lesson, lessons, utterance, draw, everything):
                bags[tool].append(branch)
    trees = []
    for beginning, branches in bags.items():
        draw.shuffle(branches)
        trees += [(beginning, branches[at : at + _WIDEST]) for at in range(0, len(branches), _WIDEST)]
    draw.shuffle(trees)
    for beginning, branches in trees:
        yield _exercise(beginning, branches)


def _readings(
    lesson: Lesson, lessons: Sequence[Lesson], utterance: Utterance, draw: random.Random, everything: bool
) -> Iterator[tuple[tuple[int, ...], _Branch]]:
    for name, questions in utterance.asked.items():
        shown = 0 if everything else draw.randrange(2)
        asked = questions[shown]
        some = asked if everything else draw.sample(asked, min(_ASKED, len(asked)))
        yield lesson.beginnings[name][shown], (utterance, True, some)
    wrong = [name for name in lesson.beginnings if name not in utterance.asked]
    for name in wrong if everything else draw.sample(wrong, min(OTHERS, len(wrong))):
        yield lesson.beginnings[name][0 if everything else draw.randrange(2)], (utterance, False, ())
    if not everything and draw.random() < STRANGE and (other := draw.choice(lessons)) is not lesson:
        yield other.beginnings[draw.choice(list(other.beginnings))][0], (utterance, False, ())


def _exercise(beginning: Sequence[int], branches: Sequence[_Branch]) -> Exercise:
    pieces, answers = [Piece(beginning)], []
    for utterance, fits, questions in branches:
        words = len(pieces)
        pieces.append(Piece(utterance.tokens, 0))
        answers.append(Answer("fits", words, (), fits, utterance))
        for question in questions:
            answers.append(_answer(question, utterance, len(pieces), words))
            pieces.append(Piece(question.tokens, words))
    return Exercise(packed(pieces), tuple(answers))


def _answer(question: Question, utterance: Utterance, piece: int, words: int) -> Answer:
    return Answer(
        question.kind,
        piece,
        question.told,
        question.yes,
        utterance,
        (words, question.slot),
        words,
        question.spans,
    )
