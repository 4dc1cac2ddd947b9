"""Commands that ask for nothing to be done. A probe on a few dozen examples takes "don't tell" for "tell"."""

import re
from collections.abc import Iterable

_NEGATED = re.compile(
    r"""\W*
    (?: (?:no|hey|ok|okay|please|من\ فضلك|رجاء)\W+ | [请你] )*
    (?: (?:don['’]?t|do\s+not|never|no\s+need\s+to|stop)\b
        (?! \s+ (?:you\b | (?:let\s+me\s+|ever\s+)? (?:forget|fail|mind)\b) )
      | لا\s+ (?!تنس|ت\w+\s+[أا]نس) (?:ت|داعي|حاجة|أريد)
      | (?:不要|不用|不必|不需要|无需|别(?![人的])) (?! (?:让我|再)? 忘)
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def negated(text: str, copied: Iterable[str] = ()) -> bool:
    """Whether a command begins with a negation that is not among the words it copies.

    "Don't tell Sara" is negated; "don't let me forget" is not, nor is "[别担心]用英语怎么说".
    """
    return bool(_NEGATED.match(text)) and not any(text.startswith(words) for words in copied)
