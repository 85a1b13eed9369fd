"""Which frames to look at: ways to spend a frame budget, by name.

A selector is a function `(facts, budget) -> Selection`: from what is known of the film
(`FilmFacts`: its clock, its samples' vectors, how like each cue they are, the passages about each
cue) to at most `budget` seconds, rising, each once. It decodes nothing and asks no model. One file
a selector; a new one is that file and a line in `SELECTORS`.

Public names: `SELECTORS`, `SelectorName`, `Selector`, `Selection`, `FilmFacts`.
"""

from __future__ import annotations

from typing import Literal

from .mixed import mixed
from .selection import FilmFacts, Selection, Selector
from .topk import topk
from .uniform import uniform
from .words import words

__all__ = ["SELECTORS", "FilmFacts", "Selection", "Selector", "SelectorName"]

SelectorName = Literal["uniform", "topk", "words", "mixed"]
SELECTORS: dict[SelectorName, Selector] = {
    "uniform": uniform,
    "topk": topk,
    "words": words,
    "mixed": mixed,
}
