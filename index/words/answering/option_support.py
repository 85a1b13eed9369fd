"""Options that passages support: the words that set an option apart, near the question's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...protocols import TextEncoder
from ..fulltext import Match, TextIndex
from ..passages import Passage
from .pieces import cosines, index_of, pieces_of

# how much the words of an option count alone, and those beside or around words of the question
_ALONE, _BESIDE, _AROUND = 0.2, 0.8, 0.5
_BY_MEANING = 0.4


@dataclass(frozen=True, slots=True)
class Support:
    """How far passages support each option of a question.

    Attributes:
        scores: by option, 0 to 1.
        best: the option with the highest score; None where no option is supported at all.
        margin: how far the best is above the second, 0 to 1.
        passages: by option, the passage that supports it most; None where none does.
    """

    scores: tuple[float, ...]
    best: int | None
    margin: float
    passages: tuple[Passage | None, ...]


def supports(
    query: str,
    options: Sequence[str],
    passages: Sequence[Passage],
    text_encoder: TextEncoder | None = None,
) -> Support:
    """Return which option passages support: the words that set it apart, near the question's words.

    Args:
        query: the question.
        options: its choices.
        passages: see `FilmIndex.passages`, asked with the question and each option.
        text_encoder: also compares question and option with each sentence by meaning.
    """
    pieces = pieces_of(passages)
    if not pieces or not options:
        return Support((0.0,) * len(options), None, 0.0, (None,) * len(options))
    index = index_of(pieces)
    near = _nearness(index.match(query), [piece.passage for piece in pieces])
    table = np.stack([present * near for present in _presence(index, options)])
    if text_encoder is not None:
        asked = [f"{query} {option}" for option in options]
        alike = cosines(asked, pieces, text_encoder)
        table = (1 - _BY_MEANING) * table + _BY_MEANING * alike
    scores = table.max(axis=1)
    order = np.argsort(-scores, kind="stable")
    best = int(order[0]) if scores[order[0]] > 0 else None
    second = float(scores[order[1]]) if len(options) > 1 else 0.0
    by = [passages[pieces[int(row.argmax())].passage] if row.any() else None for row in table]
    margin = float(scores[order[0]]) - second
    return Support(tuple(float(score) for score in scores), best, margin, tuple(by))


def _nearness(match: Match, passage_of: Sequence[int]) -> np.ndarray:
    """Return for each piece how much of the question stands in it, beside it, or around it."""
    groups = np.array(passage_of)
    near = match.share.copy()
    for at, group in enumerate(groups):
        same = np.flatnonzero(groups == group)
        beside = same[np.abs(same - at) <= 1]
        for rows, counts in ((beside, _BESIDE), (same, _AROUND)):
            held = match.strength[:, rows].max(axis=1, initial=0.0)
            near[at] = max(float(near[at]), counts * float(match.weights @ held))
    return _ALONE + (1 - _ALONE) * np.minimum(near, 1.0)


def _presence(index: TextIndex, options: Sequence[str]) -> list[np.ndarray]:
    """Return for each option how much of what sets it apart each piece holds, 0 to 1."""
    matches = [index.match(option) for option in options]
    named = [frozenset(term.text for term in match.terms) for match in matches]
    shared = frozenset.intersection(*named) if len(named) > 1 else frozenset()
    rows = []
    for match in matches:
        apart = np.array([term.text not in shared for term in match.terms], np.float32)
        if not apart.any():
            apart[:] = 1.0
        weights = match.weights * apart
        rows.append((weights @ match.strength) / max(float(weights.sum()), 1e-9))
    return rows
