"""A skill's own sentences in three languages, filled in where they are said."""

from collections.abc import Callable, Mapping

LANGUAGES = ("en", "ar", "zh")


class Wording:
    """Sentences by name and language: `Wording(hello={"en": "Hello {name}", …})`."""

    def __init__(self, **sentences: Mapping[str, str]) -> None:
        missing = [f"{name}.{lang}" for name, by in sentences.items() for lang in LANGUAGES if lang not in by]
        if missing:
            raise ValueError(f"sentences without a language: {', '.join(missing)}")
        self.sentences = sentences

    def language(self, language: str) -> Callable[..., str]:
        """A function from a sentence's name and its values to the sentence; English where unknown."""

        def say(name: str, /, **values: object) -> str:
            by = self.sentences[name]
            return by.get(language, by["en"]).format(**values)

        return say
