"""Limits that a server names in a refusal: of the answer, of images, of the context."""

from __future__ import annotations

import re

MOST_IMAGES = 1000  # a larger number is no count of images
LEAST_OUTPUT = 64  # tokens: a smaller number in a refusal is something else
_OUTPUT = re.compile(
    r"max_(completion_|output_|new_)?tokens|maxOutputTokens|(output|completion) tokens", re.I
)
_INPUT = re.compile(r"\b(inputs?(?! should)|prompts?|messages?)\b", re.I)
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
