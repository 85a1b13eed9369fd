"""The pieces of passages that answers are found in: rows of slides and sentences of speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...protocols import TextEncoder
from ..fulltext import TextIndex
from ..lines import Line
from ..passages import Passage
from ..units import Unit, sentences_of, units_of


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of a slide or a sentence of speech, and the passage it is from."""

    text: str
    lines: tuple[Line, ...]
    passage: int


def pieces_of(passages: Sequence[Passage]) -> list[Piece]:
    """Return the pieces of passages, in their order."""
    return [
        Piece(sentence.text, sentence.lines, at)
        for at, passage in enumerate(passages)
        for unit in _units(passage)
        for sentence in sentences_of(unit)
    ]


def _units(passage: Passage) -> list[Unit]:
    """Return the sentences of a passage; a slide is one unit, in its reading order."""
    if passage.kind == "text":
        return [Unit("text", passage.span, passage.lines)]
    return units_of(passage.lines)


def index_of(pieces: Sequence[Piece]) -> TextIndex:
    """Return an index of pieces by their words."""
    return TextIndex([replace(piece.lines[0], text=piece.text) for piece in pieces])


def cosines(texts: Sequence[str], pieces: Sequence[Piece], encoder: TextEncoder) -> np.ndarray:
    """Return how much texts mean what pieces do, float32 [texts, pieces], 0 to 1."""
    asked = encoder.encode(list(texts))
    held = encoder.encode([piece.text for piece in pieces])
    return np.clip(asked @ held.T, 0.0, 1.0)
