"""The thread that speaks: sentence after sentence, while the next is still being written."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from lamha.device.voice.speakers import Speaker
from lamha.models.errors import VoiceMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.sentences import sentences
from lamha.models.speech.tts import Voice


class Growing:
    """A text that another thread still writes."""

    def __init__(self) -> None:
        self._pieces: SimpleQueue[str | None] = SimpleQueue()
        self.dropped = False

    def add(self, text: str) -> None:
        """Go on with it."""
        self._pieces.put(text)

    def close(self) -> None:
        """Nothing follows."""
        self._pieces.put(None)

    def drop(self) -> None:
        """Nobody wants to hear it any more."""
        self.dropped = True
        self.close()

    def __iter__(self) -> Iterator[str]:
        """The pieces as they come."""
        while (piece := self._pieces.get()) is not None and not self.dropped:
            yield piece


class Speaking:
    """Speaks one text after another. `silent` is told why where that cannot be."""

    def __init__(self, voice: Voice, speaker: Speaker, silent: Callable[[VoiceMissing], None]) -> None:
        self._voice, self._speaker, self._silent = voice, speaker, silent
        self._thread = ThreadPoolExecutor(1, "lamha-voice")
        self._now: list[Growing] = []

    def say(self, text: Growing, begins: Callable[[], None]) -> Future[bool]:
        """Speak a text as it grows; the future tells whether it was heard to its end."""
        self._now = [*self._now[-1:], text]
        return self._thread.submit(self._say, text, begins)

    def chime(self, sound: Audio) -> Future[bool]:
        """Play a short sound after what is being said."""
        return self._thread.submit(self._play, iter([sound]), lambda: None)

    def hush(self) -> None:
        """Be silent, and forget what was to be said."""
        for text in self._now:
            text.drop()
        self._now = []
        self._speaker.stop()

    def close(self) -> None:
        """Speak to the end what is to be said."""
        self._thread.shutdown()

    def _say(self, text: Growing, begins: Callable[[], None]) -> bool:
        return not text.dropped and self._play(self._sounds(text), begins) and not text.dropped

    def _sounds(self, text: Growing) -> Iterator[Audio]:
        for sentence in sentences(text):
            if text.dropped:
                return
            if sentence.strip():
                yield from self._voice.speak(sentence)

    def _play(self, sounds: Iterator[Audio], begins: Callable[[], None]) -> bool:
        try:
            return self._speaker.play(sounds, begins)
        except VoiceMissing as error:
            self._silent(error)
            return True
