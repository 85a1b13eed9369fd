"""Answers from words alone: what is said and written, where no model can judge the pictures."""

from __future__ import annotations

from ...prompts import render
from ...tools.results import Lines, ToolResult
from ..question import Question
from ..understanding.intent import Intent, texts_of
from . import actions
from .base import Done
from .script import Script


def words_script(question: Question, intent: Intent) -> Script:
    """Search what is said, then what is written, and answer with the line that answers."""
    queries = [question.text, *texts_of(intent.cues)][:8]
    said = yield actions.words(queries, intent.within)
    best = _best(said)
    if best is None or best.score < 0.7:
        read = yield actions.words(queries, intent.within, ("speech", "text", "caption"))
        best = _best(read) or best
    if best is None:
        return Done(None, abstain=True, reason="not_found", caveats=(render("not_found"),))
    return Done(best.text, raw=best.score, method="words")


def _best(result: ToolResult):
    payload = result.payload
    return payload.lines[0] if isinstance(payload, Lines) and payload.lines else None
