"""Real recordings: words that are wrong, commands that are right, and how long the recogniser takes."""

import argparse
import os
import re
from pathlib import Path
from typing import Any

from lamha.benchmarks.measure import sample
from lamha.device import audio
from lamha.device.assistant import open_ears
from lamha.models.speech.biasing import Vocabulary

_JFK = (
    "and so my fellow americans ask not what your country can do for you ask what you can do for your country"
)
_LIGHTS = "turn on the office lights"
# What the files of speech/ar are named after, as it may be said and written.
WORDS = {
    "cancel": "إلغاء الغاء ألغ كنسل ألغي",
    "close": "أغلق إغلاق سكر اقفل",
    "left": "يسار شمال اليسار",
    "next": "التالي تالي بعد",
    "no": "لا كلا",
    "ok": "حسنا موافق أوكي تمام طيب",
    "open": "افتح فتح",
    "previous": "السابق سابق",
    "right": "يمين اليمين",
    "send": "أرسل إرسال ابعث",
    "start": "ابدأ بدء إبدأ",
    "stop": "توقف قف وقف",
    "yes": "نعم أيوه أجل",
}


def recordings(_: argparse.Namespace) -> dict[str, Any]:
    """Of `LAMHA_DATA`/speech; says so where that is not there."""
    folder = Path(os.environ.get("LAMHA_DATA", "../shared/data")) / "speech"
    if not folder.is_dir():
        return {"left out": f"{folder} is not there: set LAMHA_DATA"}
    return {"english": _english(folder), "arabic words": _arabic(folder)}


def _english(folder: Path) -> dict[str, Any]:
    ears, _ = open_ears("en")
    ears.vocabulary = lambda: Vocabulary({"en": ("office lights",)})
    ears.transcribe(audio.read(folder / "english.wav"))  # opens the recogniser
    speech = ears.transcribe(audio.read(folder / "jfk.flac")).text
    lights = [ears.transcribe(audio.read(file)) for file in sorted((folder / "office-lights").glob("*.wav"))]
    return {
        "jfk.flac: words wrong": _wrong(_JFK.split(), _words(speech)),
        "office lights": f"{sum(_words(each.text) == _LIGHTS.split() for each in lights)} of {len(lights)}",
        "milliseconds for these two seconds": sample([each.milliseconds for each in lights]).as_json(),
    }


def _arabic(folder: Path) -> dict[str, Any]:
    ears, _ = open_ears("ar")
    commands = tuple(word for said in WORDS.values() for word in said.split())
    ears.vocabulary = lambda: Vocabulary(commands={"ar": commands})
    for _step in ears.warming():
        pass
    files = sorted((folder / "ar").glob("*.wav"))
    heard = {file.stem: ears.transcribe(audio.read(file)) for file in files}
    misses = {
        name: each.text for name, each in heard.items() if each.text not in WORDS[name.split("-")[0]].split()
    }
    return {
        "right": f"{len(files) - len(misses)} of {len(files)}",
        "milliseconds": sample([each.milliseconds for each in heard.values()]).as_json(),
        "misses": misses,
    }


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def _wrong(said: list[str], heard: list[str]) -> int:
    """Words to change, add or leave out."""
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(said, heard))
