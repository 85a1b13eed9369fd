"""What a server means that refuses a request: the kind of fault, its words, and how long to wait."""

from __future__ import annotations

import email.utils
import json
import math
import re
import time
from typing import Any

from .retry import FaultKind

_TOO_LARGE = re.compile(
    r"context.{0,20}(length|window|size)|maximum.{0,20}(context|length|token)|too many (tokens|images)"
    r"|(longer|larger|greater) than the (maximum|max|model)|at most \d+ (image|video)|too (large|long)"
    r"|encoder cache|exceed\w*.{0,60}(limit|maximum|length|size|tokens)",
    re.IGNORECASE,
)


def kind_of(status: int, headers: Any, said: str) -> FaultKind:
    """Return what a status outside 200 means.

    Args:
        status: of HTTP.
        headers: of the reply.
        said: the server's words.
    """
    if status == 429 or (status == 503 and "retry-after" in headers):
        return "busy"
    if status in (408, 409) or status >= 500:
        return "server"
    if status == 413 or (status in (400, 422) and _TOO_LARGE.search(said)):
        return "too_large"
    if status in (401, 403):
        return "denied"
    return "missing" if status == 404 else "refused"


def message_of(body: Any) -> str:
    """Return the error text in the forms that vLLM, SGLang, OpenAI and proxies give it."""
    if isinstance(body, dict):
        for name in ("message", "error", "detail"):
            if body.get(name):
                return message_of(body[name])
        return json.dumps(body)
    if isinstance(body, str):
        return re.sub(r"<[^>]*>", " ", body)
    return "" if body is None else str(body)


def retry_after(headers: Any) -> float | None:
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
