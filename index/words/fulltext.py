"""Words said, shown and written in a film, in one index: ranked by BM25, tolerant of spelling.

The index is made in memory from the film's lines (half a second for ten hours of speech); a query
then costs milliseconds. BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond" (2009).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..text.language import informativeness, language_of
from ..text.names import named_words
from ..text.spelling import is_mixed, keys_of, parts_of, words_of
from ..text.vocabulary import Vocabulary
from ..video.span import Span
from .lines import KINDS, Line, WordHit, WordKind

_K1, _B = 1.2, 0.75
# a film counts as part of a collection of so many lines, so that few lines do not make all rare
_LEAST_LINES = 1000
_MAX_TERMS = 64
_MAX_GLUED = 6
# a line that holds less than this of the query, or of what the best line holds of it, was found by
# little words only
_LEAST_SHARE, _TRIFLE = 0.05, 0.15
# how much more a name says than a common word; marked by quotes, capitals or digits
_NAMED = 2.0
# what is asked for, as in `which town`, need not be in the answer
_KIND = 0.2
_ASKED_KIND = re.compile(r"\b(?:which|what)\s+(\w+)", re.I)
_LANGUAGE_SAMPLE = 400


@dataclass(frozen=True)
class Term:
    """A word of a query.

    Attributes:
        text: folded.
        weight: how much it says: rarity in the film times rarity among questions.
        forms: the words of the film that it may stand for, with the strength of each.
    """

    text: str
    weight: float
    forms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """What of a query each line holds.

    Attributes:
        terms: the query's words.
        strength: float32 [terms, lines], how surely the line holds the word, 0 to 1.
        bm25: float32 [lines], for ranking.
    """

    terms: list[Term]
    strength: np.ndarray
    bm25: np.ndarray

    @cached_property
    def weights(self) -> np.ndarray:
        """The terms' weights as shares of their sum, float32 [terms]."""
        weights = np.array([term.weight for term in self.terms], np.float32)
        return weights / max(float(weights.sum()), 1e-9)

    @cached_property
    def share(self) -> np.ndarray:
        """The share of the query's information that each line holds, float32 [lines], 0 to 1."""
        return np.minimum(self.weights @ self.strength, 1.0)

    def telling(self) -> np.ndarray:
        """Return which lines share more with the query than its stop words, bool [lines]."""
        return self.share > max(_LEAST_SHARE, _TRIFLE * float(self.share.max(initial=0.0)))

    def words(self, rows: Sequence[int] | np.ndarray) -> tuple[str, ...]:
        """Return the query's words that any of these lines holds."""
        held = self.strength[:, rows].max(axis=1, initial=0.0)
        return tuple(term.text for term, most in zip(self.terms, held, strict=True) if most >= 0.5)


class TextIndex:
    """An index of lines in the order given.

    Args:
        lines: of one film.
        collection: how many lines the rarity of a word is reckoned against, at least.
    """

    def __init__(self, lines: Sequence[Line], collection: int = _LEAST_LINES) -> None:
        self.lines = list(lines)
        self._collection = max(len(self.lines), collection)
        postings: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        lengths = np.ones(len(self.lines), np.float32)
        for row, line in enumerate(self.lines):
            counts = Counter(keys_of(line.text))
            lengths[row] = max(1, sum(counts.values()))
            for key, count in counts.items():
                rows, numbers = postings[key]
                rows.append(row)
                numbers.append(count)
        self._postings = {
            key: (np.array(rows, np.int32), np.array(numbers, np.float32))
            for key, (rows, numbers) in postings.items()
        }
        usual = float(lengths.mean()) if len(lengths) else 1.0
        self._norm = _K1 * (1 - _B + _B * lengths / usual)
        self.vocabulary = Vocabulary(self._postings)

    @cached_property
    def language(self) -> str | None:
        """The language most lines are in (ISO 639-1); None where that is not known."""
        step = max(1, len(self.lines) // _LANGUAGE_SAMPLE)
        words = [word for line in self.lines[::step] for word in words_of(line.text)]
        return language_of(words) if len(words) >= 20 else None

    @cached_property
    def starts(self) -> np.ndarray:
        """When each line begins, float64 [lines], seconds."""
        return np.array([line.span.start for line in self.lines], np.float64)

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.array([line.span.end for line in self.lines], np.float64)

    @cached_property
    def _kinds(self) -> np.ndarray:
        return np.array([KINDS.index(line.kind) for line in self.lines], np.int8)

    def mask(self, kinds: Sequence[WordKind], within: Span | None = None) -> np.ndarray:
        """Return which lines are of these kinds and touch the span, bool [lines]."""
        chosen = np.isin(self._kinds, [KINDS.index(kind) for kind in kinds])
        if within is not None:
            chosen &= (self.starts < within.end) & (self._ends > within.start)
        return chosen

    def match(self, query: str) -> Match:
        """Return what of a query each line holds."""
        terms = self.terms(query)
        strength = np.zeros((len(terms), len(self.lines)), np.float32)
        bm25 = np.zeros(len(self.lines), np.float32)
        for term, row in zip(terms, strength, strict=True):
            count = np.zeros(len(self.lines), np.float32)
            for form, sure in term.forms.items():
                rows, numbers = self._postings[form]
                row[rows] = np.maximum(row[rows], sure)
                count[rows] += np.float32(sure) * numbers
            bm25 += term.weight * count * (_K1 + 1) / (count + self._norm)
        return Match(terms, strength, bm25)

    def terms(self, query: str) -> list[Term]:
        """Return the words of a query, each with its weight and the film's words for it."""
        language = language_of(words_of(query)) or self.language or "en"
        named = named_words(query)
        words = [
            resolved for word in words_of(query) for resolved in self._resolve(word, language)
        ][:_MAX_TERMS]
        self._add_glued(words)
        found = dict(words)
        told = informativeness(list(found), language)
        kinds = _asked_kinds(query)
        return [
            Term(
                word,
                self._weight(forms, tells * (_KIND if word in kinds else 1.0), word in named),
                forms,
            )
            for (word, forms), tells in zip(found.items(), told, strict=True)
        ]

    def _add_glued(self, words: list[tuple[str, dict[str, float]]]) -> None:
        """Let words that follow each other stand for one that lost its spaces (`TICKETOFFICE`)."""
        for first in range(len(words)):
            glued = words[first][0]
            for last in range(first + 1, min(first + _MAX_GLUED, len(words))):
                glued += words[last][0]
                if glued in self.vocabulary:
                    for _, forms in words[first : last + 1]:
                        forms[glued] = 1.0

    def _resolve(self, word: str, language: str) -> list[tuple[str, dict[str, float]]]:
        """Return the terms that a word of a query is: itself, or its parts where they are known."""
        parts = parts_of(word)
        forms = self.vocabulary.forms(word, language) if len(parts) == 1 or is_mixed(word) else {}
        if forms or len(parts) == 1:
            if not forms and (halves := self.vocabulary.split(word)):
                parts = halves
            else:
                return [(word, forms)]
        return [(part, self.vocabulary.forms(part, language)) for part in parts]

    def _weight(self, forms: dict[str, float], tells: float, named: bool) -> float:
        """Return how much a word says: its inverse document frequency times what it tells."""
        rows = [self._postings[form][0] for form in forms]
        held = len(rows[0]) if len(rows) == 1 else 0 if not rows else _count(rows)
        rarity = math.log(1 + (self._collection - held + 0.5) / (held + 0.5))
        if named:
            return rarity * _NAMED
        # what the film never says and questions often do is part of the wording ("mentioned")
        return rarity * (tells if held else tells**2)


def _count(rows: Sequence[np.ndarray]) -> int:
    return len(np.unique(np.concatenate(rows)))


def _asked_kinds(query: str) -> frozenset[str]:
    """Return the words that say of what kind the answer is: `town` in `which town`."""
    return frozenset(word for found in _ASKED_KIND.findall(query) for word in words_of(found))


def search_lines(
    index: TextIndex,
    query: str,
    kinds: Sequence[WordKind],
    top_k: int,
    within: Span | None = None,
) -> list[WordHit]:
    """Return the lines that hold words of the query, best first by BM25.

    Args:
        index: of the film.
        query: words or a whole question, in any script.
        kinds: which lines to look at.
        top_k: how many hits at most.
        within: only lines that touch this span.
    """
    if top_k < 1 or not index.lines:
        return []
    match = index.match(query)
    rows = np.flatnonzero(index.mask(kinds, within) & match.telling())
    rows = rows[np.lexsort((index.starts[rows], -match.bm25[rows]))][:top_k]
    return [WordHit(index.lines[row], float(match.share[row]), match.words([row])) for row in rows]
