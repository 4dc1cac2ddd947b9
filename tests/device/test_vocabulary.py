from lamha.device.vocabulary import vocabulary
from lamha.models.speech.biasing import ANY
from lamha.skills.api import Action
from lamha.skills.storage import Contact


def test_names_words_and_commands() -> None:
    people = [Contact(1, "Sara Haddad", ("سارة",), ""), Contact(2, "王芳", (), "")]
    says = Action(
        "f",
        "",
        (),
        ("Remind Peter tomorrow to call", "ذكرني غدا بالاجتماع", "提醒我开会", "提醒小李", "明天提醒我"),
        print,
        False,
        False,
    )
    found = vocabulary(people, {"f": says})
    assert found.phrases == {
        ANY: ("Sara Haddad", "Sara", "سارة", "王芳"),
        "en": ("tomorrow",),
        "ar": ("ذكرني", "بالاجتماع"),
        "zh": ("提醒",),
    }
    assert {"yes", "stop"} <= set(found.commands["en"])
    assert {"نعم", "توقف"} <= set(found.commands["ar"])
    assert {"好", "停"} <= set(found.commands["zh"])
    assert all(phrase == phrase.strip() for said in found.commands.values() for phrase in said)
