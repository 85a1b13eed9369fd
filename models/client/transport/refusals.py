"""What a server means that refuses a request: the kind of fault, its words, and how long to wait.

Servers put the same fault under different statuses: a request that is too long is a 400, a 413, a
422 or a 500. So the words are read first, and the status decides only what they leave open.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping

from .fault import FaultKind
from .stated_limits import image_limit, limits_output

_QUOTA = re.compile(
    r"insufficient[_ ](quota|balance|credit|funds)|exceeded your current quota|quota.{0,20}exhaust"
    r"|billing[ _](details|hard|not|issue|account)|credit balance|out of credits|payment required"
    r"|(not enough|no|any|purchase|buy) credits|exceeded your.{0,30}credits|arrearage"
    r"|in good standing|spending limit|unpaid|past due",
    re.I,
)
# a limit of the day is not over within a few attempts
_OF_A_DAY = re.compile(r"per[- ](day|month)\b", re.I)
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
_NO_SUCH_CALL = re.compile(r"(unexpected|unknown|no such) endpoint|invalid url", re.I)
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
