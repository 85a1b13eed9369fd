"""Which frames to look at: ways to spend a frame budget, by name.

A selector is a function `(facts, budget) -> Selection`: from what is known of the film
(`FilmFacts`: its clock, its samples' vectors, how like each cue they are, the passages about each
cue, what the question needs) to seconds, rising, each once. `budget` counts frames of full size; a
method that shows smaller ones says at what `scales`, and may return more of them. What asks a model
does so only through `FilmFacts.helpers`, and falls back without. One file a selector; a new one is
that file and a line in `SELECTORS`.

Public names: `SELECTORS`, `USUAL`, `SelectorName`, `Selector`, `Selection`, `FilmFacts`, `Helpers`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

from .by_cluster.curvature import curvature
from .by_cluster.ktv import ktv
from .by_cluster.sevices import sevices
from .by_model.tempo import tempo
from .by_model.tstar import tstar
from .by_similarity.binmax import binmax
from .by_similarity.f2c import f2c
from .by_similarity.freevideo import freevideo
from .by_similarity.topk import topk
from .cues import cues
from .goldfish import goldfish
from .itg import itg
from .mixed import mixed
from .selection import FilmFacts, Helpers, Selection, Selector
from .shots import shots
from .uniform import uniform
from .words import words

__all__ = ["SELECTORS", "USUAL", "FilmFacts", "Helpers", "Selection", "Selector", "SelectorName"]

SELECTORS: dict[str, Selector] = {
    "uniform": uniform,
    "binmax": binmax,
    "topk": topk,
    "ktv": ktv,
    "f2c": f2c,
    "tstar": tstar,
    "sevices": sevices,
    "tempo": tempo,
    "itg": itg,
    "goldfish": goldfish,
    "curvature": curvature,
    "freevideo": freevideo,
    "shots": shots,
    "words": words,
    "cues": cues,
    "mixed": mixed,
}

USUAL = "cues"
"""The selector of a first look that knows what to look for: the one that hits most of the evidence
within 32 frames (docs/benchmarks.md)."""

SelectorName = Annotated[
    str, GetPydanticSchema(lambda _type, _handler: core_schema.literal_schema([*SELECTORS]))
]
"""A name in `SELECTORS`, as an argument."""
