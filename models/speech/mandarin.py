"""How Mandarin is pronounced: characters to pinyin to the phonemes that Kokoro was trained on."""

import re

from lamha.models.speech.tts import respelt

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
# The four tones as Kokoro's arrows, affricates as one letter, and the two syllabic vowels.
_LETTERS = {
    "˧˩˧": "↓",
    "˧˥": "↗",
    "˥˩": "↘",
    "˥": "→",
    "ʈʂ": "ꭧ",
    "tɕ": "ʨ",
    "ts": "ʦ",
    "ɻ̩": "ɨ",
    "ɹ̩": "ɨ",
    "̯": "",
}
_MARKS = str.maketrans(
    {"，": ", ", "、": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; "}
    | {"（": " (", "）": ") ", "“": " “", "”": "” ", "《": " “", "》": "” ", "「": " “", "」": "” "}
)


def phonemes(text: str) -> str:
    """Of Chinese words, with a space between them; what is not Chinese stays, numbers are read first."""
    import cn2an  # with pypinyin and its dictionaries, 0.4 s that only a Chinese reply needs

    read = cn2an.transform(text, "an2cn").translate(_MARKS)
    return re.sub(r"\s+", " ", _CHINESE.sub(lambda match: _words(match.group()), read)).strip()


def _words(text: str) -> str:
    from pypinyin.seg.mmseg import seg

    return " ".join(map(_word, seg.cut(text)))


def _word(word: str) -> str:
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)
    return respelt("".join(map(_syllable, syllables)), _LETTERS)


def _syllable(pinyin: str) -> str:
    """Its likeliest phonemes; none for a character that nobody pronounces, such as 瓩."""
    from pinyin_to_ipa import pinyin_to_ipa

    try:
        return "".join(next(iter(pinyin_to_ipa(pinyin))))
    except ValueError:
        return ""
