from importlib.metadata import entry_points
from pathlib import Path

import pytest

from lamha.models.errors import SkillBroken
from lamha.skills import registry
from lamha.skills.api import Action, Skill

GOOD = '''
from lamha.skills.api import Card, Context, Reply, Skill, action

@action("Flip a coin")
def flip(context: Context) -> Reply:
    """Flip a coin."""
    return Reply(Card("Heads"), "Heads.")

skill = Skill("coin", "Flips coins", (flip,))
number = 7
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A distribution whose module is `source`, and whose entry points are `points`."""
    source, points = request.param
    about = tmp_path / "fake_skills-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-skills\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[lamha.skills]\n{points}\n")
    (tmp_path / f"{request.node.name.partition('[')[0]}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)


def test_own_skills() -> None:
    own = [point for point in entry_points(group=registry.GROUP) if point.value.startswith("lamha.")]
    assert list(registry.actions(registry.discover(own))) == [
        "ask.answer",
        "messages.draft",
        "products.look",
        "products.remember",
        "products.about",
        "reminders.add",
        "reminders.show",
        "translate.translate",
    ]


@pytest.mark.parametrize("installed", [(GOOD, "coin = test_a_plugin_is_found:skill")], indirect=True)
def test_a_plugin_is_found(installed: None) -> None:
    actions = registry.actions(registry.discover())
    assert actions["coin.flip"].description == "Flip a coin."
    assert "ask.answer" in actions


@pytest.mark.parametrize(
    ("installed", "why"),
    [
        (("raise ZeroDivisionError('half')", "bad = test_one_that_raises:skill"), "half"),
        (("import nowhere_to_be_found", "bad = test_one_that_raises:skill"), "nowhere_to_be_found"),
        (("raise SystemExit(3)", "bad = test_one_that_raises:skill"), "3"),
        (("syntax error", "bad = test_one_that_raises:skill"), "invalid syntax"),
        (("", "bad = test_one_that_raises:skill"), "no attribute 'skill'"),
        (("", "bad = not_installed_at_all:skill"), "not_installed_at_all"),
    ],
    indirect=["installed"],
)
def test_one_that_raises(installed: None, why: str) -> None:
    with pytest.raises(SkillBroken, match=rf"the skill bad \(.*\) cannot be loaded: .*{why}.*remove or mend"):
        registry.discover()


@pytest.mark.parametrize("installed", [(GOOD, "bad = test_one_that_is_no_skill:number")], indirect=True)
def test_one_that_is_no_skill(installed: None) -> None:
    with pytest.raises(SkillBroken, match=r"the skill bad \(test_one_that_is_no_skill:number\) is no Skill"):
        registry.discover()


def test_two_skills_may_not_claim_one_action() -> None:
    action = Action("flip", "Flip", (), (), lambda _: None)  # type: ignore[arg-type, return-value]
    coin = Skill("coin", "", (action,))
    with pytest.raises(SkillBroken, match=r"two installed skills have the action coin\.flip"):
        registry.actions([coin, coin])
