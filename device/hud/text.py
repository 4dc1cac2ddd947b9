"""What a line may hold and where it may end, before anything is measured."""

import re
from unicodedata import category, combining, east_asian_width

from lamha.device.hud.bidi import base_level, classes

RTL = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
CJK = frozenset({"ja", "ko", "yue", "zh"})

ELLIPSIS = "…"
LRI, RLI, PDI = "\u2066", "\u2067", "\u2069"
NO_START = frozenset(
    "。，、．！？；：）］｝」』】〕〉》〗”’…—‥・·ー々ゝゞ％‰℃°!),.:;?]}%ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
NO_END = frozenset("（［｛「『【〔〈《〖“‘([{$¥￥£#")

_NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Embeddings and overrides could show a message's words in another order than they were written in.
_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\ufeff\U000e0000-\U000e007f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_RTL_LETTER = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
_BLANKS = re.compile(r"[ \t]+")
_UNIT = re.compile(r"\d (?=(?:[kcm]?m|k?g|[kM]?B|m?s|h|min|m?l|°[CF]|[ap]m|[AP]M|[%€])\b|[\u4e00-\u9fff])")
# Groups of digits that are one number: a phone's, a date's.
_NUMBER = re.compile(r"(?<!\w)(?:\+\d[\d ()-]{4,}\d|\d{2,}(?:[ -]\d{2,}){2,})(?!\w)")
_SENTENCE = re.compile(r"[。！？]+[”’」』）]*|[.!?؟؛۔…]+[\"'”’)\]]*(?=\s|$)|\n")


def clean(text: str) -> str:
    """Text with newlines as \\n, single blanks, and nothing that cannot be shown.

    Within text from right to left a phone number's groups would change places: it is isolated.
    """
    text = _SURROGATE.sub("\ufffd", _DROPPED.sub("", _NEWLINE.sub("\n", text)))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    text = "\n".join(lines).strip()
    return _NUMBER.sub(rf"{LRI}\g<0>{PDI}", text) if _RTL_LETTER.search(text) else text


def primary(language: str) -> str:
    """The language of a BCP 47 tag, without script and region."""
    return re.split("[-_]", language.lower(), maxsplit=1)[0]


def is_rtl(language: str) -> bool:
    """Whether a BCP 47 language is written from right to left."""
    return primary(language) in RTL


def rtl_text(text: str, rtl: bool) -> bool:
    """The direction of a paragraph: the card's, unless it has no letter in that direction."""
    kinds = classes(text)
    if any(kind in (("R", "AL") if rtl else ("L",)) for kind in kinds):
        return rtl
    level = base_level(kinds)
    return rtl if level is None else bool(level)


def sentence_ends(text: str) -> list[int]:
    """The offsets behind each sentence or line."""
    return [match.end() for match in _SENTENCE.finditer(text)]


def is_mark(char: str) -> bool:
    """Whether a character belongs to the one before it: marks, joiners, selectors, skin tones."""
    return (
        bool(combining(char))
        or category(char) in ("Mn", "Me", "Mc", "Cf")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


def is_wide(char: str) -> bool:
    """Whether a line may break on both sides of a character, as between Chinese ones."""
    return east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7a3"


def clusters(text: str) -> list[int]:
    """Offsets at which a character with its marks begins."""
    return [i for i, char in enumerate(text) if i == 0 or not (is_mark(char) or text[i - 1] == "\u200d")]


def breaks(text: str) -> list[int]:
    """Offsets at which a line may end, the end of the text among them; blanks stay before the break."""
    starts = clusters(text)
    glued = {match.end() for match in _UNIT.finditer(text)}
    glued.update(i for match in _NUMBER.finditer(text) for i in range(match.start() + 1, match.end()))
    pairs = zip(starts[1:], starts, strict=False)
    inner = [i for i, before in pairs if i not in glued and _may_break(text, before, i)]
    return [*inner, len(text)] if text else []


def clause_breaks(text: str) -> list[int]:
    """Those of the breaks that do not cut a Chinese clause, and so never a word."""
    return [i for i in breaks(text) if i == len(text) or not is_wide(text[i]) or text[i - 1] in NO_START]


def _may_break(text: str, before: int, i: int) -> bool:
    left, right = text[before], text[i]
    if right in " \u3000":
        return False
    if left in " \u3000\u200b":
        return True
    if right in NO_START or left in NO_END:
        return False
    if is_wide(left) or is_wide(right):
        return "\u00a0" not in (left, right)
    return left in "-‐–—/" and right.isalpha() and before > 0 and text[before - 1].isalpha()


def trimmed(text: str, start: int, end: int) -> int:
    """The end of a line without the blanks that close it."""
    while end > start and text[end - 1] in " \u3000\u200b":
        end -= 1
    return end
