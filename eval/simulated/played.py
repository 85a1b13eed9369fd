"""The played model: what a strong video LLM would reply, given what it was sent.

Rightly with a stated probability where the evidence was among it, at chance and unsure where it was
not. Everything is drawn from the seed and the request, so the same request has the same reply.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .evidence import Asked, Evidence, content_words
from .reading import Sent
from .schema import property_names
from .sight import Sighting
from .truth import Question

REFUSALS = ("not visible", "none of the above", "cannot be determined", "not shown")
_VERDICTS = ("supported", "refuted", "unclear")
_NUMBERED = re.compile(r"^\s*(?:\d+|[a-d]|[-*])[.):]?\s+(\S.*)$", re.MULTILINE)


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
    """

    task: str
    text: str
    shares: Mapping[str, float] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    broken: bool = False
    asked: Asked | None = None
    shown: bool = False


class Player:
    """Plays the model over one film.

    Args:
        evidence: finds questions and facts in requests.
        rates: how it errs.
        seed: of its luck.
    """

    def __init__(self, evidence: Evidence, rates: Rates = Rates(), seed: int = 0) -> None:
        self._evidence, self.rates, self._seed = evidence, rates, seed

    def reply(self, sent: Sent) -> Said:
        """Return the reply to a request."""
        rng = random.Random(f"{self._seed} {sent.digest}")
        asked = self._evidence.asked(sent)
        task = _task(sent, asked)
        said = getattr(self, f"_{task}")(sent, asked, rng)
        broken = sent.schema is not None and rng.random() < self.rates.schema_error
        return Said(**{**vars(said), "broken": broken})

    def known_pictures(self, sent: Sent) -> int:
        """Return how many pictures of a request are of the film."""
        return sum(bool(found) for found in self._evidence.sightings(sent.shots))

    def _answer(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        facts = self._evidence.facts(sent) if asked else set()
        shown = asked is not None and asked.question.shown_by(facts)
        options = sent.options
        if not options:
            return self._open(sent, asked, shown, rng)
        right = asked and asked.question.options[asked.question.right]
        letters = [letter for letter, text in options.items() if text == right]
        if shown and letters:
            assert asked is not None
            shares = self._sure(list(options), letters[0], asked.question, rng)
        else:
            shares = self._unsure(options, rng)
        best = max(shares, key=lambda letter: shares[letter])
        values = {
            "answer": best, "text": options[best], "shares": shares, "enough": shown,
            "confidence": round(shares[best], 2), "why": _why(shown),
            **self._cited(sent, asked, shown),
        }  # fmt: skip
        return Said("answer", best, shares, values, False, asked, shown)

    def _open(self, sent: Sent, asked: Asked | None, shown: bool, rng: random.Random) -> Said:
        text, sure = "not visible", rng.uniform(0.2, 0.5)
        if shown and asked is not None:
            question = asked.question
            text, sure = question.options[question.right], rng.uniform(0.85, 0.98)
            if self._luck(question, rng) >= self.rates.right:
                text, sure = rng.choice(_wrong(question)), rng.uniform(0.6, 0.85)
        values = {
            "answer": text, "text": text, "enough": shown, "confidence": round(sure, 2),
            "why": _why(shown), **self._cited(sent, asked, shown),
        }  # fmt: skip
        return Said("answer", text, None, values, False, asked, shown)

    def _luck(self, question: Question, rng: random.Random) -> float:
        own, shared = rng.random(), random.Random(f"{self._seed} {question.id}").random()
        return shared if rng.random() < self.rates.correlation else own

    def _sure(
        self, letters: list[str], right: str, question: Question, rng: random.Random
    ) -> dict[str, float]:
        best, top = right, rng.uniform(0.85, 0.98)
        others = [letter for letter in letters if letter != right]
        if others and self._luck(question, rng) >= self.rates.right:
            best, top = rng.choice(others), rng.uniform(0.6, 0.85)
        return _spread(letters, best, top, rng)

    def _unsure(self, options: Mapping[str, str], rng: random.Random) -> dict[str, float]:
        """Return shares of a guess; where refusing is offered, most of them go there."""
        refusing = [k for k, text in options.items() if text.lower().strip(" .") in REFUSALS]
        letters = [letter for letter in options if letter not in refusing]
        best = letters[0] if rng.random() < self.rates.letter_bias else rng.choice(letters)
        shares = _spread(letters, best, rng.uniform(1.15, 1.7) / max(1, len(letters)), rng)
        if refusing:
            kept = rng.uniform(0.55, 0.8)
            shares = {letter: share * (1 - kept) for letter, share in shares.items()}
            shares[refusing[0]] = kept
        return shares

    def _cited(self, sent: Sent, asked: Asked | None, shown: bool) -> dict[str, Any]:
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

    def _relevance(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        facts = self._evidence.meant(sent.tail)

        def named(found: list[Sighting]) -> bool:
            shows = any(s.shows(fact) for s in found for fact in facts)
            return rng.random() < (self.rates.recall if shows else self.rates.false_alarm)

        looks = self._evidence.sightings(sent.shots)
        rows = [k for k, found in enumerate(looks) if named(found)]
        times = [t for k in rows for t in ([s.second for s in looks[k]] or sent.shots[k].times[:1])]
        values = {
            "seconds": times,
            "frames": [k + 1 for k in rows],
            "why": "",
            "enough": bool(rows),
        }
        text = ", ".join(f"{t:.1f}" for t in times) or "none"
        return Said("relevance", text, None, values, False, asked)

    def _claims(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        facts = self._evidence.facts(sent)
        lines = _NUMBERED.findall(sent.tail) or [sent.tail]
        judged = [self._judge(line, facts, rng) for line in lines]
        verdicts = [{"verdict": v, "claim": line, "confidence": sure, "enough": v != "unclear",
                     "why": ""} for line, (v, sure) in zip(lines, judged, strict=True)]  # fmt: skip
        verdict, sure = judged[0]
        yes = {"supported": sure, "refuted": 1 - sure, "unclear": 1 - sure}[verdict]
        values = {
            **verdicts[0], **self._cited(sent, asked, verdict != "unclear"), "verdicts": verdicts,
            "claims": verdicts, "answer": "yes" if yes >= 0.5 else "no",
        }  # fmt: skip
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

    def _intent(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        values: dict[str, Any] = {"within": None, "negated": False, "claims": [], "scope": "part"}
        values |= {"answer_form": "choice" if sent.options else "text", "cues": [], "needs": []}
        if asked is not None:
            values |= _intent_of(asked.question, bool(sent.options))
        if rng.random() < self.rates.intent_error:
            duration = self._evidence.truth.duration
            values |= rng.choice((
                {"answer_form": "yes_no", "needs": ["motion"]},
                {"within": {"start": duration + 60, "end": duration + 90}},
                {"cues": [{"text": "", "modality": "seen", "role": "target"}]},
                {"scope": "moment", "negated": True},
            ))  # fmt: skip
        return Said("intent", str(values["answer_form"]), None, values, False, asked)

    def _caption(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
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

    def _box(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        seen = [s for found in self._evidence.sightings(sent.shots) for s in found]
        for fact in self._evidence.meant(sent.tail):
            if fact.box and any(s.shows(fact) for s in seen):
                sides = " ".join(str(round(side * 1000)) for side in fact.box)
                return Said("box", f"<box>{sides}</box>", asked=asked)
        return Said("box", "not visible", asked=asked)

    def _other(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        return Said("other", "Hello.", asked=asked)


def _task(sent: Sent, asked: Asked | None) -> str:
    """Return what a request wants, by its schema first, then by its form."""
    if sent.schema is not None:
        names = property_names(sent.schema)
        if names & {"calls", "tool", "tools", "action"}:
            return "other"
        if "answer_form" in names or {"cues", "needs"} <= names:
            return "intent"
        if names & {"verdict", "verdicts", "judgement", "judgements"}:
            return "claims"
        if names & {"answer", "choice", "letter", "option", "best_option"}:
            return "claims" if _asks_yes_no(sent, asked) else "answer"
        if names & {"caption", "captions", "segments"}:
            return "caption"
        if names & {"times", "frames", "seconds", "relevant", "timestamps"}:
            return "relevance"
        return "other"
    words = sent.tail.lower()
    if re.search(r"\bbox\b", words) and "where" in words and not sent.options:
        return "box"
    if _asks_yes_no(sent, asked):
        return "claims"
    if len(sent.options) >= 2 or (asked is not None and asked.verbatim):
        return "answer"
    if re.search(r"\b(describe|caption|summar)", words):
        return "caption"
    if re.search(r"\bwhich (of )?(these |the )?(frames|times)", words):
        return "relevance"
    return "answer" if asked is not None else "other"


def _asks_yes_no(sent: Sent, asked: Asked | None) -> bool:
    return len(sent.options) < 2 and bool(re.search(r"\byes\b.{0,5}\bno\b", sent.tail.lower()))


def _wrong(question: Question) -> list[str]:
    return [text for number, text in enumerate(question.options) if number != question.right]


def _why(shown: bool) -> str:
    return "the evidence is among the frames and notes" if shown else "it is not among the frames"


def _spread(letters: list[str], best: str, top: float, rng: random.Random) -> dict[str, float]:
    """Return shares that sum to 1, the best one's being `top`."""
    weights = {letter: rng.uniform(0.7, 1.3) for letter in letters if letter != best}
    total = sum(weights.values())
    if not total:
        return {best: 1.0}
    # the best one stays the best, however unsure
    shares = {letter: (1 - top) * w / total for letter, w in weights.items()}
    shares[best] = max(top, 1.02 * max(shares.values()))
    whole = sum(shares.values())
    return {letter: shares[letter] / whole for letter in letters}


_NEEDS = {
    "count": ["count"], "order": ["order"], "written": ["read"], "said": ["listen"],
    "why": ["cause", "listen"], "colour": ["detail"], "where": ["detail"], "after": ["order"],
    "before": ["order"],
}  # fmt: skip


def _intent_of(question: Question, offered: bool) -> dict[str, Any]:
    """Return how a good reader understands a question; nothing of its answer is in it."""
    forms = {"when": "span", "count": "number", "order": "order"}
    scopes = {
        "about": "whole",
        "count": "whole",
        "not": "whole",
        "order": "whole",
        "when": "moment",
    }
    claims = [question.statement.replace("{}", option) for option in question.options]
    return {
        "answer_form": "choice" if offered else forms.get(question.kind, "text"),
        "scope": scopes.get(question.kind, "part"),
        "cues": [cue.model_dump() for cue in question.cues],
        "needs": _NEEDS.get(question.kind, []),
        "negated": question.kind == "not",
        "claims": claims[:4] if offered else [],
    }
