"""Recipes for a question that names a time, and nothing to look for: `what is said at 2:00`."""

from __future__ import annotations

import re

from ...agent.planners.base import Claim, Done
from ...index.video.span import Span
from ...tools.results import Described
from ..grammar.phrases import mentions
from ..grammar.reading import Reading
from . import calls
from .closeups import best_look, conclude
from .findings import Recipe, Sighting, absent, evidence_at, sightings, verdict
from .words import read_there, said

_NOTHING = frozenset(
    re.findall(
        r"\w+",
        "on in the a an screen picture frame shot scene film video place at is are can be we you i "
        "one do see seen shown show shows visible there happens happen happening going takes take "
        "look looks like describe said say says spoken heard hear what which to and then",
    )
)
_SAID = re.compile(
    r"\b(?:said|says?|saying|spoken|speak\w*|heard?|narrat\w+|voice|talk\w*)\b", re.I
)
MOST_CHECKED = 3
"""How many of the things in a description are put to the VLM again."""

MOST_SECONDS = 60.0
"""The longest span that one call describes."""


def names_nothing(reading: Reading) -> bool:
    """Say whether a question with a time asks what there is, instead of about a named thing."""
    if reading.within is None or reading.kind not in ("generic", "speech", "read", "retrieve"):
        return False
    if reading.place:
        return False
    named = f"{reading.subject if reading.kind != 'read' else ''} {reading.anchor}"
    return not [word for word in re.findall(r"\w+", named.lower()) if word not in _NOTHING]


def looks_only(reading: Reading) -> bool:
    """Say whether such a question can only be answered by looking."""
    return reading.kind not in ("read", "speech") and not _SAID.search(reading.question)


def at_moment(reading: Reading) -> Recipe:
    """Tell what is said, written or shown in the part of the film that the question names."""
    assert reading.within is not None
    span = Span(*reading.within)
    if reading.kind == "read":
        return (yield from read_there(reading, span))
    if not looks_only(reading):
        return (yield from _heard(reading, span))
    return (yield from _seen(reading, span))


def _heard(reading: Reading, span: Span) -> Recipe:
    lines = sorted(sightings((yield calls.read_transcript(span))), key=lambda line: line.span.start)
    if not lines:
        return absent(f"speech at {span}")
    for line in lines:
        for letter, choice in zip(reading.letters, reading.choices, strict=True):
            if mentions(line.words, choice):
                return Done(choice, letter, 0.9, "speech", {letter: 0.9}, said(line, choice))
    if reading.choices:
        return absent(f"any of the choices in speech at {span}", 0.4)
    claims = tuple(claim for line in lines for claim in said(line, line.words))
    return Done(" ".join(line.words for line in lines), None, 0.9, "speech", claims=claims)


def _seen(reading: Reading, span: Span) -> Recipe:
    where = Sighting(span, 1.0, None, span.middle)
    if reading.choices:
        seen = yield from best_look(reading, [where], lambda item: calls.zoom_time([item.span]))
        return conclude(reading, seen, f"what is asked, at {span}")
    span = Span(span.start, min(span.end, span.start + MOST_SECONDS))
    found = yield calls.caption(span)
    text = found.payload.caption.strip() if isinstance(found.payload, Described) else ""
    if not text:
        return absent(f"anything to describe at {span}", 0.4)
    # a list as a whole is refuted by its weakest word, so each of the first things stands alone
    claims: list[Claim] = []
    for thing in _things(text)[:MOST_CHECKED]:
        checked = yield calls.verify(thing, span)
        judged, cited = verdict(checked), evidence_at(checked, span)
        if judged is not None and judged.verdict == "supported" and cited:
            claims.append(Claim(cited.id, thing))
    caveats = () if claims else ("what is described was not verified",)
    return Done(text, None, 0.7, "caption", claims=tuple(claims), caveats=caveats)


def _things(caption: str) -> list[str]:
    """Return what a caption lists, without the place that it begins with."""
    listed = re.sub(r"^[^:,;]*:\s*", "", caption)
    return [thing for thing in re.split(r"\s*[,;]\s*", listed) if thing]
