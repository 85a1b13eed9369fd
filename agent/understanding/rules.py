"""What a question wants, as far as its wording leaves no doubt: no model is asked.

A few rules of high precision for English; each either is sure or keeps silent. They read what
a model would otherwise have to be asked for: times of the film's clock, "how many", quoted phrases,
words that clearly mean speech or writing, negation of what is asked, and an explicit order.
A question in another language gets the neutral intent, with a time that is written in digits.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from ...index.text.language import is_english
from ...index.video.span import Span
from ..question import Question
from .intent import MOST_CUES, AnswerForm, Cue, Intent, Need, Scope, neutral_intent
from .quotes import blank_quotes, find_quotes, quote_modality
from .time_forms import ROUGH_SECONDS
from .times import second_past_end, time_range
from .wording import asks_amount, asks_count, asks_negative, asks_order, names_speech, names_writing


def read_rules(question: str, options: Sequence[str] = (), duration: float = math.inf) -> Intent:
    """Read what a question states beyond doubt.

    Args:
        question: as it was put; of any length, in any language.
        options: the choices; empty for an open question.
        duration: of the film, in seconds.

    Returns:
        The neutral intent, changed only where the wording is certain. Quoted phrases come as cues
        of the role `anchor`, before the question and the options.
    """
    neutral = neutral_intent(Question(question, tuple(options)))
    quotes = find_quotes(question)
    text = _plain(question)
    english = is_english(text)
    within = time_range(text, duration, english=english)
    if not english:
        span = None if within is None else Span(*within)
        return replace(neutral, scope=_scope(within), within=span)
    cues = [Cue(quote.text, quote_modality(question, quote), "anchor") for quote in quotes]
    return replace(
        neutral,
        answer_form=neutral.answer_form if options else _answer_form(text),
        scope=_scope(within),
        within=None if within is None else Span(*within),
        cues=tuple([*cues, *neutral.cues][:MOST_CUES]),
        needs=_needs(text, options, cues),
        negated=asks_negative(text),
    )


def past_end(question: str, duration: float) -> float | None:
    """Return the second that a question names alone and a film of this length does not have."""
    text = _plain(question)
    return second_past_end(text, duration, english=is_english(text))


def _plain(question: str) -> str:
    """Return a question on one line, its quoted phrases blanked out."""
    blanked = blank_quotes(question, find_quotes(question))
    return " ".join(unicodedata.normalize("NFKC", blanked).replace("’", "'").split())


def _scope(within: tuple[float, float] | None) -> Scope:
    if within is None:
        return "whole"
    return "moment" if within[1] - within[0] <= 2 * ROUGH_SECONDS else "part"


def _answer_form(text: str) -> AnswerForm:
    if asks_order(text):
        return "order"
    return "number" if asks_amount(text) else "text"


def _needs(text: str, options: Sequence[str], cues: Sequence[Cue]) -> frozenset[Need]:
    needs: set[Need] = set()
    if names_speech(text) or any(cue.modality == "said" for cue in cues):
        needs.add("listen")
    if names_writing(text) or any(cue.modality == "written" for cue in cues):
        needs.add("read")
    if asks_order(text):
        needs.add("order")
    elif asks_count(text, options):
        needs.add("count")
    return frozenset(needs)
