"""mixed: half of the budget evenly over a film, half where pictures and words tell of the cues."""

from __future__ import annotations

from .cues import cues
from .scaling import relevance
from .selection import FilmFacts, Selection, selected
from .uniform import uniform


def mixed(facts: FilmFacts, budget: int) -> Selection:
    """Spend half evenly and half by `cues`; what that leaves goes evenly too.

    The even half keeps a wrong guess from hiding the film; the other half finds what is short.
    """
    aimed: list[tuple[float, float]] = []
    if budget > 1 and (any(facts.passages) or relevance(facts) is not None):
        found = cues(facts, budget // 2)
        aimed = [*zip(found.seconds.tolist(), found.scores.tolist(), strict=True)]
    even = uniform(facts, budget - len(aimed)).seconds.tolist()
    return selected([*aimed, *((second, 0.0) for second in even)], facts, budget)
