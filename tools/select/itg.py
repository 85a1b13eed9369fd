"""itg: one of four ways to spend a budget, by what the question needs.

After VideoITG (arXiv 2507.13353), its instruction router without its trained scorer. Semantic only
(what is there, what is written): unlike frames where the cues are (`topk`). Motion only:
consecutive frames around the peaks (`f2c`). Both: half of each. Non-clue (about the film as a
whole, or nothing is known of the question): diverse over the whole film (`ktv`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from .by_cluster.ktv import ktv
from .by_similarity.f2c import f2c
from .by_similarity.topk import topk
from .scaling import relevance
from .selection import FilmFacts, Selection, selected
from .shots import shots
from .uniform import filled

Mode = Literal["semantic", "motion", "both", "non-clue"]
MOTION = frozenset({"count", "order", "motion"})
SEMANTIC = frozenset({"read", "listen", "detail"})


def mode_of(scope: str, needs: frozenset[str]) -> Mode:
    """Return how to look, from what is known of the question (see `FilmFacts.needs`)."""
    moves, means = bool(needs & MOTION), bool(needs & SEMANTIC)
    if moves:
        return "both" if means or "cause" in needs else "motion"
    if means or "cause" in needs or scope in ("part", "moment"):
        return "semantic"
    return "non-clue"


def itg(facts: FilmFacts, budget: int) -> Selection:
    """Route to the other selectors; without relevance the film is covered as by `non-clue`."""
    mode = mode_of(facts.scope, facts.needs)
    if mode == "non-clue" or relevance(facts) is None:
        return ktv(facts, budget) if facts.vectors is not None else shots(facts, budget)
    if mode == "semantic":
        return filled(topk(facts, budget), facts, budget)
    if mode == "motion" or budget < 2:
        return f2c(facts, budget)
    # at full size, or half of the frames would be half as large
    clips = f2c(_at_full_size(facts, budget // 2), budget // 2)
    still = topk(facts, budget - budget // 2)
    pairs = [
        *zip(clips.seconds, clips.scores, strict=True),
        *zip(still.seconds, still.scores, strict=True),
    ]
    return filled(selected(pairs, facts, budget), facts, budget)


def _at_full_size(facts: FilmFacts, budget: int) -> FilmFacts:
    return replace(facts, most_frames=budget)
