"""Recognising while somebody still speaks: at every breath, and now and then between, all of it is looked at.

Where nothing comes after the last look, its words are the final ones and cost no time any more.
"""

from concurrent.futures import Executor, Future

from lamha.models.speech.asr import Recogniser, Transcript
from lamha.models.speech.audio import Audio


class Following:
    """The words of one stretch of speech after another."""

    def __init__(self, recogniser: Recogniser, worker: Executor) -> None:
        self._recogniser, self._worker = recogniser, worker
        self._looks: list[tuple[int, Future[Transcript]]] = []

    def begin(self) -> None:
        """Somebody begins to speak."""
        self._looks = []

    @property
    def looking(self) -> bool:
        """Whether a look is not done yet."""
        return any(not look.done() for _, look in self._looks)

    @property
    def upto(self) -> int:
        """The sample up to which has been looked, or is being."""
        return max((upto for upto, _ in self._looks), default=-1)

    @property
    def text(self) -> str:
        """The words so far."""
        done = [look.result() for _, look in self._looks if _is_known(look)]
        return done[-1].text if done else ""

    def look(self, audio: Audio, upto: int) -> Future[Transcript]:
        """Recognise what was said up to a sample; of looks that have not begun only the last counts."""
        for _, look in self._looks:
            look.cancel()
        future = self._worker.submit(self._recogniser.transcribe, audio)
        self._looks.append((upto, future))
        return future

    def final(self, audio: Audio, voice: int) -> Future[Transcript]:
        """The words of all of it, whose last sound was at the sample `voice`."""
        known = [look for upto, look in self._looks if upto >= voice and not look.cancelled()]
        return known[-1] if known else self.look(audio, voice)


def _is_known(look: Future[Transcript]) -> bool:
    return look.done() and not look.cancelled() and look.exception() is None
