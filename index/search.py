"""Where in a film something is: what it looks like, what is said, read and written about it.

Every modality ranks the film's clips by its own score; the ranks are fused, because the scores of
different modalities have nothing in common (reciprocal rank fusion: Cormack, Clarke and Büttcher,
SIGIR 2009).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from .film_index import FilmIndex
from .protocols import Encoder, TextEncoder
from .video.errors import UsageError
from .video.span import Span
from .words.lines import KINDS, WordHit, WordKind

Modality = Literal["fused", "visual", "speech", "text", "caption"]
# the constant of the paper: flat enough that two middling ranks beat one good one
_RRF_K = 60
_DEPTH = 50
_SNIPPET = 160
_MAX_RUN_SECONDS = 60.0
KNOWN_FROM = 0.5
"""Share of a film's frames of a model's own kind from which the model may speak of the film."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the film that answers a query.

    Attributes:
        span: when: a run of frames alike, or the line of words.
        score: 0 to 1; fused ranks, or the one modality's own score.
        scores: score by modality: the cosine for `visual`, the share of matched terms for words.
        ranks: rank by modality, from 1.
        snippet: the line of words found there; empty for a purely visual hit.
        clip_id: the clip it lies in.
        second: the best instant inside the span.
    """

    span: Span
    score: float
    scores: dict[str, float]
    ranks: dict[str, int]
    snippet: str
    clip_id: int | None
    second: float


@dataclass
class _Candidate:
    """One clip on its way to a hit."""

    clip: int
    scores: dict[str, float] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    snippets: dict[str, str] = field(default_factory=dict)


def search(
    index: FilmIndex,
    encoder: Encoder | None,
    query: str,
    *,
    top_k: int = 8,
    modality: Modality = "fused",
    within: Span | None = None,
    exclude: Sequence[Span] = (),
    min_gap: float = 5.0,
    text_encoder: TextEncoder | None = None,
) -> list[Hit]:
    """Return the places that answer a query, best first.

    Args:
        index: the film.
        encoder: the one that made the index; None searches by words alone. It is not used, hence
            not loaded, where `modality` is one of words.
        query: words.
        top_k: how many hits at most.
        modality: one of them, or all fused.
        within: look only there.
        exclude: spans that are not wanted again.
        min_gap: hits lie at least so many seconds apart.
        text_encoder: finds words by meaning too.

    Raises:
        UsageError: the query is empty, or an argument is outside what is allowed.
    """
    _check(query, modality, top_k, encoder)
    found: dict[int, _Candidate] = {}
    lists = 0
    if encoder is not None and modality in ("fused", "visual"):
        _rank_frames(index, encoder, query, within, exclude, found)
        lists += 1
    for kind in KINDS:
        if modality in ("fused", kind):
            lines = index.search_words(query, kind, _DEPTH * 2, within, text_encoder)
            lists += _rank_lines(index, lines, kind, exclude, found)
    hits = [_hit(candidate, modality, max(1, lists)) for candidate in found.values()]
    hits.sort(key=lambda hit: (-hit.score, hit.second))
    return _spread(hits, top_k, min_gap)


def _check(query: str, modality: Modality, top_k: int, encoder: Encoder | None) -> None:
    if not isinstance(query, str) or not query.strip():
        raise UsageError("query is empty: write what to look for")
    if modality not in get_args(Modality):
        raise UsageError(f"modality = {modality!r}: choose from {', '.join(get_args(Modality))}")
    if top_k < 1:
        raise UsageError(f"top_k = {top_k}: must be at least 1")
    if modality == "visual" and encoder is None:
        raise UsageError(
            "modality = 'visual': there is no encoder to search pictures with",
            "set an encoder, or search speech, text or caption",
        )


def known_share(index: FilmIndex, encoder: Encoder | None) -> float | None:
    """Return the share of a film's frames of a kind that the encoder was taught.

    None where there is no encoder, no sample, or the encoder cannot tell: one that can has
    `covers(vectors) -> share`.
    """
    tell = getattr(encoder, "covers", None)
    if tell is None or not len(index.sample_seconds):
        return None
    return tell(index.vectors[index.row_of_sample])


def fitting_encoder(index: FilmIndex, encoder: Encoder | None) -> Encoder | None:
    """Return the encoder to search a film with; None where it was taught other pictures."""
    known = known_share(index, encoder)
    return None if known is not None and known < KNOWN_FROM else encoder


def _rank_frames(
    index: FilmIndex,
    encoder: Encoder,
    query: str,
    within: Span | None,
    exclude: Sequence[Span],
    found: dict[int, _Candidate],
) -> None:
    scores = index.similarity(encoder.encode_texts([query])[0])
    seconds = index.sample_seconds
    open_ = np.ones(len(seconds), bool)
    if within:
        open_ &= (seconds >= within.start) & (seconds < within.end)
    for span in exclude:
        open_ &= (seconds < span.start) | (seconds >= span.end)
    clip_of = _clip_of(index, seconds)
    # the best sample of each clip: sort by clip, then by score, and take each clip's last
    rows = np.flatnonzero(open_)
    rows = rows[np.lexsort((scores[rows], clip_of[rows]))]
    last = np.flatnonzero(np.diff(clip_of[rows], append=-1))
    best = rows[last]
    best = best[np.argsort(-scores[best], kind="stable")][:_DEPTH]
    middle = float(np.median(scores)) if len(scores) else 0.0
    for rank, row in enumerate(best, 1):
        candidate = found.setdefault(int(clip_of[row]), _Candidate(int(clip_of[row])))
        candidate.scores["visual"] = float(scores[row])
        candidate.ranks["visual"] = rank
        candidate.spans["visual"] = _run(index, scores, open_, int(row), middle)
        candidate.seconds["visual"] = float(seconds[row])


def _run(index: FilmIndex, scores: np.ndarray, open_: np.ndarray, peak: int, middle: float) -> Span:
    """Return the stretch around a peak that stays above half its height over the median."""
    seconds, step = index.sample_seconds, 1.0 / index.fps
    level = (scores[peak] + middle) / 2
    first = last = peak

    def joins(a: int, b: int) -> bool:
        near = abs(seconds[b] - seconds[a]) <= 1.5 * step
        short = abs(seconds[b] - seconds[peak]) <= _MAX_RUN_SECONDS / 2
        return bool(open_[b] and scores[b] >= level and near and short)

    while first > 0 and joins(first, first - 1):
        first -= 1
    while last + 1 < len(seconds) and joins(last, last + 1):
        last += 1
    end = min(float(seconds[last]) + step, index.info.duration)
    return Span(float(seconds[first]), max(end, math.nextafter(float(seconds[last]), math.inf)))


def _rank_lines(
    index: FilmIndex,
    lines: Sequence[WordHit],
    kind: WordKind,
    exclude: Sequence[Span],
    found: dict[int, _Candidate],
) -> bool:
    """Rank the clips by the best line in each; return whether anything was found."""
    rank = 0
    for line in lines:
        if any(span.overlap(line.span) > line.span.duration / 2 for span in exclude):
            continue
        clip = int(_clip_of(index, np.array([line.span.start]))[0])
        candidate = found.setdefault(clip, _Candidate(clip))
        if kind in candidate.ranks:
            continue
        rank += 1
        candidate.scores[kind] = line.score
        candidate.ranks[kind] = rank
        candidate.spans[kind] = line.span
        candidate.seconds[kind] = line.span.middle
        candidate.snippets[kind] = line.text[:_SNIPPET]
        if rank == _DEPTH:
            break
    return rank > 0


def _clip_of(index: FilmIndex, seconds: np.ndarray) -> np.ndarray:
    starts = np.array([clip.span.start for clip in index.clips])
    return np.maximum(0, np.searchsorted(starts, seconds, side="right") - 1)


def _hit(candidate: _Candidate, modality: Modality, lists: int) -> Hit:
    best = min(candidate.ranks, key=lambda name: (candidate.ranks[name], name == "visual"))
    if modality == "fused":
        fused = sum(1.0 / (_RRF_K + rank) for rank in candidate.ranks.values())
        score = fused * (_RRF_K + 1) / lists
    else:
        score = min(1.0, max(0.0, candidate.scores[modality]))
    words = [kind for kind in KINDS if kind in candidate.snippets]
    words.sort(key=lambda kind: candidate.ranks[kind])
    return Hit(
        span=candidate.spans[best],
        score=score,
        scores=dict(candidate.scores),
        ranks=dict(candidate.ranks),
        snippet=candidate.snippets[words[0]] if words else "",
        clip_id=candidate.clip,
        second=candidate.seconds[best],
    )


def _spread(hits: Sequence[Hit], top_k: int, min_gap: float) -> list[Hit]:
    """Keep the best hits that lie apart from all better ones."""
    kept: list[Hit] = []
    for hit in hits:
        if all(
            hit.span.overlap(other.span) == 0 and hit.span.distance(other.span) >= min_gap
            for other in kept
        ):
            kept.append(hit)
            if len(kept) == top_k:
                break
    return kept
