"""Passages: what a film says about something, in pieces that can be read on their own.

Units (`units.py`) are ranked by words
(BM25) and, with a text encoder, by meaning (cosine); the ranks are fused (reciprocal rank fusion:
Cormack, Clarke and Büttcher, SIGIR 2009), repeats step back (maximal marginal relevance: Carbonell
and Goldstein, SIGIR 1998), and sentences grow by their neighbours into passages of 15 to 60 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..progress import Listener
from ..protocols import TextEncoder
from ..text.spelling import words_of
from ..video.span import Span
from .fulltext import Match, TextIndex, search_lines
from .lines import Line, WordHit, WordKind
from .signs import settled
from .text_vectors import TextVectors
from .units import Unit, slide_rows, slide_text, units_of

SHORTEST, LONGEST = 15.0, 60.0  # seconds of a passage of speech
_GAP = 5.0  # a longer one ends a passage
_RRF_K = 60
_DEPTH = 50
_MMR = 0.7  # weight of relevance against novelty


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what a film says.

    Attributes:
        span: when, seconds.
        kind: `speech`, `text` or `caption`.
        text: the words; of a slide, row by row.
        lines: the lines it is made of, in reading order, each with its own time.
        score: share of the query's information that is in it, or the cosine with the query where
            that is more, 0 to 1; an absent phrase scores low.
        matched: the query's words found in it.
    """

    span: Span
    kind: WordKind
    text: str
    lines: tuple[Line, ...]
    score: float
    matched: tuple[str, ...] = ()


class FilmWords:
    """All words of one film, ready to be searched.

    Args:
        lines: of any kind, in any order.
        folder: of the film's index, where sentence vectors are kept.
    """

    def __init__(self, lines: Iterable[Line], folder: Path) -> None:
        self.units = units_of(settled([*lines]))
        self.index = TextIndex([line for unit in self.units for line in unit.lines])
        sizes = [len(unit.lines) for unit in self.units]
        self._first = np.cumsum([0, *sizes])[:-1].astype(np.int64)
        self._unit_of = np.repeat(np.arange(len(sizes)), sizes)
        self._folder = folder
        self._encoded: dict[str, tuple[TextVectors, np.ndarray]] = {}

    def lines(self, kinds: Sequence[WordKind], within: Span | None = None) -> list[Line]:
        """Return the lines of these kinds that touch a span, in time order."""
        rows = np.flatnonzero(self.index.mask(kinds, within)) if self.units else ()
        return sorted((self.index.lines[row] for row in rows), key=lambda line: line.span)

    def encode(self, encoder: TextEncoder, progress: Listener | None = None) -> np.ndarray:
        """Return the vectors of all units, float32 [units, D], making those that are missing."""
        kept, vectors = self._encoded.get(encoder.id, (None, None))
        if kept is None or vectors is None or not vectors.any(axis=1).all():
            kept = kept or TextVectors(self._folder, encoder)
            texts = [unit.text for unit in self.units]
            vectors = kept.vectors(texts, progress=progress)
            self._encoded[encoder.id] = kept, vectors
        return vectors

    def search(
        self,
        query: str,
        kinds: Sequence[WordKind],
        top_k: int,
        within: Span | None = None,
        encoder: TextEncoder | None = None,
    ) -> list[WordHit]:
        """Return the lines that answer a query, best first; see `FilmIndex.search_words`."""
        if top_k < 1 or not self.units:
            return []
        hits = search_lines(self.index, query, kinds, top_k if encoder is None else _DEPTH, within)
        if encoder is None:
            return hits
        found = {hit.line: hit for hit in hits}
        fused = {hit.line: 1.0 / (_RRF_K + rank) for rank, hit in enumerate(hits, 1)}
        cosines = self._cosines([query], encoder)[0]
        open_ = self.index.mask(kinds, within)
        ranked = [unit for unit in _ranking(cosines)[: _DEPTH * 4] if open_[self._first[unit]]]
        for rank, unit in enumerate(ranked[:_DEPTH], 1):
            lines = self.units[unit].lines
            line = max(lines, key=lambda line: found[line].score if line in found else 0.0)
            hit = found.get(line, WordHit(line, 0.0))
            found[line] = WordHit(line, max(hit.score, float(cosines[unit])), hit.matched)
            fused[line] = fused.get(line, 0.0) + 1.0 / (_RRF_K + rank)
        return [found[line] for line in sorted(found, key=lambda line: -fused[line])[:top_k]]

    def passages(
        self,
        queries: Sequence[str],
        kinds: Sequence[WordKind],
        top_k: int,
        within: Span | None = None,
        encoder: TextEncoder | None = None,
    ) -> list[Passage]:
        """Return the passages that answer any of the queries; see `FilmIndex.passages`."""
        if top_k < 1 or not self.units or not queries:
            return []
        line_open = self.index.mask(kinds, within)
        open_ = np.logical_or.reduceat(line_open, self._first)
        matches = [self.index.match(query) for query in queries]
        cosines = None if encoder is None else self._cosines(queries, encoder)
        fused = np.zeros(len(self.units))
        for match in matches:
            bm25 = np.add.reduceat(np.where(match.telling(), match.bm25, 0.0), self._first)
            _add_ranks(fused, np.where(open_, bm25, 0.0))
        for row in () if cosines is None else cosines:
            _add_ranks(fused, np.where(open_, row, 0.0))
        strength = np.max([self._shares(match) for match in matches], axis=0)
        best = [int(unit) for unit in _ranking(fused)[: 3 * top_k + 5] if fused[unit] > 0]
        found: list[tuple[float, Passage, int]] = []
        taken: set[int] = set()
        for unit in best:
            if unit in taken:
                continue
            members = self._grow(unit, strength, open_)
            taken.update(members)
            found.append((fused[unit], self._passage(members, matches, cosines), unit))
        vectors = None if encoder is None else self.encode(encoder)
        return _spread(found, top_k, vectors)

    def _shares(self, match: Match) -> np.ndarray:
        """Return the share of a query that each unit holds, float32 [units]."""
        if not match.terms:
            return np.zeros(len(self.units), np.float32)
        held = np.maximum.reduceat(match.strength, self._first, axis=1)
        return np.minimum(match.weights @ held, 1.0)

    def _cosines(self, queries: Sequence[str], encoder: TextEncoder) -> np.ndarray:
        vectors = self.encode(encoder)
        asked = np.asarray(encoder.encode(list(queries)), np.float32)
        return np.clip(asked @ vectors.T, 0.0, 1.0)

    def _grow(self, unit: int, strength: np.ndarray, open_: np.ndarray) -> list[int]:
        """Return a unit of speech with the neighbours that make it a passage; others stay alone."""
        first = last = unit
        if self.units[unit].kind != "speech":
            return [unit]
        while True:
            span = Span(self.units[first].span.start, self._end(first, last))
            sides = []
            if self._follows(last, last + 1, open_):
                longer = self._end(first, last + 1) - span.start
                sides.append((float(strength[last + 1]), 1, longer))
            if self._follows(first - 1, first, open_):
                longer = span.end - self.units[first - 1].span.start
                sides.append((float(strength[first - 1]), 0, longer))
            sides = [side for side in sides if side[2] <= LONGEST]
            if span.duration >= SHORTEST:
                sides = [side for side in sides if side[0] >= max(0.2, strength[unit] / 2)]
            if not sides:
                return list(range(first, last + 1))
            if max(sides)[1]:
                last += 1
            else:
                first -= 1

    def _end(self, first: int, last: int) -> float:
        return max(unit.span.end for unit in self.units[first : last + 1])

    def _follows(self, before: int, after: int, open_: np.ndarray) -> bool:
        """Say whether two units are one after the other in one track."""
        if before < 0 or after >= len(self.units) or not (open_[before] and open_[after]):
            return False
        a, b = self.units[before], self.units[after]
        same = a.kind == b.kind and a.lines[0].source == b.lines[0].source
        return same and b.span.start - a.span.end <= _GAP

    def _passage(
        self, members: Sequence[int], matches: Sequence[Match], cosines: np.ndarray | None
    ) -> Passage:
        units = [self.units[unit] for unit in members]
        rows = np.flatnonzero(np.isin(self._unit_of, members))
        scores = [
            float(min(1.0, match.weights @ match.strength[:, rows].max(axis=1)))
            for match in matches
        ]
        best = int(np.argmax(scores))
        score = scores[best]
        if cosines is not None:
            score = max(score, float(cosines[:, list(members)].max()))
        span = Span(units[0].span.start, max(unit.span.end for unit in units))
        lines = tuple(line for unit in units for line in unit.lines)
        if units[0].kind == "text":
            lines = self._slide(units[0])
        text = slide_text(lines) if units[0].kind == "text" else " ".join(u.text for u in units)
        matched = dict.fromkeys(word for match in matches for word in match.words(rows))
        return Passage(span, units[0].kind, text, lines, score, tuple(matched))

    def _slide(self, unit: Unit) -> tuple[Line, ...]:
        """Return all that is on screen with a slide for most of its time, in reading order."""
        beside = self.lines(("text",), unit.span)
        half = unit.span.duration / 2
        lines = [line for line in beside if line.span.overlap(unit.span) >= half]
        return tuple(line for row in slide_rows(lines or unit.lines) for line in row)


def _ranking(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, kind="stable")


def _add_ranks(fused: np.ndarray, scores: np.ndarray) -> None:
    order = _ranking(scores)[:_DEPTH]
    order = order[scores[order] > 0]
    fused[order] += 1.0 / (_RRF_K + np.arange(1, len(order) + 1))


def _spread(
    found: Sequence[tuple[float, Passage, int]], top_k: int, vectors: np.ndarray | None
) -> list[Passage]:
    """Pick passages by maximal marginal relevance: good ones that say something new."""
    top = max((relevance for relevance, _, _ in found), default=1.0)
    words = [frozenset(words_of(passage.text)) for _, passage, _ in found]

    def alike(a: int, b: int) -> float:
        shared = len(words[a] & words[b]) / max(1, len(words[a] | words[b]))
        if vectors is None:
            return shared
        return max(shared, float(vectors[found[a][2]] @ vectors[found[b][2]]))

    picked: list[int] = []
    rest = list(range(len(found)))
    while rest and len(picked) < top_k:
        gains = [
            _MMR * found[at][0] / top
            - (1 - _MMR) * max((alike(at, k) for k in picked), default=0.0)
            for at in rest
        ]
        picked.append(rest.pop(int(np.argmax(gains))))
    return [found[at][1] for at in picked]
