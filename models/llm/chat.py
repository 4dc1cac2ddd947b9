"""The chat template that the GGUF itself carries, cut at the place where the wearer's words go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lamha.models.errors import ModelBroken

_WORDS = "\x02words\x02"
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_PYTHON = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RecursionError)
"""What an expression in a template may raise, as it may in Python."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before and after the wearer's words in a prompt."""

    before: str
    after: str


def frame(template: str, system: str, turns: Sequence[Mapping[str, str]] = ()) -> Frame:
    """The frame for a system text and earlier turns; a model without a template gets ChatML."""
    messages = [{"role": "system", "content": system}, *turns, {"role": "user", "content": _WORDS}]
    rendered = _render(template or _CHATML, messages)
    before, found, after = rendered.partition(_WORDS)
    if not found or _WORDS in after:
        raise ModelBroken(
            "the model's chat template leaves the user out, or repeats the user", "choose another model"
        )
    return Frame(before, after)


def _render(template: str, messages: Sequence[Mapping[str, str]]) -> str:
    from jinja2 import TemplateError
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # a template is a stranger's program

    class Sandbox(ImmutableSandboxedEnvironment):
        def unsafe_undefined(self, obj: Any, attribute: str) -> Any:
            raise SecurityError(f"it may not see {attribute} of a {type(obj).__name__}")

    def refuse(message: str) -> Any:
        raise TemplateError(message)

    environment = Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    environment.globals["raise_exception"] = refuse
    try:
        compiled = environment.from_string(template)
        return compiled.render(messages=messages, add_generation_prompt=True, enable_thinking=False)
    except (TemplateError, *_PYTHON) as error:
        raise ModelBroken(f"the model's chat template fails: {error}", "choose another model") from error
