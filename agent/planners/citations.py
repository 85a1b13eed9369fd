"""From an answer in a model's words to one that can be audited: citations become claims."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from ...prompts import render
from ...tools.evidence import clean
from ...tools.finish import FinishArgs
from ...tools.types import Evidence, ToolRetry
from ...world.grammar.reading import Reading
from ...world.grammar.statements import answer_statement, subject_phrase
from ...world.planner.findings import span_words, was_refused, word_share
from ..steps import Step, evidence_of
from ..verification.audit import refuted_spans
from .base import Claim, Done

# kinds whose evidence shows the thing asked about, not the answer: a number, a time or an order
_ABOUT_THE_THING = frozenset({"when", "order", "count-events", "count-objects"})
# kinds whose answers are told in words, and seldom in those of the answer
_IN_WORDS = frozenset({"speech", "generic"})
_NAMED = 0.6
"""Share of an answer's words that a line needs to name it."""

_BY_STATEMENT = ("enumerate", "verify")
_WORDS = 200
_NEAR = 2.0
"""Seconds that a stated time may lie beside the evidence it is taken from."""


def citable(steps: Sequence[Step]) -> dict[str, Evidence]:
    """Return the evidence that may be cited: what was found, less what an audit refused."""
    refused = refuted_spans(steps)
    return {
        key: item
        for key, item in evidence_of(steps).items()
        if not (item.kind in ("frame", "caption") and was_refused(item.span, refused))
    }


def check_finish(
    args: FinishArgs, reading: Reading, known: Mapping[str, Evidence], duration: float
) -> Done:
    """Return the planner's answer, every part of it checked against what there is.

    Args:
        args: what the model gave.
        reading: the question.
        known: evidence that may be cited, by id.
        duration: length of the film, seconds.

    Raises:
        ToolRetry: an unknown letter or evidence id, a time that is not in the film, or nothing to
            answer with; the message lists what is allowed.
    """
    if args.abstain:
        caveat = render("not_found", subject=clean(subject_phrase(reading)))
        return Done(None, raw=args.confidence, method="stated", abstain=True, reason="not_found",
                    caveats=(caveat,))  # fmt: skip
    letter = checked_letter(args.choice, reading)
    ids = checked_ids(args.evidence_ids, known)
    cited = [known[key] for key in ids]
    if letter is not None:
        answer = reading.choices[reading.letters.index(letter)]
    else:
        answer = checked_answer(args.answer, reading, cited, duration)
    return answer_of(answer, letter, cited, args.confidence, reading)


def answer_of(
    answer: str, letter: str | None, cited: Sequence[Evidence], confidence: float, reading: Reading
) -> Done:
    """Return an answer whose citations are claims that the audit can put to `verify`."""
    claims = tuple(claim_on(item, answer, reading) for item in cited)
    options = {letter: confidence} if letter else {}
    return Done(answer, letter, confidence, "stated", options, claims)


def claim_on(item: Evidence, answer: str, reading: Reading) -> Claim:
    """Say what a piece of evidence must show for the answer to hold.

    A line that is there proves nothing by being there: it must hold what was read, or name the
    answer, or the thing that was timed or counted. Otherwise the picture of its time must show it.
    """
    words = _words_to_find(item, answer, reading)
    if words:
        return Claim(item.id, render(f"claim_{item.kind}", words=words), _as_words(item), words)
    if reading.kind not in _ABOUT_THE_THING:
        return Claim(item.id, clean(answer_statement(reading, answer)) or clean(answer))
    if item.tool in _BY_STATEMENT and item.text:
        return Claim(item.id, item.text)
    says = answer if reading.kind == "order" else subject_phrase(reading)
    return Claim(item.id, clean(says) or clean(reading.question))


def _words_to_find(item: Evidence, answer: str, reading: Reading) -> str:
    """Return the words whose being said or written proves the answer; empty when none would."""
    if item.kind not in ("speech", "text"):
        return ""
    line = item.text[:_WORDS].strip()
    if reading.kind == "read":
        return answer[:_WORDS].strip()
    if reading.kind in _IN_WORDS:
        return line
    thing = subject_phrase(reading) if reading.kind in _ABOUT_THE_THING else answer
    return line if word_share(thing, line) >= _NAMED else ""


def _as_words(item: Evidence) -> Literal["speech", "text"]:
    return "text" if item.kind == "text" else "speech"


def checked_letter(choice: str | None, reading: Reading) -> str | None:
    """Return the letter chosen; None for an open question.

    Raises:
        ToolRetry: no such letter, or none where there are choices.
    """
    if not reading.choices:
        return None
    letter = (choice or "").strip().upper()
    if letter not in reading.letters:
        raise ToolRetry(
            f"choice = {choice!r}: give one of {', '.join(reading.letters)}, or abstain"
        )
    return letter


def checked_ids(ids: Sequence[str], known: Mapping[str, Evidence]) -> list[str]:
    """Return the evidence cited, each piece once.

    Raises:
        ToolRetry: none, or one that nobody found or that the audit refused.
    """
    there = ", ".join(known) or "none yet: look at the film first, or abstain"
    unknown = [key for key in ids if key not in known]
    if unknown:
        raise ToolRetry(
            f"evidence_ids = {[key[:40] for key in unknown[:4]]!r}: no tool reported these, or the "
            f"audit refused them; there are: {there}"
        )
    if not ids:
        raise ToolRetry(f"evidence_ids is empty: cite what shows the answer; there are: {there}")
    return list(dict.fromkeys(ids))


def checked_answer(
    answer: str | None, reading: Reading, cited: Sequence[Evidence], duration: float
) -> str:
    """Return the answer to an open question on one printable line.

    Raises:
        ToolRetry: it is empty, or it states a time outside the film or apart from its evidence.
    """
    text = clean(answer or "")
    if not text:
        raise ToolRetry("answer is empty: give an answer in words, or abstain")
    if reading.kind != "when":
        return text
    stated = stated_seconds(text)
    if not stated:
        return span_words(cited[0].span)
    late = [second for second in stated if second > duration + 0.5]
    if late:
        raise ToolRetry(
            f"answer = {text[:80]!r}: {late[0]:g} s is past the end, the film lasts {duration:.1f} s"
        )
    spans = [item.span for item in cited]
    if not any(span.start - _NEAR <= s <= span.end + _NEAR for s in stated for span in spans):
        shown = ", ".join(f"{span.start:.1f} to {span.end:.1f} s" for span in spans[:6])
        raise ToolRetry(
            f"answer = {text[:80]!r}: it is not where the cited evidence is ({shown}); state that "
            "time, or cite other evidence"
        )
    return text


def stated_seconds(text: str) -> list[float]:
    """Return the times that a text states: clocks if it has any, else plain numbers of seconds."""
    clocks = re.findall(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)", text)
    if clocks:
        return [int(h or 0) * 3600 + int(m) * 60 + float(s) for h, m, s in clocks]
    return [float(number) for number in re.findall(r"\d{1,9}(?:\.\d{1,6})?", text)]
