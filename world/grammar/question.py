"""Reading a question about the drawn world: sorted into a kind by its wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .moments import split_moment
from .phrases import squeeze
from .reading import Reading
from .statements import option_statements
from .wordings import classify


def read_question(text: str, choices: Sequence[str] = ()) -> Reading:
    """Read a question and its options, checked already (`agent.question.check_question`)."""
    question, options = squeeze(text), tuple(squeeze(choice) for choice in choices)
    rest, within = split_moment(question)
    # the question as it was put, time and all, is what a VLM is asked
    reading = replace(classify(rest, options), question=question, within=within)
    return replace(reading, statements=option_statements(reading))
