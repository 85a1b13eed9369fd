"""Recipes over what is written and said: signs, narration, and steps from these to the picture."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from ...agent.planners.base import Action, Claim, Done
from ...index.video.span import Span
from ...tools.results import Line, Lines
from ...tools.results import ToolResult as Found
from ...tools.types import Evidence
from ..grammar.phrases import likeness, mentions, with_article
from ..grammar.reading import Reading
from ..grammar.statements import anchor_phrase
from ..prompts import render
from . import calls
from .closeups import best_look, conclude
from .findings import (
    Recipe,
    Sighting,
    absent,
    chosen,
    evidence_at,
    occurrences,
    sightings,
    spoken,
    was_refused,
)

READ_FROM = 0.75
"""Likeness from which a line read on screen may be one of the options."""

EXACT = 0.97
"""Likeness of the same characters, in the same order."""

_SAYS = re.compile(
    r"\b(?:is|are|was|were|reads|says|equals)\s+(?:now |still |called )?(.+?)[.!?]?$", re.I
)

AFTER_SECONDS = 10.0
"""How long after a sign `right after` still is; scenes seldom last longer."""


def read(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find what the sign stands beside, then read there."""
    if not reading.anchor and not reading.place:
        return (yield from read_anywhere(reading))
    phrase = anchor_phrase(reading)
    near = with_article(reading.anchor)
    seen = yield from occurrences(phrase, refuted)
    # one of the very options beside a thing seen faintly speaks for both
    faint = seen.faint if reading.choices else ()
    best: tuple[float, str, Sighting, Found, str] | None = None
    for item in [*seen.strong, *seen.refused, *faint][:4]:
        found = yield calls.read_text(item.span, near or None)
        match = match_lines(reading, found)
        if match and item in faint and match[0] < EXACT:
            continue
        if match and (best is None or match[0] > best[0]):
            best = (*match[:1], match[1], item, found, match[2])
        if best and best[0] >= EXACT:
            break
    if best is None:
        return absent(f"a sign beside {near}" if near else phrase)
    likely, words, item, found, letter = best
    evidence = text_evidence(found, words) or evidence_at(found, item.span)
    claims = (
        (Claim(evidence.id, render("claim_text", words=words), "text", words),) if evidence else ()
    )
    raw = likely * (0.5 + 0.5 * item.score)
    if letter:
        return chosen(reading, letter, raw, claims, method="text")
    return Done(words, None, raw, "text", claims=claims)


def read_there(reading: Reading, span: Span) -> Recipe:
    """Read what is written at a time that the question names."""
    found = yield calls.read_text(span)
    match = match_lines(reading, found)
    if match is None:
        return absent(f"text on screen at {span}")
    likely, words, letter = match
    evidence = text_evidence(found, words) or evidence_at(found, span)
    claims = (
        (Claim(evidence.id, render("claim_text", words=words), "text", words),) if evidence else ()
    )
    if letter:
        return chosen(reading, letter, likely, claims, method="text")
    return Done(words, None, likely, "text", claims=claims)


def read_anywhere(reading: Reading) -> Recipe:
    """Look for each option in all that is written in the film."""
    for letter, choice in zip(reading.letters, reading.choices, strict=True):
        hits = yield calls.search_written(choice, 5)
        for hit in sightings(hits):
            if likeness(hit.words, choice) >= 0.97 and hit.evidence:
                claim = Claim(hit.evidence.id, render("claim_text", words=choice), "text", choice)
                return chosen(reading, letter, 0.8, (claim,), method="text")
    return absent("the text asked for", 0.4)


def match_lines(reading: Reading, found: Found) -> tuple[float, str, str] | None:
    """Match what was read with the options: likeness, the words, the letter (empty when open)."""
    lines: tuple[Line, ...] = found.payload.lines if isinstance(found.payload, Lines) else ()
    if not lines:
        return None
    if not reading.choices:
        # read_text gives the line nearest to the anchor first
        return lines[0].score, lines[0].text, ""
    texts = [line.text for line in lines]
    whole = " ".join(texts)
    ranked = sorted(
        (
            (
                max(likeness(text, choice) for text in [*texts, whole]),
                letter,
                choice,
            )
            for letter, choice in zip(reading.letters, reading.choices, strict=True)
        ),
        reverse=True,
    )
    likely, letter, choice = ranked[0]
    return (likely, choice, letter) if likely >= READ_FROM else None


def text_evidence(found: Found, words: str) -> Evidence | None:
    """Return the observation's text evidence that holds these words best."""
    texts = [item for item in found.evidence if item.kind == "text"]
    return max(texts, key=lambda item: likeness(item.text, words), default=None)


def speech(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the lines about the topic, then the option, or the rest of the sentence."""
    lines = yield from spoken(reading.subject)
    if not lines:
        return absent(f"speech about {reading.subject}")
    for line in lines:
        for letter, choice in zip(reading.letters, reading.choices, strict=True):
            if mentions(line.words, choice):
                raw = 0.5 + 0.5 * line.score
                return chosen(reading, letter, raw, said(line, choice), method="speech")
    best = lines[0]
    if reading.choices:
        return absent(f"any of the choices in speech about {reading.subject}", 0.4)
    answer = rest_of_sentence(best.words, reading.subject)
    return Done(answer, None, 0.5 + 0.4 * best.score, "speech", claims=said(best, answer))


def said(line: Sighting, words: str) -> tuple[Claim, ...]:
    """Return the claim that a line says these words."""
    says = render("claim_speech", words=line.words)
    return (Claim(line.evidence.id, says, "speech", words),) if line.evidence else ()


def rest_of_sentence(line: str, topic: str) -> str:
    """Return what a line says about a topic: what follows `is`, else the line itself."""
    text = re.sub(r"</?[^>]+>", "", line).strip()
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        match = _SAYS.search(sentence)
        if match and (mentions(sentence, topic) or sentence == text):
            return match.group(1).strip(" \"'“”")
    return text


def hop(reading: Reading, refuted: Sequence[Span]) -> Recipe:
    """Find the anchor by text, speech or sight, then look where it leads."""
    anchors = yield from hop_anchors(reading, refuted)
    if not anchors:
        return absent(reading.anchor)
    places = [moved(item, reading.relation) for item in anchors]
    seen = yield from best_look(
        reading, places, lambda item: calls.zoom_time([item.span], ask=reading.inner)
    )
    return conclude(reading, seen, reading.anchor)


def hop_anchors(
    reading: Reading, refuted: Sequence[Span]
) -> Generator[Action, Found, list[Sighting]]:
    """Find where the anchor of a hop is written, said or seen."""
    if reading.anchor_kind == "speech":
        return (yield from spoken(reading.anchor))[:2]
    if reading.anchor_kind == "visual":
        return list((yield from occurrences(anchor_phrase(reading), refuted)).strong[:2])
    hits = yield calls.search_written(reading.anchor)
    scored = [(likeness(hit.words, reading.anchor), hit) for hit in sightings(hits)]
    exact = [hit for like, hit in scored if like >= 0.96]
    if not exact:
        exact = [hit for like, hit in scored if like >= 0.85]
    return [hit for hit in exact if not was_refused(hit.span, refuted)][:2]


def moved(item: Sighting, relation: str) -> Sighting:
    """Return the span that the relation leads to from a sighting."""
    span = item.span
    if relation == "after":
        span = Span(span.end, span.end + AFTER_SECONDS)
    elif relation == "before":
        span = Span(max(0.0, span.start - AFTER_SECONDS), max(span.start, 0.1))
    else:
        span = span.pad(0.5)
    return Sighting(span, item.score, item.evidence, span.middle, item.words)
