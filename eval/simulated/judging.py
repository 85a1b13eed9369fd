"""What the played model says of pictures: whether claims hold, which frames show what, captions."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .evidence import Asked, Evidence, content_words
from .reading import Sent
from .sight import Sighting

BOX_NAMES = frozenset({"bbox_2d", "bbox", "box"})
"""What a schema may call the box of a thing: [left, top, right, bottom] in thousandths."""

_NUMBERED = re.compile(r"^\s*(?:\d+|[a-d])[.):]\s+(\S.*)$", re.MULTILINE)
_NOTED = re.compile(r"\s*(?:[-*]\s*)?(?:[\[<({]|note\b|\d+:\d\d|\d+(?:\.\d+)? ?s\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rates:
    """How the model errs; shares from 0 to 1.

    Attributes:
        right: of answers with the evidence at hand that are right.
        correlation: of answers whose luck is that of the question, not of the request: asked
            again about the same, a model mostly errs the same way.
        letter_bias: of the guesses without evidence that fall on the first option.
        yes_bias: of claims that are called true though nothing shows it.
        intent_error: of readings of a question that are wrong.
        schema_error: of replies under a schema that break it.
        recall: of frames that show a thing and are named when asked which do.
        false_alarm: of frames that do not and are named.
    """

    right: float = 0.9
    correlation: float = 0.5
    letter_bias: float = 0.0
    yes_bias: float = 0.05
    intent_error: float = 0.05
    schema_error: float = 0.0
    recall: float = 0.95
    false_alarm: float = 0.02


@dataclass(frozen=True)
class Said:
    """A reply before it is put into fields.

    Attributes:
        task: `answer`, `intent`, `claims`, `relevance`, `caption`, `box` or `other`.
        text: for free text.
        shares: label to probability, where one label answers; None elsewhere.
        values: what a schema is filled with, by `schema.NAMES`.
        broken: the reply is to break its schema.
        asked: the question that was found.
        shown: whether its evidence was among what was sent.
        told: whether any fact of the film was.
    """

    task: str
    text: str
    shares: Mapping[str, float] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    broken: bool = False
    asked: Asked | None = None
    shown: bool = False
    told: bool = False


class Judge:
    """Judges what pictures and notes show.

    Args:
        evidence: finds questions and facts in requests.
        rates: how the model errs.
    """

    def __init__(self, evidence: Evidence, rates: Rates) -> None:
        self._evidence, self.rates = evidence, rates

    def cited(self, sent: Sent, asked: Asked | None, shown: bool) -> dict[str, Any]:
        """Return the times, and the numbers from 1, of the pictures that show the evidence."""
        if asked is None or not shown:
            return {"seconds": [], "frames": []}
        names = {name for group in asked.question.evidence for name in group.facts}
        facts = [self._evidence.truth.by_id[name] for name in names]
        looks = self._evidence.sightings(sent.shots)
        rows = [any(s.shows(f) for s in found for f in facts) for found in looks]
        times = [s.second for found in looks for s in found if any(s.shows(f) for f in facts)]
        if not times:
            # what was told in the notes is cited by when it was said
            times = [fact.spans[0][0] for fact in facts if fact.kind != "seen"][:4]
        return {"seconds": times, "frames": [k for k, row in enumerate(rows, 1) if row]}

    def relevance(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        """Say which of the pictures show what is named."""
        facts = self._evidence.meant(sent.tail)

        def named(found: list[Sighting]) -> bool:
            shows = any(s.shows(fact) for s in found for fact in facts)
            return rng.random() < (self.rates.recall if shows else self.rates.false_alarm)

        looks = self._evidence.sightings(sent.shots)
        # a picture may hold several moments, each judged apart
        times = [s.second for found in looks for s in found if named([s])]
        strange = [k for k, found in enumerate(looks) if not found and named(found)]
        times += [second for k in strange for second in sent.shots[k].times[:1]]
        rows = [k for k, found in enumerate(looks) if any(s.second in times for s in found)]
        values = {
            "seconds": times,
            "frames": [k + 1 for k in rows],
            "why": "",
            "enough": bool(rows),
            "confidence": round(rng.uniform(0.75, 0.95), 2),
        }
        text = ", ".join(f"{t:.1f}" for t in times) or "none"
        return Said("relevance", text, None, values, False, asked)

    def claims(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        """Say of each claim whether it is supported, refuted or unclear; of one also yes or no."""
        lines = _claims_of(sent.tail)
        facts = self._evidence.facts(sent, lines)
        judged = [self._judge(line, facts, rng) for line in lines]
        verdicts = [
            {"verdict": v, "claim": line, "confidence": sure, "enough": v != "unclear", "why": ""}
            for line, (v, sure) in zip(lines, judged, strict=True)
        ]
        verdict, sure = judged[0]
        yes = {"supported": sure, "refuted": 1 - sure, "unclear": 1 - sure}[verdict]
        values = {
            **verdicts[0],
            **self.cited(sent, asked, verdict != "unclear"),
            "verdicts": verdicts,
            "claims": verdicts,
            "answer": "yes" if yes >= 0.5 else "no",
        }
        shares = {"yes": yes, "no": 1 - yes}
        return Said("claims", str(values["answer"]), shares, values, False, asked)

    def _judge(self, claim: str, facts: set[str], rng: random.Random) -> tuple[str, float]:
        """Return a verdict and how sure it is."""
        verdict = self._truth_of(claim, facts)
        wrong = rng.random() >= self.rates.right
        if verdict != "unclear":
            if wrong:
                verdict = "refuted" if verdict == "supported" else "supported"
            return verdict, round(rng.uniform(0.85, 0.97), 2)
        if rng.random() < self.rates.yes_bias:
            return "supported", round(rng.uniform(0.6, 0.9), 2)
        return "unclear", round(rng.uniform(0.6, 0.8), 2)

    def _truth_of(self, claim: str, facts: set[str]) -> str:
        """Return what the shown facts say of a claim, an option's or one in words."""
        folded = claim.lower()
        for question in self._evidence.truth.questions:
            asked = any(w.text.lower() in folded for w in question.wordings)
            for number, option in enumerate(question.options):
                stated = question.statement.replace("{}", option).lower() in folded
                if stated or (asked and option.lower() in folded):
                    if not question.shown_by(facts):
                        return "unclear"
                    return "supported" if number == question.right else "refuted"
        words = content_words(claim)
        for fact in self._evidence.meant(claim):
            if fact.id in facts and words <= content_words(fact.text):
                return "supported"
        return "unclear"

    def caption(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        """Describe each picture by the facts that it shows."""
        lines = [self._line(found) for found in self._evidence.sightings(sent.shots)]
        times = [shot.times[0] if shot.times else 0.0 for shot in sent.shots]
        told = [
            {"text": line, "seconds": t, "time": t, "start": t, "end": t}
            for t, line in zip(times, lines, strict=True)
        ]
        text = "; ".join(dict.fromkeys(lines)) or "nothing can be seen"
        values = {"captions": told, "text": text, "answer": text}
        return Said("caption", text, None, values, False, asked)

    def _line(self, found: list[Sighting]) -> str:
        seen = [f for f in self._evidence.truth.facts if any(s.shows(f) for s in found)]
        told = [f"the words {f.text}" if f.kind == "written" else f.text for f in seen]
        return "; ".join(told) or ("ordinary footage" if found else "nothing that can be made out")

    def box(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        """Say where in the picture the thing is."""
        seen = [s for found in self._evidence.sightings(sent.shots) for s in found]
        for fact in self._evidence.meant(sent.tail):
            if fact.box and any(s.shows(fact) for s in seen):
                sides = [round(side * 1000) for side in fact.box]
                text = f"<box>{' '.join(map(str, sides))}</box>"
                return Said("box", text, None, dict.fromkeys(BOX_NAMES, sides), asked=asked)
        return Said("box", "not visible", None, {key: [] for key in BOX_NAMES}, asked=asked)


def _claims_of(tail: str) -> list[str]:
    """Return the numbered claims of a request, else all lines that are no notes as one claim."""
    numbered = _NUMBERED.findall(tail)
    if numbered:
        return numbered
    lines = [line for line in tail.splitlines() if line.strip() and not _NOTED.match(line)]
    return ["\n".join(lines) or tail]
