"""mixed: half of the budget evenly over a film, half where pictures and words tell of the cues."""

from __future__ import annotations

from itertools import chain, zip_longest

from .by_similarity.topk import topk
from .scaling import relevance
from .selection import FilmFacts, Selection, selected
from .uniform import uniform
from .words import words


def mixed(facts: FilmFacts, budget: int) -> Selection:
    """Spend half evenly and half by `topk` and `words` in turn; what those leave goes evenly too.

    The even half keeps a wrong guess from hiding the film; the other half finds what is short.
    """
    chosen = [
        sorted(zip(found.scores, found.seconds, strict=True), reverse=True)
        for found in _guesses(facts, budget // 2)
    ]
    turns = chain.from_iterable(zip_longest(*chosen))
    guessed = [(second, score) for score, second in filter(None, turns)]
    aimed = selected(guessed, facts, budget // 2)
    even = uniform(facts, budget - len(aimed))
    picks = [*zip(aimed.seconds, aimed.scores, strict=True), *((s, 0.0) for s in even.seconds)]
    return selected(picks, facts, budget)


def _guesses(facts: FilmFacts, budget: int) -> list[Selection]:
    found = []
    if budget < 1:
        return found
    if relevance(facts) is not None:
        found.append(topk(facts, budget))
    if any(facts.passages):
        found.append(words(facts, budget))
    return found
