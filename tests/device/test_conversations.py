"""Turns that go on from the one before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

import pytest

from lamha.device.session import Session
from lamha.device.turn import Called, Turn
from lamha.models.errors import StorageBroken
from lamha.skills.api import Action, Card, Contact, Context, Moment, Reply, Storage, action
from lamha.skills.messages.examples import DRAFT
from lamha.skills.router import Router
from lamha.skills.testing import FakeModel

LATE, REMIND = "Tell Sara I'm ten minutes late", "Set a reminder to water the plants"
BOTH = "Write to John that I'm late and remind me at six to call Sara"
SENT: list[tuple[str, str]] = []


@action(*DRAFT, confirm=True)
def send(context: Context, contact: Annotated[Contact, "person"], text: Annotated[str, "message"]) -> Reply:
    """Send a message to a contact."""
    SENT.append((contact.name, text))
    return Reply(Card("Sent", text, "", "answer", context.language), "Sent.")


@dataclass
class Talk:
    """A session whose clock goes on by as many seconds as a test says."""

    session: Session
    clock: list[datetime]
    model: FakeModel
    turns: list[Turn] = field(default_factory=list)

    def say(self, text: str, after: float = 1) -> Card:
        self.clock[0] += timedelta(seconds=after)
        *_, turn = self.session.ask(text)
        assert isinstance(turn, Turn)
        self.turns.append(turn)
        return turn.reply.card

    @property
    def calls(self) -> tuple[Called, ...]:
        return self.turns[-1].routed.calls


type Talks = Callable[..., Talk]


@pytest.fixture
def talks(fake_router: Router, actions: Mapping[str, Action], storage: Storage, now: datetime) -> Talks:
    """Makes sessions with some actions replaced by others."""

    def make(*replies: str, **others: Any) -> Talk:
        mine = {**actions, **{name.replace("_", "."): other for name, other in others.items()}}
        clock, model = [now], FakeModel(*replies)
        return Talk(Session(model, fake_router, mine, storage, lambda: clock[0]), clock, model)

    return make


@pytest.fixture
def talk(talks: Talks) -> Talk:
    return talks("It is Tokyo.", "It is Beijing.")


@pytest.fixture
def sending(talks: Talks) -> Talk:
    """One where a message is sent, after a yes."""
    SENT.clear()
    return talks(messages_draft=send)


def drafts(storage: Storage) -> list[tuple[int, str]]:
    return [(draft.contact_id, draft.text) for draft in storage.drafts()]


def due(storage: Storage) -> list[str]:
    return [f"{reminder.text} {reminder.due:%d %H:%M}" for reminder in storage.reminders()]


# --- a yes before what cannot be undone


def test_nothing_is_sent_before_a_yes(sending: Talk) -> None:
    card = sending.say(LATE)
    assert (card.kind, card.title, card.hint) == ("question", "Shall I do this?", "Say yes or no")
    assert card.body == "Send a message to a contact.\nperson: Sara\nmessage: I'm ten minutes late"
    assert (sending.turns[-1].routed.action, sending.calls) == ("messages.draft", ())
    assert SENT == []
    assert sending.say("yes", after=60).title == "Sent"
    assert SENT == [("Sara", "I'm ten minutes late")]
    assert sending.calls == (Called("messages.draft", {"contact": "Sara", "text": "I'm ten minutes late"}),)
    assert sending.say("yes").title == "There is nothing to confirm"
    assert len(SENT) == 1


@pytest.mark.parametrize(
    ("words", "yes"),
    [("أرسل رسالة إلى أحمد أن الاجتماع ألغي", "نعم"), ("告诉小李我晚到十分钟", "好的"), (LATE, "go ahead")],
)
def test_a_yes_in_any_language(sending: Talk, words: str, yes: str) -> None:
    assert sending.say(words).kind == "question"
    assert SENT == []
    assert sending.say(yes).title == "Sent"
    assert len(SENT) == 1


@pytest.mark.parametrize("no", ["no", "No, don't send it", "cancel that", "never mind", "لا", "不要", "取消"])
def test_a_no_drops_it(sending: Talk, no: str) -> None:
    sending.say(LATE)
    assert sending.say(no).title in ("Cancelled", "أُلغي", "已取消")
    assert sending.say("yes").title == "There is nothing to confirm"
    assert SENT == []


def test_a_yes_that_comes_late_confirms_nothing(sending: Talk) -> None:
    sending.say(LATE)
    assert sending.say("yes", after=61).title == "There is nothing to confirm"
    assert SENT == []


@pytest.mark.parametrize("words", ["Show my reminders", "Turn on the lights", "Don't tell Omar I'm late"])
def test_something_else_drops_it_and_says_so(sending: Talk, words: str) -> None:
    sending.say(LATE)
    assert sending.say(words).hint.endswith("The earlier one was not done")
    assert sending.say("yes").title == "There is nothing to confirm"
    assert SENT == []


def test_something_else_much_later_says_nothing_of_it(sending: Talk) -> None:
    sending.say(LATE)
    assert sending.say("Show my reminders", after=90).hint == ""


def test_another_person_is_asked_about_again(sending: Talk) -> None:
    sending.say(LATE)
    card = sending.say("no, Omar not Sara")
    assert card.body == "Send a message to a contact.\nperson: Omar\nmessage: I'm ten minutes late"
    assert card.hint == "Say yes or no · The earlier one was not done"
    assert SENT == []
    sending.say("yes")
    assert SENT == [("Omar", "I'm ten minutes late")]


def test_the_question_can_be_heard_again(sending: Talk) -> None:
    question = sending.say(LATE)
    assert sending.say("say that again", after=50) == question
    assert sending.say("yes", after=50).title == "Sent"


def test_what_was_sent_stays_sent(sending: Talk) -> None:
    sending.say(LATE)
    sending.say("yes")
    assert sending.say("cancel that").title == "What was done cannot be undone"
    assert sending.turns[-1].reply.speech == "What was done cannot be undone."


def test_a_pair_is_confirmed_as_a_whole(sending: Talk, storage: Storage) -> None:
    card = sending.say(BOTH)
    assert card.kind == "question"
    assert "person: John" in card.body
    assert "when: today at 18:00" in card.body
    assert due(storage) == []
    sending.say("yes")
    assert (SENT, due(storage)) == ([("John", "I'm late")], ["call Sara 04 18:00"])


def test_a_confirmed_action_answers_what_was_asked_then(talks: Talks, actions: Mapping[str, Action]) -> None:
    talk = talks("It is Tokyo.", ask_answer=replace(actions["ask.answer"], confirm=True))
    talk.say("What is the capital of Japan?")
    assert talk.model.asked == []
    assert talk.say("yes").title == "What is the capital of Japan?"
    assert [words for _, words, _ in talk.model.asked] == ["What is the capital of Japan?"]


def test_a_yes_that_is_stopped_does_nothing(sending: Talk) -> None:
    sending.say(LATE)
    events = sending.session.ask("yes")
    next(events)
    next(events)
    sending.session.cancel()
    (turn,) = events
    assert isinstance(turn, Turn)
    assert turn.reply.card.title == "Stopped"
    assert SENT == []


# --- two requests in one sentence


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (BOTH, ["messages.draft", "reminders.add"]),
        ("What is the capital of Japan? Remind me at six to call Sara", ["ask.answer", "reminders.add"]),
        ("Show my reminders and tell Sara I'm ten minutes late", ["reminders.show", "messages.draft"]),
        ("قل لسارة إنني سأتأخر وذكرني الساعة السادسة بشراء الخبز", ["messages.draft", "reminders.add"]),
        ("给莎拉发短信说我到了，然后提醒我六点给小李打电话", ["messages.draft", "reminders.add"]),
        ("告诉小李我晚到十分钟，然后六点提醒我给妈妈打电话", ["messages.draft", "reminders.add"]),
        ("Tell Sara I'm ten minutes late and tell John I'm ten minutes late", ["messages.draft"] * 2),
    ],
)
def test_two_requests(talk: Talk, words: str, names: list[str]) -> None:
    card = talk.say(words)
    turn = talk.turns[-1]
    assert [call.action for call in talk.calls] == names
    assert (turn.routed.action, turn.routed.arguments) == (names[0], talk.calls[0].arguments)
    assert [call["action"] for call in turn.as_json()["calls"]] == names
    assert card.title in card.body


def test_the_card_holds_both(talk: Talk, storage: Storage) -> None:
    card = talk.say(BOTH)
    assert card.title == "Reminder"
    assert card.body == "To John\nI'm late\nDraft · not sent\nReminder\nCall Sara\ntoday at 18:00"
    assert talk.turns[-1].reply.speech == (
        "Draft to John: I'm late. It is not sent. Reminder today at 18:00: call Sara."
    )
    assert (drafts(storage), due(storage)) == ([(2, "I'm late")], ["call Sara 04 18:00"])


@pytest.mark.parametrize(
    "words",
    [
        "Tell Sara I'm late and buy milk",
        "Tell Sara I'm ten minutes late and is dinner ready",
        "Write to Sara that I'm late and ask her to wait",
        "Tell Sara I'm late and John is here",
    ],
)
def test_a_message_is_not_cut(talk: Talk, storage: Storage, words: str) -> None:
    talk.say(words)
    assert len(talk.calls) == 1
    assert len(storage.drafts()) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Don't write to John that I'm late and remind me at six to call Sara",
        "Write to John that I'm late and remind me at six to call Sara, never mind",
    ],
)
def test_what_is_not_asked_for_is_not_cut_either(talk: Talk, storage: Storage, words: str) -> None:
    assert talk.say(words).kind == "refusal"
    assert (drafts(storage), due(storage)) == ([], [])


def test_one_request_is_read_once(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = FakeModel.read
    monkeypatch.setattr(
        FakeModel, "read", lambda self, words, *rest: (read.append(words), real(self, words, *rest))[1]
    )
    for words in (LATE, "Tell Sara I'm late and buy milk", "Remind me at six to buy milk and bread"):
        talk.say(words, after=500)
    assert len(read) == 3


def test_after_one_that_fails_the_next_is_not_run(talks: Talks, storage: Storage) -> None:
    def broken(context: Context, contact: Contact, text: str) -> Reply:
        raise StorageBroken("the database is damaged", "move it away")

    talk = talks(messages_draft=replace(send, function=broken, confirm=False))
    card = talk.say(BOTH)
    assert card.kind == "error"
    assert card.body.endswith("move it away\nNot done: remind me at six to call Sara")
    assert due(storage) == []
    assert talk.say("cancel that").title == "There is nothing to cancel"


def test_one_that_only_asks_back_is_not_done_either(
    talks: Talks, storage: Storage, actions: Mapping[str, Action]
) -> None:
    question = Reply(Card("Which Japan?", kind="question"), "Which Japan?")
    talk = talks(ask_answer=replace(actions["ask.answer"], function=lambda _: question))
    card = talk.say("What is the capital of Japan? Remind me at six to call Sara")
    assert (card.title, card.kind) == ("Which Japan?", "question")
    assert card.body.endswith("Not done: Remind me at six to call Sara")
    assert due(storage) == []


def test_cancel_takes_both_back(talk: Talk, storage: Storage) -> None:
    talk.say(BOTH)
    assert talk.say("cancel that").body == "Reminder\nCall Sara\ntoday at 18:00\nTo John\nI'm late"
    assert (drafts(storage), due(storage)) == ([], [])


# --- an answer to a question back


@pytest.mark.parametrize("name", ["Sara", "to Sara", "It's for Sara", "Sara please", "سارة", "莎拉", "لسارة"])
def test_who_it_is_for(talk: Talk, storage: Storage, name: str) -> None:
    assert talk.say("Tell Zebulon I'm ten minutes late").title == "Who is it for?"
    assert talk.say(name).kind == "draft"
    assert drafts(storage) == [(1, "I'm ten minutes late")]


@pytest.mark.parametrize(
    ("words", "time", "expected"),
    [
        (REMIND, "at six", "water the plants 04 18:00"),
        (REMIND, "six", "water the plants 04 18:00"),
        (REMIND, "at six please", "water the plants 04 18:00"),
        (REMIND, "make it tomorrow at nine", "water the plants 05 09:00"),
        (REMIND, "no, at seven", "water the plants 04 19:00"),
        ("提醒我买牛奶", "七点", "买牛奶 04 19:00"),
        ("提醒我买牛奶", "明天早上八点", "买牛奶 05 08:00"),
        ("ذكرني بشراء الخبز", "الساعة السابعة", "بشراء الخبز 04 19:00"),
        ("ذكرني بشراء الخبز", "غدا الساعة التاسعة", "بشراء الخبز 05 09:00"),
    ],
)
def test_when_it_is(talk: Talk, storage: Storage, words: str, time: str, expected: str) -> None:
    assert talk.say(words).kind == "question"
    assert talk.say(time).title in ("Reminder", "تذكير", "提醒")
    assert due(storage) == [expected]


@pytest.mark.parametrize("words", ["I'm late", "yes", "Is dinner ready?", "the second one", "no, not yet"])
def test_what_it_says_is_taken_as_it_stands(talk: Talk, storage: Storage, words: str) -> None:
    assert talk.say("Send a message to John").title == "What should it say?"
    talk.say(words)
    assert drafts(storage) == [(2, words[:1].upper() + words[1:])]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("the second one", "Anna Dahl"),
        ("the last", "Anna Dahl"),
        ("number one", "Anna Berg"),
        ("Anna Dahl", "Anna Dahl"),
        ("Berg", "Anna Berg"),
        ("第二个", "Anna Dahl"),
        ("الأول", "Anna Berg"),
    ],
)
def test_one_of_two_with_a_name(talk: Talk, storage: Storage, words: str, name: str) -> None:
    known = {each: storage.add_contact(each).id for each in ("Anna Berg", "Anna Dahl")}
    assert talk.say("Tell Anna I'm ten minutes late").body == "Anna Berg\nAnna Dahl"
    talk.say(words)
    assert drafts(storage) == [(known[name], "I'm ten minutes late")]


@pytest.mark.parametrize("words", ["the third one", "Anna", "not Anna Dahl"])
def test_none_of_those_offered(talk: Talk, storage: Storage, words: str) -> None:
    for name in ("Anna Berg", "Anna Dahl"):
        storage.add_contact(name)
    talk.say("Tell Anna I'm ten minutes late")
    assert talk.say(words).kind in ("question", "refusal")
    assert storage.drafts() == []


def test_a_question_after_the_other(talk: Talk, storage: Storage) -> None:
    assert talk.say("Send a message").title == "Who is it for?"
    assert talk.say("John").title == "What should it say?"
    assert talk.say("I'm here").kind == "draft"
    assert drafts(storage) == [(2, "I'm here")]


def test_a_time_that_has_passed_can_be_said_again(talk: Talk, storage: Storage) -> None:
    talk.say(REMIND)
    assert talk.say("yesterday").kind == "refusal"
    talk.say("at six")
    assert due(storage) == ["water the plants 04 18:00"]


@pytest.mark.parametrize("first", ["Send a message to John", REMIND, "Tell Zebulon I'm ten minutes late"])
@pytest.mark.parametrize("words", ["Show my reminders", "Remind me at six to call Sara"])
def test_a_request_is_no_answer(talk: Talk, storage: Storage, first: str, words: str) -> None:
    talk.say(first)
    talk.say(words)
    assert talk.turns[-1].routed.action in ("reminders.show", "reminders.add")
    assert "plants" not in " ".join(due(storage))
    assert drafts(storage) == []


@pytest.mark.parametrize("words", ["no", "cancel", "never mind", "算了", "خلاص"])
def test_a_question_need_not_be_answered(talk: Talk, storage: Storage, words: str) -> None:
    talk.say(REMIND)
    assert talk.say(words).title in ("Cancelled", "已取消", "أُلغي")
    talk.say("at six")
    assert due(storage) == []


def test_a_yes_is_no_time(talk: Talk, storage: Storage) -> None:
    question = talk.say(REMIND)
    assert talk.say("yes") == question
    talk.say("at six")
    assert due(storage) == ["water the plants 04 18:00"]


def test_silence_is_no_answer(talk: Talk, storage: Storage) -> None:
    talk.say(REMIND)
    assert talk.say("…").title == "I heard nothing"
    talk.say("at six")
    assert due(storage) == ["water the plants 04 18:00"]


def test_an_answer_that_comes_late_is_none(talk: Talk, storage: Storage) -> None:
    talk.say(REMIND)
    talk.say("at six", after=121)
    assert due(storage) == []


def test_a_question_of_the_action_itself(talks: Talks) -> None:
    talk = talks("صباح الخير")
    assert talk.say("Translate good morning").title == "Into which language?"
    assert talk.say("Arabic").title == "In Arabic"
    assert talk.calls == (Called("translate.translate", {"phrase": "good morning", "target": "ar"}),)


# --- the same with something else


@pytest.mark.parametrize(
    ("words", "time", "expected"),
    [
        ("Remind me at six to call Sara", "make it seven", "call Sara 04 19:00"),
        ("Remind me tomorrow at nine to call Sara", "make it ten", "call Sara 05 10:00"),
        ("Remind me at six to call Sara", "no, tomorrow", "call Sara 05 18:00"),
        ("Remind me at six to call Sara", "no, Omar not Sara", "call Omar 04 18:00"),
        ("Remind me at six to call Sara", "I meant Omar", "call Omar 04 18:00"),
        ("Remind me at six to call Sara", "tomorrow at eight instead", "call Sara 05 08:00"),
        ("六点提醒我买牛奶", "改成八点", "买牛奶 04 20:00"),
        ("ذكرني الساعة السادسة بشراء الخبز", "خليها الثامنة", "بشراء الخبز 04 20:00"),
    ],
)
def test_a_reminder_that_is_changed_is_one(
    talk: Talk, storage: Storage, words: str, time: str, expected: str
) -> None:
    talk.say(words)
    card = talk.say(time)
    assert due(storage) == [expected]
    assert card.hint.endswith(("The earlier one is cancelled", "之前的已取消", "أُلغي السابق"))


def test_a_message_to_somebody_else(talk: Talk, storage: Storage) -> None:
    talk.say(LATE)
    talk.say("no, Omar not Sara")
    assert drafts(storage) == [(6, "I'm ten minutes late")]
    talk.say("no, at the station")
    assert drafts(storage) == [(6, "At the station")]


@pytest.mark.parametrize(
    ("words", "more", "expected"),
    [
        ("Remind me at six to call Sara", "and tomorrow?", ["call Sara 04 18:00", "call Sara 05 18:00"]),
        ("六点提醒我买牛奶", "那明天呢", ["买牛奶 04 18:00", "买牛奶 05 18:00"]),
        ("ذكرني الساعة السادسة بشراء الخبز", "وغدا؟", ["بشراء الخبز 04 18:00", "بشراء الخبز 05 18:00"]),
    ],
)
def test_the_same_for_another_day(
    talk: Talk, storage: Storage, words: str, more: str, expected: list[str]
) -> None:
    talk.say(words)
    talk.say(more)
    assert due(storage) == expected
    talk.say("undo")
    assert due(storage) == expected[:1]


def test_the_same_for_somebody_else(talk: Talk, storage: Storage) -> None:
    talk.say(LATE)
    talk.say("and for John")
    assert drafts(storage) == [(1, "I'm ten minutes late"), (2, "I'm ten minutes late")]


def test_the_same_question_about_something_else(talk: Talk) -> None:
    talk.say("What is the capital of Japan?")
    assert talk.say("and China?").body == "It is Beijing."
    assert talk.model.asked[-1][1] == "What is the capital of Japan? and China?"


def test_a_time_that_has_passed_changes_nothing(talk: Talk, storage: Storage) -> None:
    talk.say("Remind me at six to call Sara")
    assert talk.say("no, yesterday").kind == "refusal"
    assert due(storage) == ["call Sara 04 18:00"]
    talk.say("make it seven")
    assert due(storage) == ["call Sara 04 19:00"]


def test_the_old_stays_where_the_new_fails(
    talks: Talks, storage: Storage, actions: Mapping[str, Action]
) -> None:
    add = actions["reminders.add"]

    def fails_at_seven(context: Context, text: str, when: Moment) -> Any:
        if when.at.hour == 19:
            raise StorageBroken("the database is damaged", "move it away")
        return add(context, text=text, when=when)

    talk = talks(reminders_add=replace(add, function=fails_at_seven))
    talk.say("Remind me at six to call Sara")
    assert talk.say("make it seven").kind == "error"
    assert due(storage) == ["call Sara 04 18:00"]


def test_what_cannot_be_undone_is_said_to_stay(talks: Talks, storage: Storage) -> None:
    SENT.clear()
    talk = talks(messages_draft=replace(send, confirm=False))
    talk.say(LATE)
    assert talk.say("no, Omar not Sara").hint == "The earlier one was not undone"
    assert [name for name, _ in SENT] == ["Sara", "Omar"]


@pytest.mark.parametrize("words", ["make it seven", "and tomorrow?", "no, Sara not Sami", "the second one"])
def test_nothing_goes_on_from_nothing(talk: Talk, storage: Storage, words: str) -> None:
    assert talk.say(words).kind == "refusal"
    talk.say("Remind me at six to call Sara")
    talk.say(words, after=121)
    assert due(storage) == ["call Sara 04 18:00"]


# --- taken back, said again


@pytest.mark.parametrize("words", ["cancel that", "undo", "never mind", "ألغ ذلك", "取消"])
def test_what_was_just_done_is_taken_back(talk: Talk, storage: Storage, words: str) -> None:
    talk.say("Remind me at six to call Sara")
    assert "Call Sara" in talk.say(words).body
    assert due(storage) == []
    talk.say(LATE)
    assert talk.say("cancel that").body == "To Sara\nI'm ten minutes late"
    assert drafts(storage) == []
    assert talk.say("cancel that").title == "There is nothing to cancel"


def test_what_is_gone_already_cannot_be_taken_back(talk: Talk, storage: Storage) -> None:
    talk.say("Remind me at six to call Sara")
    storage.cancel_reminder(storage.reminders()[0].id)
    assert talk.say("cancel that").title == "There is nothing to cancel"


@pytest.mark.parametrize("words", ["What is the capital of Japan?", "Turn on the lights", ""])
def test_there_is_nothing_to_take_back(talk: Talk, words: str) -> None:
    talk.say(words)
    assert talk.say("cancel that").title == "There is nothing to cancel"


def test_what_was_done_long_ago_stays(talk: Talk, storage: Storage) -> None:
    talk.say("Remind me at six to call Sara")
    assert talk.say("cancel that", after=121).title == "There is nothing to cancel"
    assert due(storage) == ["call Sara 04 18:00"]


def test_an_undo_that_fails_says_so(talks: Talks, actions: Mapping[str, Action]) -> None:
    def fail() -> bool:
        raise StorageBroken("the database is damaged", "move it away")

    def broken(context: Context, contact: Contact, text: str) -> Reply:
        return Reply(Card("Draft", text, "", "draft"), "Draft.", fail)

    talk = talks(messages_draft=replace(actions["messages.draft"], function=broken))
    talk.say(LATE)
    assert talk.say("cancel that").body == "the database is damaged: move it away"
    talk.say(LATE)
    assert talk.say("no, Omar not Sara").hint == "The earlier one was not undone"


def test_the_last_reply_again(talk: Talk, storage: Storage) -> None:
    assert talk.say("say that again").title == "There is nothing to repeat"
    first = talk.say("Remind me at six to call Sara")
    assert [talk.say("again", after=100), talk.say("再说一遍", after=100)] == [first, first]
    assert due(storage) == ["call Sara 04 18:00"]
    talk.say("make it seven", after=100)
    assert due(storage) == ["call Sara 04 19:00"]


def test_a_turn_left_half_way_leaves_nothing_to_take_back(talk: Talk, storage: Storage) -> None:
    talk.say("Remind me at six to call Sara")
    events = talk.session.ask(LATE)
    next(events)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert talk.say("cancel that").title == "There is nothing to cancel"
    assert due(storage) == ["call Sara 04 18:00"]
