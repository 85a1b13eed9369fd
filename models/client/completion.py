"""A chat completion as read off the wire: text, token alternatives, tokens, or why it is no answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from .retry import Fault


@dataclass(frozen=True, slots=True)
class Completion:
    """What a server wrote.

    Attributes:
        text: without the thinking before it; may be empty when a tool was called.
        first_tokens: for each token written, the likeliest tokens with their log-probabilities.
        finish: why it stopped; `length` when it was cut off.
        tools: names of the tools it called.
        tokens_in: tokens read.
        tokens_out: tokens written.
        cached: tokens read from the prefix cache; None when the server does not say.
        has_usage: whether the server counted tokens at all.
    """

    text: str
    first_tokens: tuple[dict[str, float], ...] = ()
    finish: str | None = None
    tools: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cached: int | None = None
    has_usage: bool = False


class _Part(BaseModel):
    # servers add fields of their own; those that are read must have the right type
    model_config = ConfigDict(extra="ignore", strict=True)


class _Alternative(_Part):
    token: str
    logprob: float


class _Token(_Alternative):
    top_logprobs: list[_Alternative] | None = None


class _Logprobs(_Part):
    content: list[_Token] | None = None


class _Function(_Part):
    name: str


class _ToolCall(_Part):
    function: _Function


class _Message(_Part):
    content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(_Part):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Details(_Part):
    cached_tokens: int | None = None


class _Usage(_Part):
    prompt_tokens: int = 0
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Wire(_Part):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


def read_completion(value: Any) -> Completion:
    """Read a decoded reply.

    Raises:
        Fault: `garbled` when it is no chat completion, `empty` when it holds nothing.
    """
    try:
        wire = _Wire.model_validate(value)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the reply"
        fault = Fault("garbled", f"status 200, but {where} is not as a chat completion has it", 200)
    else:
        if wire.choices:
            return _from_wire(wire.choices[0], wire.usage or _Usage(), wire.usage is not None)
        fault = Fault("empty", "status 200 with no choices", 200)
    raise fault


def _from_wire(choice: _Choice, usage: _Usage, counted: bool) -> Completion:
    text = _after_thinking(choice.message.content or "")
    tools = tuple(call.function.name for call in choice.message.tool_calls or ())
    tokens = (choice.logprobs.content if choice.logprobs else None) or []
    # a single token asked for may be a space: its alternatives are the answer then
    if not text and not tools and not tokens:
        raise Fault("empty", f"status 200 with no text (finish_reason {choice.finish_reason})", 200)
    details = usage.prompt_tokens_details
    return Completion(
        text=text,
        first_tokens=tuple(
            {token.token: token.logprob} | {a.token: a.logprob for a in token.top_logprobs or ()}
            for token in tokens
        ),
        finish=choice.finish_reason,
        tools=tools,
        tokens_in=max(0, usage.prompt_tokens),
        tokens_out=max(0, usage.completion_tokens or 0),
        cached=details.cached_tokens if details else None,
        has_usage=counted,
    )


def _after_thinking(text: str) -> str:
    """Drop `<think>…</think>`; thinking that never ended leaves nothing."""
    text = re.sub(r"^\s*<think>.*?(?:</think>|\Z)", "", text, flags=re.DOTALL)
    # templates that open the thinking themselves leave only its end in the text
    return text.rpartition("</think>")[2].strip()
