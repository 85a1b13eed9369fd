"""What a server means that refuses a request: the kind of fault, its words, and how long to wait.

Servers put the same fault under different statuses: a request that is too long is a 400, a 413, a
422 or a 500. So the words are read first, and the status decides only what they leave open.
"""

from __future__ import annotations

import email.utils
import json
import math
import re
import time
from collections.abc import Mapping
from typing import Any

from .retry import FaultKind

_QUOTA = re.compile(
    r"insufficient[_ ](quota|balance|credit|funds)|exceeded your current quota|quota.{0,20}exhaust"
    r"|billing[ _](details|hard|not|issue|account)|credit balance|out of credits|payment required"
    r"|(not enough|no|any|purchase|buy) credits|exceeded your.{0,30}credits|arrearage"
    r"|in good standing|spending limit|unpaid|past due",
    re.I,
)
# a limit of the day is not over within a few attempts
_OF_A_DAY = re.compile(r"per[- ](day|month)\b", re.I)
MOST_IMAGES = 1000  # a larger number is no count of images
LEAST_OUTPUT = 64  # tokens: a smaller number in a refusal is something else
SOON = 60.0
"""Seconds that a server may ask to wait for what it calls a quota, to be taken at its word."""
_KEY = re.compile(
    r"(api|subscription)[ _-]?key.{0,20}(not valid|invalid|expired)"
    r"|(invalid|incorrect|expired) api[ _-]?key",
    re.I,
)
_MODEL_MISSING = re.compile(
    r"\bmodel\b.{0,120}?(does not|doesn't|not) (exist|found|available)"
    r"|(invalid|unknown|no such) model"
    r"|model_not_found",
    re.I,
)
_WITHHELD = re.compile(
    r"content[ _-]?(management|filter|policy)|moderation|safety (system|filter|policy)"
    r"|inappropriate content",
    re.I,
)
_BUSY = re.compile(r"overload|capacity|\bbusy\b|\bloading|start(ing|s) up|try again|retry", re.I)
# parts of a request that are left out where they are refused, whatever the status
_OPTIONAL = re.compile(r"logprobs|response_?format|json_?schema|\btemperature\b", re.I)
_OUTPUT = re.compile(
    r"max_(completion_|output_|new_)?tokens|maxOutputTokens|(output|completion) tokens", re.I
)
_INPUT = re.compile(r"\b(inputs?(?! should)|prompts?|messages?)\b", re.I)
_NO_SUCH_CALL = re.compile(r"(unexpected|unknown|no such) endpoint|invalid url", re.I)
_SPELT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# a number of anything but images is the limit of something else
_UNIT = r"(?!\s*([.,x×*]\s?\d|[kmg]i?b\b|bytes|megab|megap|mp\b|pixels|px\b|tokens|%))"
_COUNT = rf"(?P<count>(?:\d++|{'|'.join(_SPELT)}|a single)\b{_UNIT})"
_PICTURES = r"(image|picture|multimodal|multi-modal)"
_IMAGE_LIMIT = (
    re.compile(
        rf"(at most|up to|maximum|max|limit|only|more than)\D{{0,20}}?{_COUNT}\W*{_PICTURES}"
        r"(?!s?\W*(tokens|size|bytes))",
        re.I,
    ),
    re.compile(
        rf"{_PICTURES}s?.{{0,40}}(limit|maximum|max|at most|up to)\D{{0,20}}{_COUNT}\b", re.I
    ),
    re.compile(rf"(maximum|max|limit)\D{{0,30}}{_PICTURES}s?\D{{0,20}}{_COUNT}\b", re.I),
    re.compile(r"(?P<count>multiple|several|more than one) (images?|pictures?)", re.I),
    re.compile(r"(?P<count>too many) (images|pictures)", re.I),
)
_NO_IMAGES = re.compile(
    r"(image|vision|multi-?modal|picture|mmproj)\w*.{0,40}"
    # "is not" alone may be about what this one picture is not
    r"((not|n't|cannot)( be| currently| yet)? (support|accept|allow|availab|enabl|load|permit|take"
    r"|process|handle|see\b|understand)|unsupported)"
    r"|(not|n't|no endpoints found that) (support|accept|take|process|handle)\w*.{0,40}"
    r"(image|vision|multi-?modal|picture)"
    r"|not have (an? |any )?(image|vision)|image_url.{0,20}only supported"
    r"|only (supports?|accepts?|takes?) text|not a (multi-?modal|vision)|text[- ]only"
    r"|unknown variant `?image_url"
    r"|content.{0,30}(must|should) be a (valid )?string|at most 0 (image|multi)"
    r"|missing.{0,30}for (image|vision|picture)",
    re.I,
)
# pictures are taken, but only from an address
_NO_DATA = re.compile(r"\bdata:? ?ur[il]|https? (and https )?(image )?url", re.I)
_TOO_LARGE = re.compile(
    r"context.{0,20}(length|window|size|limit)|exceed_context|n_ctx|max_model_len"
    r"|maximum.{0,20}(context|sequence|input|prompt|length)|too many tokens"
    r"|(longer|larger|greater) than (the )?(maximum|max|model|context)"
    r"|(body|request|payload|message|image).{0,60}bytes.{0,60}(maximum|max|limit)"
    r"|\btoo (large|long|big)\b|exceed\w*.{0,20}\d ?[kmg]i?b\b"
    r"|encoder cache|reduce the (length|number|size)|token (limit|count).{0,20}exceed"
    r"|exceed\w*.{0,60}(limit|maximum|length|size|tokens)|tokens.{0,40}must be (<|less|at most)"
    r"|range of input length|(cuda|gpu|device).{0,20}out of memory",
    re.I,
)
# the model itself does not fit: neither another attempt nor a smaller one helps
_MEMORY = re.compile(r"requires more (system )?memory|not enough memory", re.I)
_REQUEST_TOO_LARGE = re.compile(r"request too large|context.{0,20}(length|window|size)", re.I)
_NOT_KNOWN = re.compile(
    r"(not|n't|no longer) (be |yet )?(support|permit|allow|accept|implement|recogni)\w*"
    r"|un(supported|recogni[sz]ed|known|expected) (field|parameter|argument|value|keyword|key)"
    r"|extra (fields|inputs)|invalid (value|parameter|type|schema)|additional properties"
    r"|validation error|literal_error|input should be|(must|should|expected to) be (one|either)"
    r"|expected one of",
    re.I,
)


def kind_of(status: int, headers: Mapping[str, str], said: str, images: int = 0) -> FaultKind:
    """Return what a refusal means.

    Args:
        status: of HTTP, or the code that an error inside a reply carries; 0 for none.
        headers: of the reply.
        said: the server's words, with the error's type and code where it gave them.
        images: how many the request carried.
    """
    if status == 402 or _OF_A_DAY.search(said):
        return "quota"
    if _QUOTA.search(said):
        wait = retry_after(headers, said)
        return "busy" if status == 429 and wait is not None and wait <= SOON else "quota"
    if status in (401, 407) or _KEY.search(said):
        return "denied"
    if status == 429:
        return "too_large" if _REQUEST_TOO_LARGE.search(said) else "busy"
    if _OPTIONAL.search(said) or limits_output(said):
        return "refused"
    if _WITHHELD.search(said):
        return "unfit"
    if status == 403:
        return "denied"
    if status < 500 and _MODEL_MISSING.search(said):
        return "missing"
    if images and image_limit(said) is not None:
        return "image_limit"
    if status == 413 or _TOO_LARGE.search(said):
        return "too_large"
    if images and _NO_IMAGES.search(said) and not _NO_DATA.search(said):
        return "no_images"
    if 300 <= status < 400:
        return "moved"
    if status == 404 or _NO_SUCH_CALL.search(said):
        return "missing"
    if status in (498, 503, 529) and ("retry-after" in headers or _BUSY.search(said)):
        return "busy"
    if status == 501 or (status >= 500 and (_NOT_KNOWN.search(said) or _MEMORY.search(said))):
        return "refused"
    return "server" if status in (0, 408, 409, 425) or status >= 500 else "refused"


def limits_output(said: str) -> bool:
    """Say whether a server's words are about the length of the answer, and not of the request."""
    return bool(_OUTPUT.search(said)) and not _INPUT.search(said)


def output_limit(said: str, sent: int) -> int | None:
    """Return how many tokens an answer may have by a server's words; None where they name none.

    Args:
        said: the words: `at most 8192`, `[1, 8192]`, `9000 > 8192`, `1 to 8193 (exclusive)`.
        sent: how many were asked for.
    """
    named = _OUTPUT.search(said)
    if named is None:
        return None
    numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\b", said[named.end() :])]
    fits = max((number for number in numbers if number < sent), default=0)
    return fits - ("exclusive" in said) if fits >= LEAST_OUTPUT else None


def image_limit(said: str) -> int | None:
    """Return how many images a request may carry by a server's words.

    1 where they name no number above it; 0 for "too many" without one; None where they are about
    something else.
    """
    for form in _IMAGE_LIMIT:
        found = form.search(said)
        if found:
            count = found["count"].lower()
            if count.isdigit() and int(count) > MOST_IMAGES:
                continue  # bytes or tokens, though it does not say so
            if count.isdigit():
                return int(count) or None
            if count in _SPELT:
                return _SPELT.index(count) + 1
            return 0 if count == "too many" else 1
    return None


_WORDS = (
    *("error", "message", "detail", "errors", "msg", "error_message", "status_msg", "reason"),
    "title",
)


def message_of(body: Any) -> str:
    """Return the error text in the forms that vLLM, SGLang, OpenAI, Ollama and proxies give it."""
    if isinstance(body, dict):
        parts = (body[name] for name in _WORDS if isinstance(body.get(name), str | list | dict))
        told = list(dict.fromkeys(said for part in parts if part and (said := message_of(part))))
        if not told:
            return json.dumps(body)
        # some name the kind in one field and the reason in another
        said = ": ".join(told[:2])
        where = [str(step) for step in body.get("loc") or () if step != "body"]
        said = f"{'.'.join(where)}: {said}" if where else said
        return _with_source(said, body.get("metadata"))
    if isinstance(body, list):
        return "; ".join(message_of(item) for item in body[:3])
    if isinstance(body, str):
        return re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", body, flags=re.DOTALL | re.I)
    return "" if body is None else str(body)


def _with_source(said: str, metadata: Any) -> str:
    """Add what the server behind a router said, where the router passes it on."""
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    return f"{said}: {message_of(raw)}" if raw else said


def marks_of(body: Any) -> str:
    """Return type, code and numbers of an error, which say more than its words at times."""
    body = body[0] if isinstance(body, list) and body else body
    inner = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return ""
    named = [str(inner[name]) for name in ("type", "code", "param") if inner.get(name)]
    counts = [f"{name} {n}" for name, n in inner.items() if name[:2] == "n_" and type(n) is int]
    return " ".join([*named, *counts])


_LIMITS = (
    re.compile(r"(?:n_ctx|max_model_len)\W{0,10}(\d[\d,]{2,})", re.I),
    re.compile(r"context.{0,20}?(?:length|window|size|limit)\D{0,20}(\d[\d,]{2,})", re.I),
    re.compile(r"(?:maximum|max|limit|up to)\D{0,30}(\d[\d,]{2,})", re.I),
    re.compile(r"[>≥] ?(\d[\d,]{2,}) (?:tokens )?(?:maximum|max|limit)", re.I),
)


def overflow(said: str) -> tuple[int, int] | None:
    """Return the tokens that fit and those that were sent, from the words of a refusal.

    None where it does not name both.
    """
    if re.search(r"\bbytes\b|\d ?[kmg]i?b\b|\bpixels\b", said, re.I):
        return None
    limit = next((found for form in _LIMITS if (found := form.search(said))), None)
    if limit is None:
        return None
    fits = int(limit[1].replace(",", ""))
    counts = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]{2,}", said)]
    return (fits, max(counts)) if fits >= 256 and max(counts) > fits else None


_AMOUNT = (
    r"\d+(?:\.\d+)?\s*"
    r"(?:milliseconds?|ms|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])"
)
_WAIT = re.compile(rf"(?:try again|retry|wait)\w*\b\D{{0,20}}?((?:{_AMOUNT}[\s,]*)+)", re.I)


def retry_after(headers: Mapping[str, str], said: str = "") -> float | None:
    """Return the seconds a server asks to wait; None where it names no time.

    Args:
        headers: of the reply; the time is in seconds, in milliseconds or a date.
        said: the server's words: `try again in 1m12.5s`, `retry after 20 seconds`.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (milliseconds := _seconds(headers.get(name))) is not None:
            return max(0.0, milliseconds / 1000)
    value = headers.get("retry-after")
    seconds = _seconds(value)
    if seconds is None and value is not None:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            seconds = None
    if seconds is None and (found := _WAIT.search(said)):
        amounts = re.findall(r"([\d.]+)\s*([a-z]+)", found[1].lower())
        seconds = sum(float(n) * _unit(name) for n, name in amounts)
    return None if seconds is None else max(0.0, seconds)


def _unit(name: str) -> float:
    """Return the seconds of a unit of time."""
    thousandth = name.startswith(("ms", "milli"))
    return 0.001 if thousandth else {"h": 3600.0, "m": 60.0, "s": 1.0}[name[0]]


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None
