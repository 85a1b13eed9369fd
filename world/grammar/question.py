"""Reading a question: cleaned, checked, and sorted into a kind by its wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...index.video.errors import UsageError
from .moments import split_moment
from .phrases import squeeze
from .reading import LETTERS, Reading
from .statements import option_statements
from .wordings import classify


def check_question(text: str, choices: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """Return the question and its options cleaned.

    Raises:
        UsageError: something is no text, the question is empty, or there is one option, a blank
            one, two alike, or more than there are letters.
    """
    if not isinstance(text, str):
        raise UsageError(f"question = {text!r}: it is no text", "ask in words")
    if isinstance(choices, str) or not all(isinstance(choice, str) for choice in choices or ()):
        # a lone string would be taken for a list of its letters
        raise UsageError(
            f"choices = {choices!r}: they are no list of texts", "give a list of texts"
        )
    question = squeeze(text)
    if not question.strip("?!. "):
        raise UsageError(f"question = {text!r}: it is empty", "ask something about the film")
    options = tuple(squeeze(choice) for choice in choices or ())
    if len(options) == 1:
        raise UsageError(
            f"choices = {list(options)!r}: one choice is not a choice",
            "give at least two, or none for an open question",
        )
    if len(options) > len(LETTERS):
        raise UsageError(f"choices: {len(options)} given, at most {len(LETTERS)} are allowed")
    if any(not option for option in options):
        raise UsageError("choices: one of them is empty", "give every choice some text")
    seen: set[str] = set()
    for option in options:
        if option.casefold() in seen:
            raise UsageError(f"choice = {option!r}: given twice", "make every choice different")
        seen.add(option.casefold())
    return question, options


def read_question(text: str, choices: Sequence[str] | None = None) -> Reading:
    """Read a question and its options.

    Raises:
        UsageError: see `check_question`.
    """
    question, options = check_question(text, choices)
    rest, within = split_moment(question)
    # the question as it was put, time and all, is what an eye is asked
    reading = replace(classify(rest, options), question=question, within=within)
    return replace(reading, statements=option_statements(reading))
