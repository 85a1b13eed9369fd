"""What recipes share: candidates found in the film, and steps that several recipes take."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ...agent.planners.base import Action, Claim, Done
from ...index.video.span import Span, format_seconds
from ...tools.results import Answered, Hits, Judged, Lines, Occurrences
from ...tools.results import ToolResult as Found
from ...tools.types import Evidence
from ..grammar.phrases import squeeze
from ..grammar.reading import Reading
from ..prompts import render
from . import calls

Recipe = Generator[Action, Found, Done]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A time at which something was found.

    Attributes:
        span: when.
        score: how strongly, 0 to 1.
        evidence: the finding to cite; None when the tool gave none.
        second: the best instant to look at.
        words: what was said or written, for speech and text.
    """

    span: Span
    score: float
    evidence: Evidence | None
    second: float
    words: str = ""

    def claim(self, says: str) -> tuple[Claim, ...]:
        """Return the claim that this sighting shows `says`; nothing to cite, no claim."""
        return (Claim(self.evidence.id, says),) if self.evidence else ()


def sightings(found: Found) -> list[Sighting]:
    """Read the places out of a result (occurrences, hits or lines), paired with its evidence.

    Best first.
    """
    payload, items = found.payload, []
    if isinstance(payload, Occurrences):
        items = [(item.span, item.score, item.span.middle, "") for item in payload.items]
    elif isinstance(payload, Hits):
        items = [(hit.span, hit.score, hit.second, hit.snippet) for hit in payload.hits]
    elif isinstance(payload, Lines):
        items = [(line.span, line.score, line.span.middle, line.text) for line in payload.lines]
    rows = [
        Sighting(span, score, evidence_at(found, span), second, words)
        for span, score, second, words in items
    ]
    return sorted(rows, key=lambda item: -item.score)


def evidence_at(found: Found, span: Span) -> Evidence | None:
    """Return the observation's evidence that overlaps a span most; None when none does."""
    best = max(found.evidence, key=lambda item: item.span.iou(span), default=None)
    return best if best is not None and best.span.overlap(span) > 0 else None


PRESENT = 0.62
"""Score from which a thing counts as seen: of 50 things that a tuning film did not show, the best
lookalike reached 0.59; of 38 that it did show once, 32 reached 0.66 (the rest were tiny or hidden)."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """All candidates for one thing, best first.

    Attributes:
        strong: seen, and not refused by an audit.
        refused: seen, but what was claimed of them did not stand.
        faint: not believed by themselves.
    """

    strong: tuple[Sighting, ...] = ()
    refused: tuple[Sighting, ...] = ()
    faint: tuple[Sighting, ...] = ()


def occurrences(
    phrase: str, refuted: Sequence[Span], *, search_too: bool = True
) -> Generator[Action, Found, Sightings]:
    """Find every time something is seen: enumerate, else search and verify."""
    items = sightings((yield calls.enumerate_all(phrase)))
    if not items and search_too:
        hits = yield calls.search(phrase, "visual", 3)
        for hit in sightings(hits)[:2]:
            near = around(hit)
            checked = yield calls.verify(phrase, near)
            judged = verdict(checked)
            if judged is not None and judged.verdict == "supported":
                evidence = evidence_at(checked, near) or hit.evidence
                items.append(Sighting(near, judged.score, evidence, hit.second))
                break
    seen = [item for item in items if item.score >= PRESENT]
    refused = [item for item in seen if was_refused(item.span, refuted)]
    return Sightings(
        tuple(item for item in seen if item not in refused),
        tuple(refused),
        tuple(item for item in items if item.score < PRESENT),
    )


def was_refused(span: Span, refuted: Sequence[Span]) -> bool:
    """Say whether an audit refused what was claimed of a span, or of a part of it."""
    return any(span.overlap(r) >= 0.5 * min(span.duration, r.duration) for r in refuted)


def around(hit: Sighting, reach: float = 3.0) -> Span:
    """Return the part of a hit's span within `reach` seconds of its best instant."""
    start, end = max(hit.span.start, hit.second - reach), min(hit.span.end, hit.second + reach)
    return Span(start, end) if end > start else hit.span


def spoken(topic: str) -> Generator[Action, Found, list[Sighting]]:
    """Find the lines that speak of a topic, those with most of its words first.

    A line about `the password of the hotel` must have every word of it: films speak of passwords of
    other places, and of other things of the hotel.
    """
    found = yield calls.search_speech(topic)
    least = 0.99 if " of " in f" {topic} " else 0.6
    scored = [(word_share(topic, line.words), line) for line in sightings(found)]
    kept = [pair for pair in scored if pair[0] >= least]
    kept.sort(key=lambda pair: (-pair[0], -pair[1].score))
    return [
        Sighting(line.span, share, line.evidence, line.second, line.words) for share, line in kept
    ]


_STOP = frozenset(
    re.findall(
        r"\w+",
        "the a an of in on at to is are was were and or for with by that this it its his her their "
        "what which who does do did about film narrator says said from as be",
    )
)


def content_words(text: str) -> list[str]:
    """Return the words that carry meaning, cut to their stems."""
    words = re.findall(r"\w+", squeeze(text).lower())
    return [re.sub(r"(?:'s|es|s|ed|ing)$", "", word) for word in words if word not in _STOP]


def word_share(topic: str, line: str) -> float:
    """Return the share of a topic's words that a line has, 0 to 1."""
    wanted = content_words(topic)
    present = set(content_words(line))
    return sum(word in present for word in wanted) / len(wanted) if wanted else 0.0


def absent(what: str, raw: float = 0.6) -> Done:
    """Return an abstention: what was asked about is not in the film."""
    return Done(
        None,
        raw=raw,
        abstain=True,
        reason="not_found",
        caveats=(render("not_found", subject=what),),
    )


def unclear(phrase: str) -> Done:
    """Return an abstention: the thing is in the film, what was asked about it was not made out."""
    caveat = f"{phrase} was seen, what was asked about it was not made out"
    return Done(None, raw=0.4, abstain=True, reason="not_found", caveats=(caveat,))


def chosen(
    reading: Reading,
    letter: str,
    raw: float,
    claims: tuple[Claim, ...],
    *,
    method: str = "recipe",
    options: dict[str, float] | None = None,
) -> Done:
    """Return the answer that is one of the options."""
    answer = reading.choices[reading.letters.index(letter)]
    return Done(answer, letter, raw, method, dict(options or {letter: raw}), claims)


def best_option(reading: Reading, found: Found) -> tuple[str, float] | None:
    """Return the option an observation favours and its probability."""
    options = {k: v for k, v in options_of(found).items() if k in reading.letters}
    if not options:
        return None
    letter = max(options, key=lambda key: options[key])
    return letter, options[letter]


def options_of(found: Found) -> dict[str, float]:
    """Return the options' probabilities that a result holds; empty where it has none."""
    payload = found.payload
    return dict(payload.options) if isinstance(payload, Answered) and not found.error else {}


def answer_in(found: Found) -> str:
    """Return the answer in words that a result holds; empty where it has none."""
    payload = found.payload
    return payload.answer.strip() if isinstance(payload, Answered) and not found.error else ""


def verdict(found: Found) -> Judged | None:
    """Return what a check came to; None where it failed."""
    return found.payload if isinstance(found.payload, Judged) and not found.error else None


def span_words(span: Span) -> str:
    """Return a span as an answer: `12:03.0-12:11.0`."""
    return f"{format_seconds(span.start)}-{format_seconds(span.end)}"
