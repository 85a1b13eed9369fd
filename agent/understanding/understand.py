"""Understanding a question: one text-only request to a chat model, checked part by part.

A model that reads the question names what to look for. What it says is dropped part by part where
it is impossible or made up; rules of high precision stand where there is no model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ...index.text.spelling import words_of
from ...index.video.errors import EndpointError
from ...index.video.span import Span, format_seconds
from ...prompts import render
from ...tools.types import Cost
from ..chat import Chat, Message, Said, as_said, estimated_tokens
from ..json_reply import first_object
from ..question import Question
from .intent import (
    ANSWER_FORMS,
    MODALITIES,
    MOST_CUES,
    NEEDS,
    ROLES,
    SCOPES,
    AnswerForm,
    Cue,
    Intent,
    Modality,
    Need,
    Role,
    Scope,
)
from .rules import read_rules

REPLY_TOKENS = 1024
SHORTEST_REPLY = 256
LONGEST_CUE = 200
SHORT_WORD = 3
"""Letters of a word that two texts may share by chance: an article, a preposition."""
LONGEST_QUESTION = 8000
"""Characters of a question that are read for its intent; the whole of it goes into every look."""


@dataclass(frozen=True, slots=True)
class Understood:
    """An intent, what it cost, and what was dropped on the way.

    Attributes:
        intent: what the question wants.
        cost: model calls and tokens.
        seconds: how long the model took.
        dropped: parts of the model's reply that could not be used.
        problem: why no model read the question though one was to; empty otherwise.
    """

    intent: Intent
    cost: Cost = field(default_factory=Cost)
    seconds: float = 0.0
    dropped: tuple[str, ...] = ()
    problem: str = ""


def understand(
    question: Question, duration: float, chat: Chat | None, room: float = math.inf
) -> Understood:
    """Return what the question wants.

    Args:
        question: as put.
        duration: length of the film, seconds.
        chat: the model that reads it; None for rules alone.
        room: tokens that may be spent; with too few for a request the rules stand.

    Returns:
        The intent; that of the rules where the model is no help, and why it was none.
    """
    known = read_rules(question.text, question.options, duration)
    if chat is None:
        return Understood(known)
    messages = _messages(question, duration)
    room -= estimated_tokens(messages)
    if room < SHORTEST_REPLY:
        return Understood(known, problem="the budget has no room for a request")
    try:
        most = int(min(REPLY_TOKENS, room))
        reply = chat.complete(messages, schema=intent_schema(), max_tokens=most)
    except EndpointError as error:
        return Understood(known, problem=error.message)
    said = reply if isinstance(reply, Said) else as_said(reply)
    cost = Cost(
        model_calls=1, tokens_in=said.tokens_in, tokens_out=said.tokens_out, cached=said.cached
    )
    try:
        value = first_object(said.text)
    except ValueError as problem:
        return Understood(known, cost, said.seconds, (), str(problem))
    intent, dropped = read_intent(value, question, duration, known)
    return Understood(replace(intent, source=chat.id), cost, said.seconds, tuple(dropped))


def intent_schema() -> dict[str, Any]:
    """Return the JSON schema of a model's reply."""
    seconds = {"type": "number", "minimum": 0}
    span = {
        "type": "object",
        "properties": {"start": seconds, "end": seconds},
        "required": ["start", "end"],
        "additionalProperties": False,
    }
    cue = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": LONGEST_CUE},
            "modality": {"type": "string", "enum": [*MODALITIES, "any"]},
            "role": {"type": "string", "enum": ["target", "anchor", "context"]},
        },
        "required": ["text", "modality", "role"],
        "additionalProperties": False,
    }
    properties = {
        "answer_form": {"type": "string", "enum": list(ANSWER_FORMS)},
        "scope": {"type": "string", "enum": list(SCOPES)},
        "within": {"anyOf": [{"type": "null"}, span]},
        "cues": {"type": "array", "items": cue, "maxItems": 8},
        "needs": {"type": "array", "items": {"type": "string", "enum": list(NEEDS)}, "maxItems": 7},
        "negated": {"type": "boolean"},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def question_lines(question: Question) -> str:
    """Return the options as lines, each behind its letter; empty for an open question."""
    rows = zip(question.letters, question.options, strict=True)
    return "\n".join(f"{letter}. {option}" for letter, option in rows)


def _messages(question: Question, duration: float) -> list[Message]:
    asked = render(
        "understand_question",
        duration=f"{duration:.1f}",
        clock=format_seconds(duration),
        question=question.text[:LONGEST_QUESTION],
        options=question_lines(question)[:LONGEST_QUESTION],
    )
    return [
        {"role": "system", "content": render("understand")},
        {"role": "user", "content": asked},
    ]


def read_intent(
    value: Mapping[str, Any], question: Question, duration: float, known: Intent
) -> tuple[Intent, list[str]]:
    """Return the intent that a model's reply holds, and the names of the parts that were dropped.

    Args:
        value: the reply, of any shape.
        question: as put.
        duration: length of the film, seconds.
        known: what rules read; it stands where the model has nothing that can be used.
    """
    dropped: list[str] = []

    def one_of(name: str, allowed: Sequence[str], otherwise: str) -> str:
        if value.get(name) in allowed:
            return str(value[name])
        dropped.append(name)
        return otherwise

    form = one_of("answer_form", ANSWER_FORMS, known.answer_form)
    cues = _cues(value.get("cues"), dropped)
    needs = [need for need in _list(value.get("needs")) if need in NEEDS]
    negated = value.get("negated")
    intent = replace(
        known,
        answer_form="choice" if question.options else cast(AnswerForm, form),
        scope=cast(Scope, one_of("scope", SCOPES, known.scope)),
        within=known.within or _within(value.get("within"), question, duration, dropped),
        cues=_joined(cues, known, question),
        needs=known.needs | cast("frozenset[Need]", frozenset(needs)),
        negated=known.negated or negated is True,
    )
    if form == "number":
        intent = replace(intent, needs=intent.needs | {"count"})
    if form == "order":
        intent = replace(intent, needs=intent.needs | {"order"})
    return intent, dropped


def _cues(value: Any, dropped: list[str]) -> list[Cue]:
    cues: list[Cue] = []
    for row in _list(value):
        row = {"text": row} if isinstance(row, str) else row
        text = _text(row.get("text"), LONGEST_CUE) if isinstance(row, Mapping) else ""
        if not text:
            dropped.append("a cue")
            continue
        modality = row.get("modality") if row.get("modality") in MODALITIES else None
        role = row.get("role") if row.get("role") in ROLES else "target"
        cues.append(Cue(text, cast("Modality | None", modality), cast(Role, role)))
    return cues


def _joined(cues: Sequence[Cue], known: Intent, question: Question) -> tuple[Cue, ...]:
    """Return the model's cues with the quoted ones and the options, each text once.

    Where none of the model's shares a word with the question or an option (one repeated what it
    was told of the film's length), the rules' cues go first, the question among them.
    """
    asked = set(words_of(" ".join((question.text, *question.options))))
    shared = asked.intersection(word for cue in cues for word in words_of(cue.text))
    if not any(len(word) > SHORT_WORD for word in shared):
        cues = [*(cue for cue in known.cues if cue.role != "option"), *cues]
    options = [cue for cue in known.cues if cue.role == "option"]
    quoted = [cue for cue in known.cues if cue.role == "anchor"]
    found = {cue.text.casefold(): cue for cue in reversed([*cues, *quoted, *options])}
    return tuple(reversed(found.values()))[:MOST_CUES]


def _within(value: Any, question: Question, duration: float, dropped: list[str]) -> Span | None:
    """Return a span that the question really names and the film has; None for any other."""
    if value is None:
        return None
    try:
        start, end = float(value["start"]), float(value["end"])
        span, _ = Span(start, end).clamp(duration)
    except (TypeError, KeyError, ValueError):
        span = None
    if span is None or not _is_named((span.start, span.end), question.text, duration):
        dropped.append("within")
        return None
    return span


def _is_named(ends: tuple[float, float], text: str, duration: float) -> bool:
    """Say whether the numbers of a text make up either end of a span.

    Models invent spans for questions that name no time. A span that is really named has its
    numbers in the text, as seconds, minutes, hours, or hours:minutes:seconds, in any language.
    """
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    named = set()
    for place, number in enumerate(numbers):
        named |= {number, number * 60, number * 3600}
        for more in (numbers[place : place + 2], numbers[place : place + 3]):
            total = 0.0
            for part in more:
                total = total * 60 + part
            named.add(total)
    named |= {duration - second for second in named}
    return any(abs(end - second) < 1.0 for end in ends for second in named if 0 < end < duration)


def _list(value: Any) -> list[Any]:
    return list(value)[:64] if isinstance(value, list | tuple) else []


def _text(value: Any, longest: int) -> str:
    text = str(value) if isinstance(value, str | int | float) and value is not True else ""
    return " ".join(text.split())[:longest]
