"""tempo: every segment gets room by how surely it holds evidence for the question.

After Tempo, *Small VLMs are smart compressors* (arXiv 2604.08120): segments of eight frames at 2
frames a second; a small VLM says of each whether it is relevant, r = p(yes) / (p(yes) + p(no));
adaptive token allocation (`allocate`) shares a budget of tokens out by r. Tempo's compressor, which
turns a segment into any number of tokens, is trained. Frames are shown here instead: a frame of
full size stands for a segment's 128 tokens, so that a segment shows up to four frames at half size.
There are two segments to a frame of the budget, as in the paper's 8192 tokens for 1024 frames, and
128 of them at most.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ....index.video.span import Span
from ...types import Cost
from ..scaling import largest_remainder, relevance
from ..selection import FilmFacts, Selection
from ..uniform import UNLIKE, evenly, uniform

SEGMENT_TOKENS = 128  # most of a segment; also what a frame of full size counts here
LEAST_TOKENS = 4  # least of a segment
SEGMENT_SECONDS = 4.0  # eight frames at 2 a second
MOST_SEGMENTS = 128  # 1024 frames in all, as in the paper
SCALE = 2.0
FRAME_TOKENS = int(SEGMENT_TOKENS / SCALE**2)  # of one frame at half size
RELEVANT = 0.2
"""Least relevance of the best segment: below it the min-max scaling would magnify noise (ours)."""


def tempo(facts: FilmFacts, budget: int) -> Selection:
    """Allocate `128 x budget` tokens to segments, shown as frames of half size.

    Relevance is asked of a model where `facts.helpers.relevance` is given: one call a segment, 128
    at most. Without, a segment counts by its best instant's likeness to the cues; evenly where
    there is none either, or where nothing is relevant.
    """
    segments = _segments(facts, min(MOST_SEGMENTS, 2 * budget))
    scores, cost = _scores(facts, segments)
    if scores is None or scores.max() < RELEVANT:
        why = UNLIKE if scores is None else "no segment is relevant: spread evenly"
        return replace(evenly(facts, budget, why), cost=cost)
    tokens = allocate(scores, SEGMENT_TOKENS * budget)
    frames = largest_remainder(tokens, max(1, int(tokens.sum()) // FRAME_TOKENS))
    most = facts.most_frames or budget * int(SCALE**2)
    seconds: list[float] = []
    wanted: list[float] = []
    for row in np.argsort(-scores, kind="stable").tolist():
        count = min(int(frames[row]), most - len(seconds))
        span = segments[row]
        seconds += (span.start + (np.arange(count) + 0.5) * span.duration / max(1, count)).tolist()
        wanted += [float(np.clip(scores[row], 0.0, 1.0))] * count
    order = np.argsort(seconds)
    shown = np.array(seconds)[order]
    if not len(shown):
        return uniform(facts, budget)
    return Selection(shown, np.array(wanted)[order], np.full(len(shown), SCALE), (), cost)


def allocate(relevant: np.ndarray, budget: int) -> np.ndarray:
    """Share tokens out by relevance: the paper's adaptive token allocation, int64 [n].

    What a segment cannot use is not given to others, and of a budget that pays for all the rest is
    left, both as in the paper. With more segments than tokens the most relevant get one each; the
    original goes over its budget there.

    Args:
        relevant: of each segment, [n].
        budget: tokens in all.
    """
    most, least = SEGMENT_TOKENS, LEAST_TOKENS
    r = np.nan_to_num(np.asarray(relevant, np.float64))
    count = len(r)
    if count > budget:
        given = np.zeros(count, np.int64)
        given[np.argsort(-r, kind="stable")[:budget]] = 1
        return given
    if count * least > budget:
        least = max(1, budget // count)
    if r.max() - r.min() < 1e-8:
        return np.full(count, min(most, budget // count), np.int64)
    weight = (r - r.min()) / (r.max() - r.min())
    ideal = least + np.floor(weight * (most - least)).astype(np.int64)
    if ideal.sum() <= budget:
        return ideal
    extra = budget - count * least
    share = weight / weight.sum()
    given = np.floor(share * extra).astype(np.int64)
    given[np.argsort(-share, kind="stable")[: extra - int(given.sum())]] += 1
    return np.clip(least + given, least, most)


def _segments(facts: FilmFacts, most: int) -> list[Span]:
    """Divide what decodes into windows that do not overlap, longer ones in a long film."""
    parts = facts.parts
    whole = sum(part.duration for part in parts)
    # short stretches round up, so a film of many holes may have a few windows more
    length = max(SEGMENT_SECONDS, whole / most)
    segments = []
    for part in parts:
        count = max(1, round(part.duration / length))
        edges = np.linspace(part.start, part.end, count + 1)
        segments += [Span(float(a), float(b)) for a, b in pairwise(edges)]
    return segments


def _scores(facts: FilmFacts, segments: list[Span]) -> tuple[np.ndarray | None, Cost]:
    if facts.helpers.relevance is not None:
        said = facts.helpers.relevance(segments)
        if said is not None:
            return np.nan_to_num(np.asarray(said[0], np.float64)), said[1]
    wanted = relevance(facts)
    if wanted is None:
        return None, Cost()
    starts = np.array([segment.start for segment in segments])
    owner = np.clip(np.searchsorted(starts, facts.seconds, side="right") - 1, 0, None)
    scores = np.zeros(len(segments))
    np.maximum.at(scores, owner, wanted)
    return scores, Cost()
