"""Finding skills: every entry point in the group `lamha.skills` names one `Skill`."""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from lamha.models.errors import SkillBroken
from lamha.skills.api import Action, Skill

GROUP = "lamha.skills"


def discover(points: Iterable[EntryPoint] | None = None) -> tuple[Skill, ...]:
    """All installed skills by name; one that cannot be loaded is an error that names it."""
    found = entry_points(group=GROUP) if points is None else points
    return tuple(_load(point) for point in sorted(found, key=lambda point: point.name))


def actions(skills: Iterable[Skill]) -> Mapping[str, Action]:
    """Actions by their full name, such as `reminders.add`."""
    found: dict[str, Action] = {}
    for skill in skills:
        for action in skill.actions:
            if (name := f"{skill.name}.{action.name}") in found:
                raise SkillBroken(f"two installed skills have the action {name}", "remove one of them")
            found[name] = action
    return found


def _load(point: EntryPoint) -> Skill:
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:
        raise SkillBroken(
            f"the skill {point.name} ({point.value}) cannot be loaded: {error}", "remove or mend it"
        ) from error
    if not isinstance(loaded, Skill):
        raise SkillBroken(
            f"the skill {point.name} ({point.value}) is no Skill", "name a Skill object in its entry point"
        )
    return loaded
