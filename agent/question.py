"""A question as it was put: its text and its options, checked once, at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..index.video.errors import UsageError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NO_TEXT = "(no text)"
"""What an option without text is shown as; benchmarks have such options."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        text: verbatim, but for white space at its ends.
        options: the choices in their order, verbatim; empty for an open question. Two may be
            alike: their letters tell them apart.
    """

    text: str
    options: tuple[str, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """The options' letters, A first."""
        return tuple(LETTERS[: len(self.options)])

    def option(self, letter: str) -> str:
        """Return the text of an option by its letter."""
        return self.options[LETTERS.index(letter)]


def check_question(text: str, options: Sequence[object] | None = None) -> Question:
    """Return the question, checked.

    Options may be texts or numbers, empty or alike: real benchmarks have them all.

    Raises:
        UsageError: the question is no text or empty, the options are no list, there is only one,
            or there are more than there are letters.
    """
    if not isinstance(text, str):
        raise UsageError(f"question = {text!r}: it is no text", "ask in words")
    if not any(char.isalnum() for char in text):
        raise UsageError(f"question = {text!r}: it is empty", "ask something about the film")
    if isinstance(options, str | bytes) or not isinstance(options, Sequence | None):
        # a lone string would be taken for a list of its letters
        raise UsageError(f"choices = {options!r}: they are no list", "give a list of texts")
    shown = tuple(_option(place, value) for place, value in enumerate(options or ()))
    if len(shown) == 1:
        raise UsageError(
            f"choices = {list(shown)!r}: one choice is not a choice",
            "give at least two, or none for an open question",
        )
    if len(shown) > len(LETTERS):
        raise UsageError(f"choices: {len(shown)} given, at most {len(LETTERS)} are allowed")
    return Question(text.strip(), shown)


def _option(place: int, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(
            f"choices[{place}] = {value!r}: it is no text", "give texts or numbers as choices"
        )
    return " ".join(str(value).split()) or NO_TEXT
