"""Drafting a text to a contact. A draft is shown and kept; nothing leaves the device from here."""

from functools import partial
from typing import Annotated

from lamha.skills.api import Card, Contact, Context, Reply, Skill, action
from lamha.skills.messages.examples import DRAFT
from lamha.skills.wording import Wording

SAY = Wording(
    title={"en": "To {name}", "ar": "إلى {name}", "zh": "发给{name}"},
    hint={"en": "Draft · not sent", "ar": "مسودة · لم تُرسل", "zh": "草稿 · 未发送"},
    speech={
        "en": "Draft to {name}: {text}. It is not sent.",
        "ar": "مسودة إلى {name}: {text}. لم تُرسل.",
        "zh": "给{name}的草稿：{text}。尚未发送。",
    },
)


@action(*DRAFT)
def draft(context: Context, contact: Annotated[Contact, "person"], text: Annotated[str, "message"]) -> Reply:
    """Write a text message to a contact, for the wearer to look at."""
    say = SAY.language(context.language)
    written = text[:1].upper() + text[1:]
    kept = context.storage.add_draft(contact.id, written, context.language)
    card = Card(say("title", name=contact.name), kept.text, say("hint"), "draft", context.language)
    undo = partial(context.storage.delete_draft, kept.id)
    return Reply(card, say("speech", name=contact.name, text=kept.text), undo)


skill = Skill("messages", "Drafts texts to your contacts", (draft,))
