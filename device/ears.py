"""Who understands what was said: Moonshine for English, Whisper for the rest, each opened when needed."""

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched

import numpy as np

from lamha.device.engines import Engines, English, Others
from lamha.models.errors import LamhaError
from lamha.models.speech.asr import Said, Transcript, joined
from lamha.models.speech.audio import Audio
from lamha.models.speech.biasing import ENOUGH, SURE, Choice, Vocabulary, choose, corrected
from lamha.models.speech.bytepairs import ideographic
from lamha.models.speech.chinese import simplified
from lamha.models.speech.hallucination import Signs, made_up
from lamha.models.speech.vad import RATE, Gate, Segment, VoiceActivity, frames, segments
from lamha.models.speech.whisper import Reading
from lamha.models.speech.whisper_engine import Encoded

ALL = ("en", "ar", "zh")
_PIECES = Gate(silence=0.8)
_WHOLE = 15.0  # seconds that are heard at once
_MARGIN = RATE // 4  # samples kept around it
_SHORT = 2.0  # seconds, with the margins, that may be a command said alone
_WORDS, _CHARACTERS = 3, 5  # more of them are a sentence
_CLEAR = 0.6  # probability from which on a language is taken for granted
_CONTRARY = 4.0  # nats for a command in a language other than the one that it sounds like
_MARGIN_NATS = 3.5  # and how much less than for words in that one: those are more, and found among all words
_TELLING = 4.0  # seconds that tell the language
_TRUSTED = 0.8  # mean probability of words that nobody makes up
_AT_ONCE = 10  # commands
_AGAIN = 3.0  # how much likelier the language of the turn before is


def expected(names: str, *, here: bool) -> tuple[str, ...]:
    """The languages that are named, between commas or spaces, each once.

    Where none is named those that can be heard, which with Whisper `here` are all. LamhaError.
    """
    codes = tuple(dict.fromkeys(re.findall(r"[^\s,;]+", names.lower())))
    if wrong := [code for code in codes if code not in ALL]:
        raise LamhaError(f"lamha does not hear {wrong[0]}", f"it hears {', '.join(ALL)}")
    return codes or (ALL if here else ALL[:1])


class Ears:
    """Understands speech in the languages of the wearer. Not to be shared by threads."""

    def __init__(
        self,
        opening: Engines,
        languages: Sequence[str] = ALL,
        vocabulary: Callable[[], Vocabulary] = Vocabulary,
    ) -> None:
        """Several languages are told apart turn by turn; one is taken for granted.

        `vocabulary` is asked before each utterance what is likely to be said.
        """
        self.vocabulary = vocabulary
        self._opening = opening
        self._languages = tuple(languages)
        self._before = self._languages[0]
        self._english: English | None = None
        self._others: Others | None = None
        self._activity: VoiceActivity | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """What may be said, as ISO 639-1 codes."""
        return self._languages

    def transcribe(self, audio: Audio) -> Transcript:
        """What was said, empty where nobody spoke or the words are made up; long audio is cut at pauses."""
        began, vocabulary = time.perf_counter(), self.vocabulary()
        whole = joined(
            [self._hear(part, vocabulary) for part in self._parts(audio)], self._before, audio.seconds
        )
        if whole.text:
            self._before = whole.language
        return replace(whole, milliseconds=(time.perf_counter() - began) * 1000)

    def warming(self) -> Iterator[None]:
        """Open the models and weigh the commands, step by step, each of a second or two.

        Whoever speaks before the end is heard a little later.
        """
        if "en" in self._languages:
            self._hear_english().transcribe(Audio(np.zeros(RATE, np.float32)))
            yield
        if self._languages != ("en",):
            others, commands = self._hear_others(), self.vocabulary().commands
            for seconds in (1.0, _SHORT):  # a short and a longer window
                encoded = others.encode(Audio(np.zeros(round(seconds * RATE), np.float32)))
                for code in filter(commands.get, self._languages):
                    others.shortlist(encoded, commands[code], code)
                    for some in batched(commands[code], _AT_ONCE):
                        others.weigh(encoded, some, code)
                        yield

    def _parts(self, audio: Audio) -> list[Audio]:
        """What is spoken, whole where it is short enough; nothing where nobody speaks."""
        self._activity = self._activity or self._opening.activity()
        sound = audio.at(RATE)
        found = list(segments(self._activity.probabilities(frames([sound.samples])), _PIECES))
        if found and found[-1].stop - found[0].start <= _WHOLE * RATE:
            first, stop = found[0].start - _MARGIN, found[-1].stop + _MARGIN
            found = [Segment(max(0, first), stop)]
        return [Audio(sound.samples[each.start : each.stop]) for each in found]

    def _hear(self, audio: Audio, vocabulary: Vocabulary) -> Transcript:
        among, english = self._languages, None
        if self._before == "en":  # which is much sooner known than which language it is
            english = self._hear_english().transcribe(audio)
            if among == ("en",) or _clearly_english(english):
                return self._in_english(audio, vocabulary, english)
            among = tuple(code for code in among if code != "en") if _clearly_not(english) else among
        encoded = self._hear_others().encode(_opening(audio))
        language, sure = self._told(encoded, among)
        if language != "en":
            encoded = encoded if audio.seconds <= _TELLING else self._hear_others().encode(audio)
            also = () if sure >= _CLEAR else [code for code in self._languages if code != language]
            return self._in_other(audio, encoded, (language, *also), vocabulary)
        found = self._in_english(audio, vocabulary, english or self._hear_english().transcribe(audio))
        if _doubtful(found):  # a word of another language sounds like some English one
            rest = [code for code in self._languages if code != "en"]
            command = self._command(encoded, rest, vocabulary, _CONTRARY)
            (evidence,) = self._hear_others().weigh(encoded, [found.text], "en") if command else [0.0]
            return command[0] if command and command[1] > evidence - _MARGIN_NATS else found
        return found

    def _told(self, encoded: Encoded, among: tuple[str, ...]) -> tuple[str, float]:
        """The language, and how sure that is."""
        if len(among) == 1:
            return among[0], 1.0
        spoken = self._hear_others().spoken(encoded, among)
        weighed = {code: p * (_AGAIN if code == self._before else 1.0) for code, p in spoken.items()}
        best = max(weighed, key=lambda code: weighed[code])
        return best, weighed[best] / sum(weighed.values())

    def _in_english(self, audio: Audio, vocabulary: Vocabulary, found: Transcript) -> Transcript:
        """What was read as English, unless it is made up, with the names that it sounds like."""
        english = self._hear_english()
        if found.text and found.confidence < _TRUSTED:
            (evidence,) = english.evidence(audio, [found.text])
            if made_up(Signs(found.text, audio.seconds, evidence)):
                return _empty(found.language, audio)
        return corrected(found, audio, english, vocabulary)

    def _in_other(
        self, audio: Audio, encoded: Encoded, languages: Sequence[str], vocabulary: Vocabulary
    ) -> Transcript:
        """In the first of `languages`, unless it is a command in another."""
        others, language, began = self._hear_others(), languages[0], time.perf_counter()
        reading = others.read(encoded, language)[0]
        if _short(reading) and (command := self._command(encoded, languages, vocabulary)):
            return command[0]
        (evidence,) = others.weigh(encoded, [reading.text], language)
        if made_up(Signs(reading.text, audio.seconds, evidence, reading.score, reading.no_speech)):
            return _empty(language, audio)
        found = others.transcript(encoded, language, reading, began)
        if language == "zh":
            found = simplified(found)
        return corrected(found, audio, _Bound(others, encoded, language), vocabulary)

    def _command(
        self, encoded: Encoded, languages: Sequence[str], vocabulary: Vocabulary, enough: float = ENOUGH
    ) -> tuple[Transcript, float] | None:
        """What was said as a command, the likeliest in all `languages`, and the evidence in nats."""
        if encoded.seconds > _SHORT:
            return None
        found = {code: self._chosen(encoded, code, vocabulary.commands, enough) for code in languages}
        chosen = {code: choice for code, choice in found.items() if choice}
        if not chosen:
            return None
        code = max(chosen, key=lambda each: chosen[each].nats)
        return _said(chosen[code], code, encoded.seconds), chosen[code].nats

    def _chosen(
        self, encoded: Encoded, language: str, commands: Mapping[str, tuple[str, ...]], enough: float
    ) -> Choice | None:
        others = self._hear_others()
        phrases = others.shortlist(encoded, commands.get(language, ()), language)
        return choose(phrases, others.weigh(encoded, phrases, language), enough)

    def _hear_english(self) -> English:
        self._english = self._english or self._opening.english()
        return self._english

    def _hear_others(self) -> Others:
        self._others = self._others or self._opening.others()
        return self._others


@dataclass(frozen=True)
class _Bound:
    """A `Judge` of one sound that is encoded already."""

    others: Others
    encoded: Encoded
    language: str

    def evidence(self, audio: Audio, texts: Sequence[str], prior: float = 1.0) -> list[float]:  # noqa: ARG002
        return self.others.weigh(self.encoded, texts, self.language, prior)


def _said(choice: Choice, language: str, seconds: float) -> Transcript:
    sure = 1 / (1 + math.exp(-choice.nats))
    return Transcript(choice.command, language, seconds, 0.0, sure, (Said(choice.command, sure),))


def _opening(audio: Audio) -> Audio:
    return Audio(audio.samples[: round(_TELLING * audio.rate)], audio.rate)


def _short(reading: Reading) -> bool:
    """Whether it may be a command: few words, or the same again and again, and not all clear."""
    characters = sum(map(ideographic, reading.text))
    few = characters <= _CHARACTERS if characters else len(set(reading.text.split())) <= _WORDS
    return math.exp(reading.score) < SURE and few


def _clearly_english(transcript: Transcript) -> bool:
    """Arabic and Chinese read as English gave at most 0.66 in sentences, 0.85 in up to three words."""
    enough = 0.75 if len(transcript.words) > _WORDS else 0.9
    return transcript.confidence >= enough


def _clearly_not(transcript: Transcript) -> bool:
    """The least sure of sixty English commands had 0.77."""
    return len(transcript.words) > _WORDS and transcript.confidence < _CLEAR


def _doubtful(transcript: Transcript) -> bool:
    return min((word.probability for word in transcript.words), default=0.0) < _CLEAR


def _empty(language: str, audio: Audio) -> Transcript:
    return Transcript("", language, audio.seconds, 0.0, 0.0)
