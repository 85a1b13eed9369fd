"""A chat completion as servers really send it: text, token alternatives, tokens, or why it is none.

What a reply must have is an answer. Everything else may be missing, null, of another number type or
unknown, and is then taken for nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .parsing import storable
from .transport.error_body import marks_of, message_of
from .transport.fault import Fault
from .transport.refusals import kind_of

_TAG = r"(?:think|thinking|thought|thoughts|reason|reasoning|reflection|seed:think|analysis)"
_OPEN = rf"(?:<{_TAG}>|\[THINK\]|◁think▷|<\|channel\|>\s*(?:analysis|thought)\s*(?:<\|message\|>)?)"
_CLOSE = (
    rf"(?:</{_TAG}>|\[/THINK\]|◁/think▷"
    r"|(?:<\|start\|>\w*)?<\|channel\|>\s*final[^<]*<\|message\|>|<channel\|>)"
)
_THINKING = re.compile(rf"{_OPEN}(.*?)(?:{_CLOSE}|\Z)", re.DOTALL)
_TAIL = re.compile(rf"^(.*){_CLOSE}", re.DOTALL)
_MARKS = re.compile(r"<\|(?:begin_of_box|end_of_box|im_end|end|return|eot_id|endoftext)\|>")
_LENGTH = ("length", "max_tokens", "max_output_tokens", "model_length")
_HIDDEN = ("reasoning_content", "reasoning", "thinking", "reasoning_text")


@dataclass(frozen=True, slots=True)
class Completion:
    """What a server wrote.

    Attributes:
        text: without the reasoning before it.
        reasoning: what the model thought before it answered, wherever the server put it.
        tokens: each token written with the likeliest tokens in its place, `(token, alternatives)`
            with log-probabilities by token.
        finish: why it stopped; `length` when it was cut off.
        tokens_in: tokens read.
        tokens_out: tokens written, hidden reasoning included.
        cached: tokens read from the prefix cache.
        has_usage: whether the server counted tokens.
        has_cached: whether it says what came from the cache.
        seconds: that the attempt took.
    """

    text: str
    reasoning: str = ""
    tokens: tuple[tuple[str, Mapping[str, float]], ...] = ()
    finish: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0
    has_usage: bool = False
    has_cached: bool = False
    seconds: float = 0.0


def read_completion(value: Any, images: int = 0) -> Completion:
    """Read a decoded reply; its text may be empty when reasoning used up its length.

    Args:
        value: the reply.
        images: how many the request carried, to tell what an error is about.

    Raises:
        Fault: `garbled` when it is no chat completion, `empty` when it holds nothing, and what an
            error inside it means.
    """
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]  # an error in a list, as Gemini sends it
    if not isinstance(value, dict):
        raise Fault("garbled", f"status 200 with JSON that is a {type(value).__name__}", 200)
    choice = _choice_of(value, images)
    message = choice.get("message") or choice.get("delta") or {}
    message = message if isinstance(message, dict) else {"content": message}
    finish = _finish(choice)
    text, reasoning = _split_text(message, choice)
    if not text and reasoning and finish != "length":
        # some servers' parsers take the whole reply for reasoning
        text, reasoning = reasoning, ""
    if not text and finish != "length":
        said = message.get("refusal")
        if said:
            raise Fault("unfit", f"the model declined: {message_of(said)[:200]}", 200)
        stopped = f"finish_reason {finish}"
        if finish in ("content_filter", "error"):
            raise Fault("unfit", f"the server withheld the answer ({stopped})", 200)
        raise Fault("empty", f"status 200 with no text ({stopped})", 200)
    return Completion(text, reasoning, _tokens(choice), finish, **_usage(value.get("usage")))


def _choice_of(value: dict[str, Any], images: int) -> dict[str, Any]:
    """Return the first choice of a reply.

    Raises:
        Fault: there is an error instead, or beside it, or nothing.
    """
    choices = value.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    # Ollama's own API has one message and no choices
    choice = first if isinstance(first, dict) else value if value.get("message") else {}
    for holder in (value, choice):
        if holder.get("error"):
            error = holder["error"]
            raise fault_in(error if isinstance(error, str | dict | list) else holder, images)
    if not choice or (choice is value and not isinstance(value["message"], dict)):
        said = message_of(value)
        kind = kind_of(0, {}, said, images)
        if kind == "server" and said == json.dumps(value):
            kind = "empty" if isinstance(first, dict) or choices == [] else "garbled"
        raise Fault(kind, f"status 200 with no choices: {' '.join(said.split())[:200]}", 200)
    return choice


def fault_in(error: Any, images: int = 0) -> Fault:
    """Return the fault that an error object inside a reply of status 200 means."""
    said = message_of(error)
    code = str(error.get("code")) if isinstance(error, dict) else ""
    status = int(code) if code.isdigit() else 0
    marks = marks_of(error)
    kind = kind_of(status, {}, f"{said} {marks}", images)
    words = " ".join(said.split())[:300]
    return Fault(kind, f"status 200 with an error: {words}", 200, marks=marks)


def _finish(choice: dict[str, Any]) -> str | None:
    said = choice.get("finish_reason") or choice.get("done_reason")
    if not isinstance(said, str):
        return None
    return "length" if said.lower() in _LENGTH else said.lower()


def _split_text(message: dict[str, Any], choice: dict[str, Any]) -> tuple[str, str]:
    """Return the answer and the reasoning of a message, wherever they stand."""
    content = message.get("content")
    content = choice.get("text") if content is None else content
    content = _called(message) if content in (None, "", []) else content
    written = "".join(_texts(content, hidden=False))
    apart = next((found for name in _HIDDEN if (found := _flat(message.get(name)))), "")
    hidden = apart or "".join(_texts(content, hidden=True))
    inline = _THINKING.findall(written)
    text = _THINKING.sub("", written)
    # templates that open the thinking themselves leave only its end in the text
    tail = _TAIL.match(text)
    if tail:
        inline, text = [tail[1], *inline], text[tail.end() :]
    hidden = hidden or "\n".join(inline)
    return storable(_MARKS.sub("", text).strip()), hidden.strip()


def _called(message: dict[str, Any]) -> Any:
    """Return what a message carries in place of a content: a parsed object, or one for a call.

    No tools are offered: some servers bind a reply to its schema by a call of their own.
    """
    calls = message.get("tool_calls")
    call = calls[0] if isinstance(calls, list) and calls else {}
    call = call.get("function") if isinstance(call, dict) else None
    call = call or message.get("function_call")
    found = call.get("arguments") if isinstance(call, dict) else message.get("parsed")
    return json.dumps(found) if isinstance(found, dict) else found


def _texts(content: Any, *, hidden: bool) -> Iterator[str]:
    """Yield the texts of a content, or of its reasoning parts: a string, a part, or a list."""
    if isinstance(content, str):
        if not hidden:
            yield content
    elif isinstance(content, list):
        for part in content:
            yield from _texts(part, hidden=hidden)
    elif isinstance(content, dict):
        kind = str(content.get("type", "text"))
        reasons = any(word in kind for word in ("think", "reason"))
        if reasons and hidden:
            yield _flat(content)
        elif not hidden and not content.keys() & {"type", "text", "content"}:
            yield json.dumps(content)
        elif not reasons and not hidden:
            yield _flat(content.get("text") if "text" in content else content.get("content"))


def _flat(value: Any) -> str:
    """Return all texts of a value, however deep."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_flat(item) for item in value)
    if isinstance(value, dict):
        names = ("text", "content", "value", "thinking", "reasoning", "summary")
        return next((found for name in names if (found := _flat(value.get(name)))), "")
    return ""


def _tokens(choice: dict[str, Any]) -> tuple[tuple[str, Mapping[str, float]], ...]:
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, dict):
        return ()
    content = logprobs.get("content")
    if isinstance(content, list):
        return tuple(
            (item["token"], _one(item) | _alternatives(item.get("top_logprobs")))
            for item in content
            if isinstance(item, dict) and isinstance(item.get("token"), str)
        )
    # the form of older completions: parallel lists
    names, tops = logprobs.get("tokens"), logprobs.get("top_logprobs")
    if not isinstance(names, list) or not isinstance(tops, list):
        return ()
    pairs = zip(names, tops, strict=False)
    return tuple((name, _alternatives(top)) for name, top in pairs if isinstance(name, str))


def _alternatives(top: Any) -> dict[str, float]:
    if isinstance(top, dict):
        return {str(k): float(v) for k, v in top.items() if _is_number(v)}
    found: dict[str, float] = {}
    for item in top if isinstance(top, list) else ():
        found |= _one(item)
    return found


def _one(item: Any) -> dict[str, float]:
    if not isinstance(item, dict) or not isinstance(item.get("token"), str):
        return {}
    return {item["token"]: float(item["logprob"])} if _is_number(item.get("logprob")) else {}


def _usage(usage: Any) -> dict[str, Any]:
    usage = usage if isinstance(usage, dict) else {}
    read = _count(usage, "prompt_tokens", "input_tokens", "prompt_eval_count")
    written = _count(usage, "completion_tokens", "output_tokens", "eval_count")
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
    details = details if isinstance(details, dict) else {}
    cached = _count(details, "cached_tokens")
    if cached is None:
        cached = _count(usage, "prompt_cache_hit_tokens", "cache_read_input_tokens")
    return {
        "tokens_in": read or 0,
        "tokens_out": written or 0,
        "cached": cached or 0,
        "has_usage": bool(read),
        "has_cached": cached is not None,
    }


def _count(values: Mapping[str, Any], *names: str) -> int | None:
    """Return the first of these that is a count: a number, or one in words."""
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
            value = float(value)
        if isinstance(value, int | float) and _is_number(value):
            return max(0, int(value))
    return None


def _is_number(value: Any) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and not math.isinf(value) and not math.isnan(value)
