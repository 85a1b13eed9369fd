"""goldfish: frames of the clips whose words tell most of the question.

After Goldfish (MiniGPT4-video, ECCV 2024): a film is cut into clips of 80 seconds, the words of
each (what is said, what captions say) are ranked by their likeness to the question, and the best
distinct clips are shown. The documents here are the index's passages, ranked by words and by
meaning. The original takes three documents, which may lie in one clip or two, answers from text
alone, and loses the order; here documents are taken until the clips are distinct, frames of the
clips are shown, and clips stay in time order.
"""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from ...index.video.span import Span
from .selection import FilmFacts, Selection, selected
from .uniform import filled, uniform

CLIP_SECONDS = 80.0
CLIPS = 3
FEWEST = 2
"""Frames that a clip is worth: with a smaller budget fewer clips are shown."""


def goldfish(facts: FilmFacts, budget: int) -> Selection:
    """Share the budget evenly among the best clips; evenly over the film where it has no words.

    A question about the whole film (`scope`) takes every clip that has a passage. Cost: O(passages
    + budget).
    """
    ranked = _clips(facts)
    if not ranked:
        return uniform(facts, budget)
    count = len(ranked) if facts.scope == "whole" else CLIPS
    clips = sorted(ranked[: max(1, min(count, budget // FEWEST))], key=lambda clip: clip[0].start)
    each, left = divmod(budget, len(clips))
    picks: list[tuple[float, float]] = []
    for row, (clip, score) in enumerate(clips):
        count = each + (row < left)
        even = clip.start + (np.arange(count) + 0.5) * clip.duration / max(1, count)
        picks += [(float(second), score) for second in even]
    return filled(selected(picks, facts, budget), facts, budget)


def _clips(facts: FilmFacts) -> list[tuple[Span, float]]:
    """Return the distinct clips with the score of their best passage, best first."""
    cues = [list(lines) for lines in facts.passages]
    lines = [line for turn in zip_longest(*cues) for line in turn if line is not None]
    lines.sort(key=lambda line: -line.score)
    best: dict[int, float] = {}
    for line in lines:
        middle = min(max(line.span.middle, facts.within.start), facts.within.end)
        best.setdefault(int((middle - facts.within.start) // CLIP_SECONDS), line.score)
    clips = []
    for number, score in best.items():
        start = facts.within.start + number * CLIP_SECONDS
        end = min(start + CLIP_SECONDS, facts.within.end)
        if end > start:
            clips.append((Span(start, end), float(np.clip(score, 0.0, 1.0))))
    return clips
