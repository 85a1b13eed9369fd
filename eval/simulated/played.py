"""The played model: what a strong video LLM would reply, given what it was sent.

Rightly with a stated probability where the evidence was among it, at chance and unsure where it was
not, and sure of the wrong thing where a part of it looks like the whole. Everything is drawn from
the seed and the request, so the same request has the same reply.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .evidence import Asked, Evidence
from .judging import BOX_NAMES, Judge, Rates, Said
from .reading import Sent
from .schema import property_names
from .truth import Question

REFUSALS = ("not visible", "none of the above", "cannot be determined", "not shown")


class Player:
    """Plays the model over one film.

    Args:
        evidence: finds questions and facts in requests.
        rates: how it errs.
        seed: of its luck.
    """

    def __init__(self, evidence: Evidence, rates: Rates | None = None, seed: int = 0) -> None:
        self._evidence, self.rates, self._seed = evidence, rates or Rates(), seed
        judge = self._judge = Judge(evidence, self.rates)
        self._replies = {
            "answer": self._answer,
            "intent": self._intent,
            "claims": judge.claims,
            "relevance": judge.relevance,
            "caption": judge.caption,
            "box": judge.box,
        }

    def reply(self, sent: Sent) -> Said:
        """Return the reply to a request."""
        rng = random.Random(f"{self._seed} {sent.digest}")
        asked = self._evidence.asked(sent)
        task = _task(sent, asked)
        if task not in self._replies:
            return Said("other", "Hello.", asked=asked)
        said = self._replies[task](sent, asked, rng)
        broken = sent.schema is not None and rng.random() < self.rates.schema_error
        return replace(said, broken=broken)

    def known_pictures(self, sent: Sent) -> int:
        """Return how many pictures of a request are of the film."""
        return sum(bool(found) for found in self._evidence.sightings(sent.shots))

    def _answer(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        facts = self._evidence.facts(sent)
        shown = asked is not None and asked.question.shown_by(facts)
        apparent = None if asked is None else self._evidence.apparent(asked.question, facts)
        thought = None if asked is None or apparent is None else asked.question.options[apparent]
        options = sent.options
        if not options:
            return self._open(sent, asked, thought, shown, bool(facts), rng)
        letters = [letter for letter, text in options.items() if text == thought]
        if letters:
            assert asked is not None
            shares = self._sure(list(options), letters[0], asked.question, rng)
        else:
            shares = self._unsure(options, rng)
        best = max(shares, key=lambda letter: shares[letter])
        values = {
            "answer": best,
            "text": options[best],
            "shares": shares,
            "enough": bool(letters),
            "confidence": round(shares[best], 2),
            "why": _why(bool(letters)),
            **self._judge.cited(sent, asked, bool(letters)),
        }
        return Said("answer", best, shares, values, False, asked, shown, bool(facts))

    def _open(
        self,
        sent: Sent,
        asked: Asked | None,
        thought: str | None,
        shown: bool,
        told: bool,
        rng: random.Random,
    ) -> Said:
        text, sure = "not visible", rng.uniform(0.2, 0.5)
        if thought is not None and asked is not None:
            text, sure = thought, rng.uniform(0.85, 0.98)
            if self._luck(asked.question, rng) >= self.rates.right:
                others = [option for option in asked.question.options if option != thought]
                text, sure = rng.choice(others), rng.uniform(0.6, 0.85)
        values = {
            "answer": text,
            "text": text,
            "enough": thought is not None,
            "confidence": round(sure, 2),
            "why": _why(thought is not None),
            **self._judge.cited(sent, asked, thought is not None),
        }
        return Said("answer", text, None, values, False, asked, shown, told)

    def _luck(self, question: Question, rng: random.Random) -> float:
        own, shared = rng.random(), random.Random(f"{self._seed} {question.id}").random()
        return shared if rng.random() < self.rates.correlation else own

    def _sure(
        self, letters: list[str], thought: str, question: Question, rng: random.Random
    ) -> dict[str, float]:
        best, top = thought, rng.uniform(0.85, 0.98)
        others = [letter for letter in letters if letter != thought]
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

    def _intent(self, sent: Sent, asked: Asked | None, rng: random.Random) -> Said:
        values: dict[str, Any] = {"within": None, "negated": False, "claims": [], "scope": "part"}
        values |= {"answer_form": "choice" if sent.options else "text", "cues": [], "needs": []}
        if asked is not None:
            values |= intent_of(asked.question, bool(sent.options))
        if rng.random() < self.rates.intent_error:
            duration = self._evidence.truth.duration
            values |= rng.choice(
                (
                    {"answer_form": "yes_no", "needs": ["motion"]},
                    {"within": {"start": duration + 60, "end": duration + 90}},
                    {"cues": [{"text": "", "modality": "seen", "role": "target"}]},
                    {"scope": "moment", "negated": True},
                )
            )
        return Said("intent", str(values["answer_form"]), None, values, False, asked)


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
            return "claims" if _asks_yes_no(sent) else "answer"
        if names & BOX_NAMES:
            return "box"
        if names & {"caption", "captions", "segments"}:
            return "caption"
        if names & {"times", "frames", "seconds", "relevant", "timestamps"}:
            return "relevance"
        return "other"
    words = sent.tail.lower()
    if re.search(r"\bbox\b", words) and "where" in words and not sent.options:
        return "box"
    if _asks_yes_no(sent):
        return "claims"
    if len(sent.options) >= 2 or (asked is not None and asked.verbatim):
        return "answer"
    if re.search(r"\b(describe|caption|summar)", words):
        return "caption"
    if re.search(r"\bwhich (of )?(these |the )?(frames|times)", words):
        return "relevance"
    return "answer" if asked is not None else "other"


def _asks_yes_no(sent: Sent) -> bool:
    return len(sent.options) < 2 and bool(re.search(r"\byes\b.{0,5}\bno\b", sent.tail.lower()))


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
    "count": ["count"],
    "order": ["order"],
    "written": ["read"],
    "said": ["listen"],
    "why": ["cause", "listen"],
    "colour": ["detail"],
    "where": ["detail"],
    "after": ["order"],
    "before": ["order"],
}


def intent_of(question: Question, offered: bool) -> dict[str, Any]:
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
