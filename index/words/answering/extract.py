"""Extractive answers to open questions: the line of the film that answers, verbatim.

No wording of a question is known beforehand: what counts is which words of the question stand
where, and what stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...protocols import TextEncoder
from ...text.medium import medium_of
from ...text.names import named_words
from ...text.spelling import words_of
from ...video.span import Span
from ..fulltext import Match
from ..lines import Line
from ..passages import Passage
from .pieces import Piece, cosines, index_of, pieces_of

# rows that hold nearly as much of the question as the best one belong to the answer too
_NEARLY = 0.9
# what a sentence beside the best one has to add of the question to belong to the answer
_MUCH = 0.25
_MAX_ROWS = 3
# how much counts what stands beside a sentence, which may hold some of the question
_BESIDE = 0.8
# how much count a sentence's likeness in meaning, where it is known, and the words in common: one
# word that both hold is no answer
_LIKENESS, _IN_COMMON = 1.02, 0.22
# of a question's information: where it asks for what is said of something, a sentence that holds so
# much is about it, however little the rest of it means that
_NEARLY_ALL = 0.85
# how much counts what holds no number where one is asked for, and what was not read or heard
# surely, which steps behind a rival that says as much
_NO_NUMBER, _DOUBT = 0.7, 0.8
_NUMBER_ASKED = frozenset({"number", "numbers", "many", "much", "digits", "figure"})
_NUMBER_WORD = re.compile(
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"(?:six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|"
    r"hundred|thousand|million|billion|dozen|half"
)
_LOUD = re.compile(r"\b[^\W\d_a-z]{2,}\b")


@dataclass(frozen=True, slots=True)
class Extract:
    """What of a film answers a question, verbatim.

    Attributes:
        span: when it is said or shown.
        text: the sentence, the row, or the whole slide.
        lines: the lines it stands in.
        passage: what it was taken from; its other lines are the neighbours.
        score: how much of the question the passage holds, 0 to 1.
        certain: False where a line of it was not read or heard surely.
    """

    span: Span
    text: str
    lines: tuple[Line, ...]
    passage: Passage
    score: float
    certain: bool


def extract(
    query: str, passages: Sequence[Passage], text_encoder: TextEncoder | None = None
) -> Extract | None:
    """Return the line that answers an open question, None where no passage holds a word of it.

    Of speech that is the sentence that holds most of the question, and the next one where it says
    nothing beyond the question's own words. Of a slide it is the row, with the value that stands
    beside or under a label; the whole slide where the question names its title. Where a number is
    asked for, what holds one goes before what holds none.

    Args:
        query: the question.
        passages: best first, see `FilmIndex.passages`.
        text_encoder: also finds the sentence by meaning.
    """
    number = asks_number(query)
    found = [_extract_from(query, passage, number, text_encoder) for passage in passages]
    ranked = [(rank, one) for rank, one in (item for item in found if item)]
    # the first of equals: passages come best first
    return max(ranked, key=lambda item: item[0])[1] if ranked else None


def asks_number(query: str) -> bool:
    """Say whether a question, which names no number itself, asks for one."""
    words = words_of(query)
    return any(word in _NUMBER_ASKED for word in words) and not any(map(holds_digit, words))


def holds_digit(word: str) -> bool:
    """Say whether a word holds a digit."""
    return any(letter.isdigit() for letter in word)


def _extract_from(
    query: str, passage: Passage, number: bool, text_encoder: TextEncoder | None
) -> tuple[tuple[float, ...], Extract] | None:
    """Return what of one passage answers, behind how well it does."""
    pieces = pieces_of([passage])
    match = index_of(pieces).match(query)
    share = match.share.copy()
    meaning, literal = None, np.zeros(len(share), bool)
    if text_encoder is not None and passage.kind != "text" and not named_words(query):
        # a name is found by its letters: `LOCKER 40` means nearly what `LOCKER 39` does
        meaning = cosines([query], pieces, text_encoder)[0]
        alike = _LIKENESS * meaning + _IN_COMMON * share
        literal = (share >= _NEARLY_ALL) & (medium_of(query) == "speech")
        share = np.where(literal, np.maximum(alike, share), alike)
    if not share.any():
        return None
    if passage.kind == "text":
        rows = _answering_rows(match, share)
        score = float(min(1.0, match.weights @ match.strength.max(axis=1)))
    else:
        told = np.array([_holds_number(piece.text) for piece in pieces])
        best = int((share * np.where(told, 1.0, _NO_NUMBER if number else 1.0)).argmax())
        rows, score = _with_neighbours(match, best)
        score = max(float(match.share[best]), score)
        if meaning is not None:
            alike = min(1.0, _LIKENESS * float(meaning[best]) + _IN_COMMON * score)
            score = max(alike, score) if literal[best] else alike
    if len(rows) < len(pieces) and all(_says_no_more(pieces[row], match, row) for row in rows):
        # a label, or a question put to the speaker: what follows is the answer
        rows += [row + 1 for row in rows if row + 1 < len(pieces) and row + 1 not in rows][:1]
    picked = [pieces[row] for row in sorted(rows)]
    lines = tuple(dict.fromkeys(line for piece in picked for line in piece.lines))
    span = Span(min(ln.span.start for ln in lines), max(ln.span.end for ln in lines))
    text = ("\n" if passage.kind == "text" else " ").join(piece.text for piece in picked)
    certain = all(line.certain for line in lines)
    rank = score * (1.0 if not number or _holds_number(text) else _NO_NUMBER)
    extract = Extract(span, text, lines, passage, score, certain)
    return (rank * (1.0 if certain else _DOUBT), _shared_capitals(query, text)), extract


def _with_neighbours(match: Match, row: int) -> tuple[list[int], float]:
    """Return a sentence, with those beside it that add much, and how much of a question is held."""
    rows, held = [row], match.strength[:, row]
    for beside in (row - 1, row + 1):
        if 0 <= beside < match.strength.shape[1]:
            more = np.maximum(held, _BESIDE * match.strength[:, beside])
            if match.weights @ (more - held) >= _MUCH:
                rows.append(beside)
            held = more
    return rows, float(min(1.0, match.weights @ held))


def _holds_number(text: str) -> bool:
    return any(holds_digit(word) or _NUMBER_WORD.fullmatch(word) for word in words_of(text))


def _shared_capitals(query: str, text: str) -> int:
    """Return how many words in capitals a question and a text share: signs are quoted so."""
    loud = {word for word in _LOUD.findall(query)}
    return len(loud.intersection(_LOUD.findall(text)))


def _answering_rows(match: Match, share: np.ndarray) -> list[int]:
    """Return the rows of a slide that answer; all of them where only the title was named."""
    held = match.strength >= 0.5
    # what a row holds beyond the title says which of the rows is meant
    beyond = match.weights @ (match.strength * (held & ~held[:, :1]))
    beyond[0] = 0.0
    if len(share) > 1 and beyond.max() > 0.1 * share.max():
        share = beyond
    best = float(share.max())
    rows = [int(row) for row in np.flatnonzero(share >= _NEARLY * best)]
    if rows == [0] and len(share) > 1:
        return list(range(len(share)))
    return rows[:_MAX_ROWS]


def _says_no_more(piece: Piece, match: Match, row: int) -> bool:
    """Say whether a row or sentence holds nothing but words of the question, or asks itself."""
    if piece.text.rstrip().endswith(("?", "？", "؟")):
        return True
    forms = {form for term in match.terms for form in term.forms}
    words = words_of(piece.text)
    return all(word in forms or len(word) < 2 for word in words)
