"""What a skill may see: the roles of a camera and of one look through it."""

from typing import TYPE_CHECKING, Protocol

from lamha.models.errors import CameraMissing

if TYPE_CHECKING:  # a turn without a camera need not load it
    import numpy as np
    from numpy.typing import NDArray


class Look(Protocol):
    """One picture. What is asked of it is computed once, when it is asked."""

    @property
    def fault(self) -> str:
        """Why little can be seen: "small", "dark", "empty" or "blurred"; "" where all is well."""
        ...

    @property
    def barcodes(self) -> tuple[str, ...]:
        """The digits of the product codes in it."""
        ...

    @property
    def vector(self) -> "NDArray[np.float32]":
        """What it looks like to the encoder: shape (dimension,)."""
        ...

    @property
    def lesson(self) -> "NDArray[np.float32]":
        """The same, looked at longer, to be remembered."""
        ...

    def lines(self, language: str = "en") -> tuple[str, ...]:
        """The text in it, line by line; Arabic too where that is `language` and can be read here."""
        ...


class Sight(Protocol):
    """The wearer's camera."""

    @property
    def encoder(self) -> str:
        """The name of what makes vectors; those of another cannot be compared."""
        ...

    def look(self) -> Look:
        """Take a picture now, the sharpest of some. CameraMissing, PhotoUnreadable."""
        ...


class Blind:
    """A device without a camera."""

    encoder = ""

    def look(self) -> Look:
        """CameraMissing."""
        raise CameraMissing("there is no camera here", "take a photo and run `lamha look PHOTO`")
