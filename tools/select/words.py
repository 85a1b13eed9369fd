"""words: the instants at which the best passages about the cues are said, shown or captioned."""

from __future__ import annotations

from itertools import zip_longest

from .selection import FilmFacts, Selection, selected
from .uniform import uniform


def words(facts: FilmFacts, budget: int) -> Selection:
    """Pick the middle of each passage, the cues taking turns; evenly spread where there is none.

    A long passage is looked at in its middle only: what is said is in the notes, what is shown
    meanwhile seldom changes.
    """
    turns = zip_longest(*facts.passages)
    lines = [line for turn in turns for line in turn if line is not None]
    picks = [(line.span.middle, line.score) for line in lines]
    found = selected(picks, facts, budget)
    return found if len(found) else uniform(facts, budget)
