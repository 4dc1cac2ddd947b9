"""Commands that no example has: what is meant, and what is copied. `pytest -rP` prints every miss."""

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from lamha.models.llm.model import LanguageModel
from lamha.skills.api import Action, Storage
from lamha.skills.arguments import Missing, Utterance, fill
from lamha.skills.beyond import BEYOND
from lamha.skills.contacts import Contacts
from lamha.skills.examples import plain
from lamha.skills.moods import mood
from lamha.skills.router import SYSTEM, Router
from lamha.skills.stopping import stopped
from lamha.skills.wording import LANGUAGES

FILE = Path(__file__).with_name("commands.tsv")
REFUSED = "none"
# A bit under what was measured, so that a real loss is noticed and a rounding is not.
MEANT = {"en": 0.97, "ar": 0.94, "zh": 0.94}
NOT_MEANT = {"en": 0.92, "ar": 0.78, "zh": 0.9}
COPIED = {"en": 0.91, "ar": 0.88, "zh": 0.92}


class Command(NamedTuple):
    """`words` may be one of several, apart by |; an empty field is an argument that is not there."""

    language: str
    action: str
    utterance: str
    words: str
    contact: str
    choice: str


@dataclass(frozen=True)
class Result:
    command: Command
    action: str
    copied: tuple[str, str, str]

    @property
    def exact(self) -> bool:
        words, contact, choice = self.copied
        wanted = self.command
        return words in wanted.words.split("|") and (contact, choice) == (wanted.contact, wanted.choice)


def commands() -> list[Command]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Command(**row) for row in rows]


def test_the_list_is_large_enough_and_well_formed(actions: Mapping[str, Action]) -> None:
    known = commands()
    assert len({command.utterance for command in known}) == len(known)
    assert {command.action for command in known} == {*actions, REFUSED}
    counts = Counter((command.language, command.action != REFUSED) for command in known)
    assert counts["en", True] >= 60
    assert min(counts[language, True] for language in LANGUAGES) >= 40
    assert sum(counts[language, False] for language in LANGUAGES) >= 40
    for command in known:
        for words in filter(None, command.words.split("|")):
            assert words in command.utterance


def test_none_of_them_is_an_example(actions: Mapping[str, Action]) -> None:
    examples = {plain(each).lower() for action in actions.values() for each in action.examples}
    examples |= {each.lower() for each in BEYOND}
    assert not [command for command in commands() if command.utterance.lower() in examples]


@pytest.fixture(scope="module")
def results(
    language_model: LanguageModel,
    trained: Router,
    actions: Mapping[str, Action],
    tmp_path_factory: pytest.TempPathFactory,
    people: Mapping[str, tuple[str, ...]],
) -> list[Result]:
    with Storage(tmp_path_factory.mktemp("commands") / "lamha.db") as storage:
        for name, aliases in people.items():
            storage.add_contact(name, aliases)
        contacts = Contacts(storage)
        return [_result(command, language_model, trained, actions, contacts) for command in commands()]


def _result(
    command: Command,
    model: LanguageModel,
    router: Router,
    actions: Mapping[str, Action],
    contacts: Contacts,
) -> Result:
    said = Utterance(command.utterance, command.language, datetime.now().astimezone(), contacts)
    with model.read(command.utterance, SYSTEM) as reading:
        decided = router.decide(reading).action or REFUSED
        wanted = actions.get(decided if command.action == REFUSED else command.action)
        found = fill(wanted, said, reading) if wanted else {}
    values = {} if isinstance(found, Missing) else found
    if decided != REFUSED and stopped(wanted, command.utterance, values):
        decided = REFUSED
    contact = values["contact"].name if "contact" in values else ""
    words = values.get("text", values.get("phrase", values.get("name", "")))
    return Result(command, decided, (words, contact, values.get("target", "")))


def _say(*lines: str) -> None:
    print(*lines, sep="\n")  # noqa: T201 - the answer to a question asked with -s or -rP


def _share(kept: list[bool], what: str) -> float:
    _say(f"{what}: {sum(kept)} of {len(kept)} ({sum(kept) / len(kept):.3f})")
    return sum(kept) / len(kept)


@pytest.mark.model
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_meant_is_understood(results: list[Result], language: str) -> None:
    mine = [result for result in results if result.command.language == language]
    missed = [result for result in mine if result.action != result.command.action]
    _say(*(f"{result.command.utterance} → {result.action}" for result in missed))
    meant = [r.action == r.command.action for r in mine if r.command.action != REFUSED]
    refused = [r.action == REFUSED for r in mine if r.command.action == REFUSED]
    assert _share(meant, f"{language} understood") >= MEANT[language]
    assert _share(refused, f"{language} refused") >= NOT_MEANT[language]


@pytest.mark.model
@pytest.mark.parametrize("language", LANGUAGES)
def test_arguments_are_exactly_right(results: list[Result], language: str) -> None:
    mine = [r for r in results if r.command.language == language and r.command.words]
    _say(*(f"{r.command.utterance} → {r.copied}" for r in mine if not r.exact))
    assert _share([r.exact for r in mine], f"{language} arguments") >= COPIED[language]


@pytest.mark.model
def test_no_word_is_invented(results: list[Result]) -> None:
    assert all(result.copied[0] in result.command.utterance for result in results)


@pytest.mark.model
def test_a_negated_command_never_acts(results: list[Result]) -> None:
    told = [r for r in results if r.command.action == REFUSED and mood(r.command.utterance) == "negated"]
    assert len(told) >= 8
    assert {result.action for result in told} == {REFUSED}
