from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from lamha.skills.api import Reply, Storage
from lamha.skills.messages import skill
from lamha.skills.testing import context, run

(DRAFT,) = skill.actions
TEXTS = {"en": "i'm late", "ar": "إنني سأتأخر", "zh": "我晚到十分钟"}


@pytest.mark.parametrize("language", TEXTS)
def test_a_draft_is_kept_and_shown(
    language: str,
    tmp_path: Path,
    now: datetime,
    storage: Storage,
    golden: Callable[[str, Mapping[str, Reply]], None],
) -> None:
    sara = storage.contacts()[0]
    asked = replace(context("…", tmp_path, now, language), storage=storage)
    _, reply = run(DRAFT(asked, contact=sara, text=TEXTS[language]))
    (kept,) = storage.drafts()
    assert (kept.contact_id, kept.language) == (sara.id, language)
    assert kept.text == reply.card.body
    golden(f"messages.{language}", {"a draft": reply})


def test_a_draft_can_be_taken_back(tmp_path: Path, now: datetime, storage: Storage) -> None:
    asked = replace(context("…", tmp_path, now), storage=storage)
    kept = storage.add_draft(1, "another", "en")
    _, reply = run(DRAFT(asked, contact=storage.contacts()[0], text="late"))
    assert reply.undo is not None
    assert [reply.undo(), reply.undo()] == [True, False]
    assert storage.drafts() == [kept]
