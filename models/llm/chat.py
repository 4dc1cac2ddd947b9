"""The chat template that the GGUF itself carries, cut at the place where the wearer's words go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lamha.models.errors import ModelBroken

_WORDS = "\x02words\x02"
_PYTHON = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RecursionError)
"""What an expression in a template may raise, as it may in Python."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before and after the wearer's words in a prompt."""

    before: str
    after: str


def frame(
    template: str, system: str, turns: Sequence[Mapping[str, str]] = (), *, thinking: bool = False
) -> Frame:
    """The frame for a system text and earlier turns; `thinking` asks a model that can to reason first.

    ModelBroken where there is no template: such a model completes texts, and does not answer.
    """
    if not template.strip():
        raise ModelBroken("the model has no chat template", "choose one that follows instructions")
    messages = [{"role": "system", "content": system}, *turns, {"role": "user", "content": _WORDS}]
    rendered = _render(template, messages, thinking)
    before, found, after = rendered.partition(_WORDS)
    if not found or _WORDS in after:
        raise ModelBroken(
            "the model's chat template leaves the user out, or repeats the user", "choose another model"
        )
    return Frame(before, after)


def _render(template: str, messages: Sequence[Mapping[str, str]], thinking: bool) -> str:
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
        return compiled.render(messages=messages, add_generation_prompt=True, enable_thinking=thinking)
    except (TemplateError, *_PYTHON) as error:
        raise ModelBroken(f"the model's chat template fails: {error}", "choose another model") from error
