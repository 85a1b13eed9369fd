"""Answers from words alone: what is said and written, where no model can judge the pictures.

Where a chat model reads, it answers in its own words from the lines of the film, and judges anew
whether the lines that it cites say so; without one, the line that answers is the answer.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from ...index.text.language import is_english
from ...index.text.medium import medium_of
from ...index.video.span import Span
from ...tools.results import Answered, Judged, ToolResult
from ...tools.types import Evidence
from ..question import Question
from ..understanding.intent import Intent
from . import actions
from .base import Action, Claim, Done
from .looks import Look, answer_of, claim_on, nothing_found
from .script import Script

BEST = 10
"""Passages that a model reads before it reads all."""

SURE = 0.75
"""Confidence from which no better answer is looked for."""

AGREED = 0.6
"""Least geometric mean of how sure a reading is and how surely its lines are judged to say so.

Where a small model is right it is often sure of one of the two only; where it made the answer up,
of neither."""


def words_script(question: Question, intent: Intent, *, reads: bool = False) -> Script:
    """Answer from what is known of the film's words, then from its screen text as well.

    Args:
        question: the question.
        intent: what it means.
        reads: a model that reads text is there.
    """
    found = yield from _found_words(question, intent)
    extracted = _extracted(question, found)
    if not reads or (question.options and extracted.raw >= SURE):
        return extracted
    cues = [cue.text for cue in intent.cues if cue.text != question.text][:6]
    spans = [intent.within] if intent.within else []
    read = yield from read_words(question, intent, cues, spans)
    answered = read.payload if read is not None else None
    if read is None or not isinstance(answered, Answered) or answered.enough is False:
        return extracted
    done = answer_of(Look(0, read.tool, answered, read.evidence), question)
    claims = _quotes(read.evidence, done.choice or done.answer)
    return replace(done, claims=claims) if claims else extracted


def read_words(
    question: Question,
    intent: Intent,
    cues: Sequence[str],
    spans: Sequence[Span],
    *,
    listen: bool = False,
    screen_text: bool = False,
) -> Generator[Action, ToolResult, ToolResult | None]:
    """Let a model read the best passages; where they do not tell the answer, all that is said.

    What is counted, ordered or summed up may stand anywhere, so that all is read at once.

    Args:
        question: the question.
        intent: what it means.
        cues: what to look for beside the question.
        spans: only the words of these; none for the whole film's.
        listen: hear the film before, where it has no subtitles.
        screen_text: read the film's screen text where nothing else tells the answer.

    Returns:
        The reading that answers. Where none stands: of a choice the last that chose, of an open
        question None.
    """
    usable = None
    tries: list[dict[str, Any]] = [{"listen": listen}]
    if not spans and not _is_scattered(intent):
        tries.insert(0, {"listen": listen, "best": BEST})
    if screen_text:
        tries.append({"screen_text": True})
    for how in tries:
        read = yield actions.answer_text(cues, spans, **how)
        if (yield from _stands(question, intent, read, part="best" in how)):
            return read
        if isinstance(read.payload, Answered) and read.payload.answer:
            usable = read
    return usable if question.options else None


def _is_scattered(intent: Intent) -> bool:
    """Say whether what the answer rests on stands in many places, so that no line says it."""
    return bool(intent.needs & {"count", "order"}) or intent.answer_form in ("order", "summary")


def _stands(
    question: Question, intent: Intent, read: ToolResult, *, part: bool
) -> Generator[Action, ToolResult, bool]:
    """Say whether a reading answers, and whether the lines that it cites are judged to say so.

    Args:
        question: the question.
        intent: what it means.
        read: the reading.
        part: it read some of the film's words only; a choice has to be sure and rest on a line.
    """
    answered = read.payload
    if read.error or not isinstance(answered, Answered) or answered.enough is False:
        return False
    cited = [item for item in read.evidence if item.supports is not None]
    likely = bool(answered.answer) and (answered.stated is None or answered.stated >= 0.5)
    if question.options:
        sure = bool(cited and answered.enough) and likely
        return sure if part else bool(answered.answer)
    if not likely or _is_scattered(intent):
        return likely
    if not cited or (answered.unsaid and (answered.stated or 0.0) < SURE):
        return False  # a number that no line says is worked out by a sure model, or made up
    claim = claim_on(cited[0], question, answered.answer)
    judged = yield actions.verify(claim.statement, cited)
    if not isinstance(judged.payload, Judged) or judged.error:
        return True  # where no call is left the answer stays, unverified
    said = judged.payload.score
    stated = said if answered.stated is None else answered.stated
    return said > 0.5 and math.sqrt(stated * said) >= AGREED


def _found_words(question: Question, intent: Intent) -> Generator[Action, ToolResult, ToolResult]:
    kind = _kind(question, intent)
    cues = [cue.text for cue in intent.cues if cue.role == "anchor"]
    found = yield actions.answer_words(cues, intent.within, kind, screen_text=kind == "text")
    if kind is None and _sureness(found) < SURE:
        again = yield actions.answer_words(cues, intent.within, None, screen_text=True)
        found = max((found, again), key=_sureness)
    return found


def _extracted(question: Question, found: ToolResult) -> Done:
    """Return the line that answers, or the option that the lines support."""
    answered = found.payload
    if not isinstance(answered, Answered) or not answered.answer:
        return nothing_found()
    letter = answered.letter if question.options else None
    if letter is not None and answered.enough is False:
        return Done(None, abstain=True, reason="not_found", options=dict(answered.options))
    claims = _quotes(found.evidence[:2])
    return Done(
        answered.answer,
        letter,
        _sureness(found),
        answered.method,
        dict(answered.options),
        claims,
        caveats=() if claims else ("no line of the film proves this",),
    )


def _quotes(evidence: Sequence[Evidence], supports: str | None = None) -> tuple[Claim, ...]:
    """Return the lines of the film as claims, verbatim; with `supports` those for that answer."""
    return tuple(
        Claim(item.id, item.text, item.kind, _whole_words(item.text))
        for item in evidence
        if item.kind in ("speech", "text") and supports in (None, item.supports)
    )


def _whole_words(text: str) -> str:
    """Return a text without the word at which it was cut."""
    return text[:-1].rpartition(" ")[0] if text.endswith("…") else text


def _kind(question: Question, intent: Intent) -> str | None:
    """Return whether the question is about what is said, or what is written, where it says so."""
    if intent.source == "rules" and is_english(question.text):
        return medium_of(question.text)
    if "read" in intent.needs and "listen" not in intent.needs:
        return "text"
    return "speech" if "listen" in intent.needs and "read" not in intent.needs else None


def _sureness(result: ToolResult) -> float:
    answered = result.payload
    if result.error or not isinstance(answered, Answered) or not answered.answer:
        return 0.0
    return answered.confidence if answered.options else answered.stated or 0.0
