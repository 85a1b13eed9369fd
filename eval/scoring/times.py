"""Times in replies: our own reader, and the authors' readers of Charades-STA and E.T. Bench."""

from __future__ import annotations

import json
import re

from ...index.video.span import parse_seconds

Pair = tuple[float, float]
SPAN_RULES = frozenset(("json", "range", "nothing"))
"""What the rule of `parse_spans` may be."""

_CLOCK = r"\d+(?::\d{1,2}){0,2}(?:\.\d+)?"
_RANGE = re.compile(
    rf"(?<![\d:.])({_CLOCK})\s*(?:s|sec|seconds)?\s*(?:-|–|—|to|until)\s*({_CLOCK})"
)
_NUMBER = re.compile(r"\b(\d+\.\d+\b|\b\d+)\b")
_HMS = re.compile(r"\b(\d{1,2}):(\d{2}):(\d{2})\b")
_WORDS = ("start", "end", "happen")


def parse_spans(text: str | None) -> tuple[list[Pair], str]:
    """Read the spans that a reply names, best first.

    JSON comes first, `[[start, end], …]` alone or under a key, then ranges such as `1:02 - 1:10` or
    `62 to 70.5 seconds`. A pair the wrong way round, or a NaN, is no span and left out.

    Returns:
        The spans in seconds, and the rule that found them: `json`, `range` or `nothing`.
    """
    text = text or ""
    found = _json_spans(text)
    if found:
        return found, "json"
    spans = []
    for match in _RANGE.finditer(text):
        try:
            start, end = parse_seconds(match[1]), parse_seconds(match[2])
        except ValueError:
            continue
        if start <= end:
            spans.append((start, end))
    return spans, "range" if spans else "nothing"


def _json_spans(text: str) -> list[Pair]:
    decoder = json.JSONDecoder()
    for match in re.finditer(r"[\[{]", text):
        try:
            value, _ = decoder.raw_decode(text, match.start())
        except ValueError:
            continue
        if found := _pairs(value):
            return found
    return []


def _pairs(value: object) -> list[Pair]:
    if isinstance(value, dict):
        return next((found for v in value.values() if (found := _pairs(v))), [])
    if not isinstance(value, list):
        return []
    if len(value) == 2 and all(type(v) in (int, float) for v in value):
        return [(float(value[0]), float(value[1]))] if 0 <= value[0] <= value[1] < 1e9 else []
    return [pair for item in value for pair in _pairs(item)]


def etbench_times(text: str) -> list[Pair] | None:
    """Read times as E.T. Bench does: `a - b`, `a to b`, numbers in sentences, hh:mm:ss.

    Of a sentence with a word such as "starts" only its first number is taken; sentences end at
    `!`, `?` and line breaks, not at full stops. A pair the wrong way round is turned.

    Returns:
        All pairs of the first rule that finds any; None where none does.
    """
    low = text.lower()
    pairs = re.findall(r"(\d+\.*\d*)\s*-\s*(\d+\.*\d*)", low)
    pairs = pairs or re.findall(r"(\d+\.*\d*)\s* to \s*(\d+\.*\d*)", low)
    try:
        times = [(float(a), float(b)) for a, b in pairs]
    except ValueError:
        return None  # "1..5": the authors' script stops here
    sentences = [s for s in re.split(r"[!?\n]", low) if any(word in s for word in _WORDS)]
    if not times:
        firsts = [float(m[1]) for s in sentences if (m := _NUMBER.search(s))]
        times = list(zip(firsts[::2], firsts[1::2], strict=False))
    if not times:
        clocks = [m for s in sentences if (m := _HMS.search(s))]
        seconds = [int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3]) for m in clocks]
        times = list(zip(seconds[::2], seconds[1::2], strict=False))
    return [(min(a, b), max(a, b)) for a, b in times] or None


def charades_time(text: str) -> Pair | None:
    """Read one span as the script of Charades-STA in common use does.

    Every "to" becomes a dash, also within words; only sentences with a word such as "happens in"
    are read for ranges.
    """
    low = text.lower().replace("a specific example is : 20.8 - 30.0 seconds", "").replace("to", "-")
    sentences = [s for s in re.split(r"[!?\n]", low) if any(word in s for word in _WORDS)]
    times: list[Pair] = []
    for sentence in sentences:
        found = re.findall(r"(\d+(?:\.\d+)?)\s*[–-]\s*(\d+(?:\.\d+)?)", sentence)
        if found:
            times = [(float(a), float(b)) for a, b in found]
            break
    if not times:
        firsts = [float(m[1]) for s in sentences if (m := re.search(r"\b(\d+(?:\.\d+)?)\b", s))]
        times = list(zip(firsts[::2], firsts[1::2], strict=False))
    if not times:
        clocks = [m for s in sentences if (m := _HMS.search(s))]
        seconds = [int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3]) for m in clocks]
        times = list(zip(seconds[::2], seconds[1::2], strict=False))
    if not times:
        late = (re.search(r"(\d+(?:\.\d+)?)\s*s?\s*[–-]\s*(\d+(?:\.\d+)?)", s) for s in sentences)
        times = [(float(m[1]), float(m[2])) for m in late if m]
    return (min(times[0]), max(times[0])) if times else None
