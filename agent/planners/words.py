"""Answers from words alone: what is said and written, where no model can judge the pictures."""

from __future__ import annotations

from ...index.text.language import is_english
from ...index.text.medium import medium_of
from ...tools.results import Answered, ToolResult
from ..question import Question
from ..understanding.intent import Intent
from . import actions
from .base import Claim, Done
from .looks import nothing_found
from .script import Script

SURE = 0.75
"""Confidence from which screen text is not read for a better answer."""


def words_script(question: Question, intent: Intent) -> Script:
    """Answer from what is known of the film's words, then from its screen text as well."""
    kind = _kind(question, intent)
    cues = [cue.text for cue in intent.cues if cue.role == "anchor"]
    found = yield actions.answer_words(cues, intent.within, kind, screen_text=kind == "text")
    if kind is None and _sureness(found) < SURE:
        again = yield actions.answer_words(cues, intent.within, None, screen_text=True)
        found = max((found, again), key=_sureness)
    answered = found.payload
    if not isinstance(answered, Answered) or not answered.answer:
        return nothing_found()
    letter = answered.letter if question.options else None
    if letter is not None and answered.enough is False:
        return Done(None, abstain=True, reason="not_found", options=dict(answered.options))
    claims = tuple(
        Claim(item.id, item.text, item.kind, item.text)
        for item in found.evidence[:2]
        if item.kind in ("speech", "text")
    )
    return Done(
        answered.answer,
        letter,
        _sureness(found),
        answered.method,
        dict(answered.options),
        claims,
        caveats=() if claims else ("no line of the film proves this",),
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
