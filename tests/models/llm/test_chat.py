import pytest

from lamha.models.errors import ModelBroken
from lamha.models.llm.chat import frame

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def test_before_and_after_the_words() -> None:
    got = frame(CHATML, "Be brief.", [{"role": "assistant", "content": "Yes?"}])
    assert got.before == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\n"
    )
    assert got.after == "<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize("template", ["", " \n"])
def test_a_model_without_a_template_does_not_answer(template: str) -> None:
    with pytest.raises(ModelBroken, match="no chat template: choose one that follows instructions"):
        frame(template, "")


def test_thinking_is_asked_for() -> None:
    template = "{{ messages[1].content }}|{% if enable_thinking %}<think>\n{% endif %}"
    assert frame(template, "", thinking=True).after == "|<think>\n"
    assert frame(template, "").after == "|"


def test_a_template_with_a_message_of_its_own_keeps_ours() -> None:
    template = (
        "{%- if messages[0]['role'] == 'system' %}[{{ messages[0]['content'] }}]{% else %}[Q]{% endif -%}"
        "{% for m in messages[1:] %}<{{ m['content'] | trim }}>{% endfor %}"
    )
    assert frame(template, "Be brief.").before == "[Be brief.]<"


@pytest.mark.parametrize("switch", ["enable_thinking is false", "not enable_thinking"])
def test_no_thinking_aloud(switch: str) -> None:
    template = "{{ messages[1].content }}|{% if " + switch + " %}<think>\n\n</think>\n\n{% endif %}"
    assert frame(template, "").after == "|<think>\n\n</think>\n\n"


def test_the_first_token_is_not_written_by_the_template() -> None:
    assert frame("{{ bos_token }}{{ messages[1].content }}", "").before == ""


def test_loops_may_be_left() -> None:
    template = (
        "{% for m in messages %}{% if loop.index > 2 %}{% break %}{% endif %}{{ m.content }}{% endfor %}"
    )
    assert frame(template, "a").before == "a"


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('System role not supported') }}",
        "{% if %}",
        "{{ messages[0].content }}",  # the user is left out
        "{{ messages[1].content }}{{ messages[1].content }}",
        "{{ ''.__class__ }}{{ messages[1].content }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}{{ messages[1].content }}",
        "{{ messages.append(1) }}{{ messages[1].content }}",
        "{{ messages[0].update({'a': 1}) }}{{ messages[1].content }}",
        "{{ raise_exception.__globals__ }}{{ messages[1].content }}",
        "{{ nothing.at_all }}{{ messages[1].content }}",
        "{{ 1 + 'a' }}{{ messages[1].content }}",
        "{{ 1 / 0 }}{{ messages[1].content }}",
        "{{ range(10 ** 9) | list }}{{ messages[1].content }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}{{ messages[1].content }}",
        "{% include 'secrets' %}{{ messages[1].content }}",
    ],
)
def test_a_template_that_fails_or_reaches_out_is_broken(template: str) -> None:
    with pytest.raises(ModelBroken, match="chat template"):
        frame(template, "Be brief.")
