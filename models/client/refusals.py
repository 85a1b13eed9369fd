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
    r"|billing|credit balance|out of credits|payment required|(not enough|no) credits",
    re.I,
)
_COUNT = r"(?P<count>\d+|one|a single)"
_PICTURES = r"(image|picture|multimodal|multi-modal)"
_IMAGE_LIMIT = (
    re.compile(rf"(at most|up to|maximum|max|limit|only)\D{{0,20}}?{_COUNT}\W*{_PICTURES}", re.I),
    re.compile(
        rf"{_PICTURES}s?.{{0,40}}(limit|maximum|max|at most|up to)\D{{0,20}}{_COUNT}\b", re.I
    ),
    re.compile(rf"(maximum|max|limit)\D{{0,30}}{_PICTURES}s?\D{{0,20}}{_COUNT}\b", re.I),
    re.compile(r"(?P<count>multiple|several|more than one) (images?|pictures?)", re.I),
    re.compile(r"(?P<count>too many) (images|pictures)", re.I),
)
_NO_IMAGES = re.compile(
    r"(image|vision|multi-?modal|picture|mmproj)\w*.{0,40}"
    r"((is|are|does|do) ?(not|n't)|not (be )?support|unsupported|not enabled|cannot)"
    r"|(not|n't|no endpoints found that) (support|accept|take|process|handle)\w*.{0,40}"
    r"(image|vision|multi-?modal|picture)"
    r"|not a (multi-?modal|vision)|unknown variant `?image_url|text[- ]only"
    r"|content.{0,30}must be a string|at most 0 (image|multi)",
    re.I,
)
_TOO_LARGE = re.compile(
    r"context.{0,20}(length|window|size|limit)|exceed_context|n_ctx|max_model_len"
    r"|maximum.{0,20}(context|sequence|input|prompt|length)|too many tokens"
    r"|(longer|larger|greater) than the (maximum|max|model|context)"
    r"|(prompt|input|request|payload|body|entity|content).{0,20}(is )?too (large|long|big)"
    r"|encoder cache|reduce the (length|number|size)|token (limit|count).{0,20}exceed"
    r"|exceed\w*.{0,60}(limit|maximum|length|size|tokens)",
    re.I,
)
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
    if status == 402 or _QUOTA.search(said):
        return "quota"
    if status in (401, 403, 407):
        return "denied"
    if status == 429:
        return "too_large" if _REQUEST_TOO_LARGE.search(said) else "busy"
    if images and image_limit(said) is not None:
        return "image_limit"
    if status == 413 or _TOO_LARGE.search(said):
        return "too_large"
    if images and _NO_IMAGES.search(said):
        return "no_images"
    if 300 <= status < 400:
        return "moved"
    if status == 404:
        return "missing"
    if status == 503 and "retry-after" in headers:
        return "busy"
    if status == 501 or (status >= 500 and _NOT_KNOWN.search(said)):
        return "refused"
    return "server" if status in (0, 408, 409, 425) or status >= 500 else "refused"


def image_limit(said: str) -> int | None:
    """Return how many images a request may carry by a server's words.

    1 where they name no number above it; 0 for "too many" without one; None where they are about
    something else.
    """
    for form in _IMAGE_LIMIT:
        found = form.search(said)
        if found:
            count = found["count"].lower()
            if count.isdigit():
                return int(count) or None
            return 0 if count == "too many" else 1
    return None


def message_of(body: Any) -> str:
    """Return the error text in the forms that vLLM, SGLang, OpenAI, Ollama and proxies give it."""
    if isinstance(body, dict):
        for name in ("error", "message", "detail", "errors", "msg", "error_message", "title"):
            if body.get(name):
                return _with_source(message_of(body[name]), body.get("metadata"))
        return json.dumps(body)
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
    limit = next((found for form in _LIMITS if (found := form.search(said))), None)
    if limit is None:
        return None
    fits = int(limit[1].replace(",", ""))
    counts = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]{2,}", said)]
    return (fits, max(counts)) if fits >= 256 and max(counts) > fits else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks to wait, from seconds or a date; None for neither."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
