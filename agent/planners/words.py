"""Answers from words alone: what is said and written, where no model can judge the pictures.

Where a chat model reads, it answers in its own words from the lines of the film; without one, the
line that answers is the answer.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from ...index.text.language import is_english
from ...index.text.medium import medium_of
from ...index.video.span import Span
from ...tools.results import Answered, ToolResult
from ...tools.types import Evidence
from ..question import Question
from ..understanding.intent import Intent
from . import actions
from .base import Action, Claim, Done
from .looks import Look, answer_of, nothing_found
from .script import Script

BEST = 10
"""Passages that a model reads before it reads all."""

SURE = 0.75
"""Confidence from which no better answer is looked for."""


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
    read = yield from read_words(intent, cues, [intent.within] if intent.within else [])
    answered = read.payload
    if read.error or not isinstance(answered, Answered) or answered.enough is False:
        return extracted
    if not question.options and not is_likely(answered, intent):
        return extracted
    done = answer_of(Look(0, read.tool, answered, read.evidence), question)
    claims = _quotes(read.evidence, done.choice or done.answer)
    return replace(done, claims=claims) if claims else extracted


def read_words(
    intent: Intent, cues: Sequence[str], spans: Sequence[Span], *, listen: bool = False
) -> Generator[Action, ToolResult, ToolResult]:
    """Let a model read the best passages; where they do not tell the answer, all that is said.

    What is counted, ordered or summed up may stand anywhere, so that all is read at once.

    Args:
        intent: what the question means.
        cues: what to look for beside the question.
        spans: only the words of these; none for the whole film's.
        listen: hear the film before, where it has no subtitles.
    """
    scattered = intent.needs & {"count", "order"} or intent.answer_form in ("order", "summary")
    if not spans and not scattered:
        read = yield actions.answer_text(cues, spans, best=BEST, listen=listen)
        answered = read.payload
        cited = any(item.supports is not None for item in read.evidence)
        told = isinstance(answered, Answered) and answered.enough and is_likely(answered, intent)
        if cited and told:
            return read
    return (yield actions.answer_text(cues, spans, listen=listen))


def is_likely(answered: Answered, intent: Intent) -> bool:
    """Say whether there is an answer and its model takes it for likelier right than wrong.

    A number that no line says is worked out from others, or made up: it takes a sure model, where
    the question is not for a count.
    """
    if answered.unsaid and "count" not in intent.needs:
        return answered.stated is not None and answered.stated >= SURE
    return bool(answered.answer) and (answered.stated is None or answered.stated >= 0.5)


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
        Claim(item.id, item.text, item.kind, item.text)
        for item in evidence
        if item.kind in ("speech", "text") and supports in (None, item.supports)
    )


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
