"""Read the text of a subtitle file: SubRip, WebVTT, SBV, and by way of pysubs2 ASS, SAMI and TTML.

Files are told apart by what they hold, not by their names. Lines with two times make the cues, so
that numbering, missing blank lines and odd separators do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .cues import RawCue

_TIME = r"(?:(\d+)\s*:\s*)?(\d{1,3})\s*:\s*(\d{1,2})(?:\s*[.,:;]\s*(\d{1,6}))?"
_TIMES = re.compile(rf"^[\s\ufeff]*{_TIME}\s*(?:[-–—]+\s*>|→|,)\s*{_TIME}(?=$|\s)")
_BLOCKS = re.compile(r"^(?:WEBVTT\b|NOTE(?:\s|$)|STYLE\s*$|REGION\s*$|X-TIMESTAMP-MAP=)")
_MAP = re.compile(r"X-TIMESTAMP-MAP\s*=\s*(.*)", re.IGNORECASE)
_LANGUAGE = re.compile(r"^Language:\s*([A-Za-z0-9_-]{2,35})\s*$", re.MULTILINE)
# MPEG transport streams count 90,000 units a second and begin anew at 2^33
_UNITS, _WRAP = 90_000, 1 << 33
_BY_PYSUBS = (
    ("ass", re.compile(r"\s*(?:;[^\n]*\n\s*)*\[(?:Script Info|V4\+? Styles|Events)\]", re.I)),
    ("sami", re.compile(r"\s*<SAMI\b", re.I)),
    ("ttml", re.compile(r"\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)?<(?:\w+:)?tt\b", re.I | re.S)),
)
# MicroDVD: frames from and to, control codes, text
_FRAMES = re.compile(r"^\s*\{(\d{1,9})\}\{(\d{0,9})\}(?:\{[a-zA-Z]:[^}]*\})*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Parsed:
    """What a subtitle file holds.

    Attributes:
        cues: in the order of the file.
        styled: braces hold instructions (ASS, SSA).
        language: that the file itself names.
        note: what was left out, one sentence; empty when nothing was.
    """

    cues: list[RawCue] = field(default_factory=list)
    styled: bool = False
    language: str | None = None
    note: str = ""


def parse_subtitles(text: str, fps: float = 25.0) -> Parsed:
    """Read the cues of a subtitle file; none where it is no subtitle file.

    Args:
        text: of the file.
        fps: frames a second of the film, for a file whose times count frames and that names none.

    Raises:
        ValueError: it begins like a known format and cannot be read as that.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    for kind, head in _BY_PYSUBS:
        if head.match(text):
            return _by_pysubs(text, kind)
    if _FRAMES.match(text):
        return _by_frames(text, fps)
    if text.startswith("WEBVTT"):
        header = text.partition("\n\n")[0]
        named = _LANGUAGE.search(header)
        return Parsed(list(_vtt_cues(text)), language=named[1] if named else None)
    return Parsed(_srt_cues(text))


def _by_pysubs(text: str, kind: str) -> Parsed:
    import pysubs2
    from pysubs2.exceptions import Pysubs2Error

    try:
        events = pysubs2.SSAFile.from_string(text, format_=kind).events
    except (Pysubs2Error, ArithmeticError, LookupError, SyntaxError) as error:
        raise ValueError(f"it does not read as {kind.upper()}: {error}") from error
    cues = [
        RawCue(event.start / 1000, event.end / 1000, event.text)
        for event in events
        if not event.is_comment
    ]
    return Parsed(cues, styled=kind == "ass")


def _by_frames(text: str, fps: float) -> Parsed:
    """Read MicroDVD, whose first line may say how many frames a second it counts."""
    rows = _FRAMES.findall(text)
    named = re.fullmatch(r"\s*(\d{2,3}(?:[.,]\d+)?)\s*", rows[0][2])
    rate = float(named[1].replace(",", ".")) if named else fps
    if not rate:
        raise ValueError("it counts 0 frames a second")
    cues = [
        RawCue(int(start) / rate, int(end or start) / rate, body.replace("|", "\n"))
        for start, end, body in rows[1 if named else 0 :]
    ]
    note = "" if named else f"its times count frames, taken at {fps:.2f} a second"
    return Parsed(cues, note=note)


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + (float(f"0.{fraction}") if fraction else 0.0)


def _times(line: str) -> tuple[float, float] | None:
    match = _TIMES.match(line)
    if match is None:
        return None
    groups = match.groups()
    return _seconds(groups[:4]), _seconds(groups[4:])


def _srt_cues(text: str) -> list[RawCue]:
    """Read SubRip and SBV: every line with two times begins a cue."""
    lines = text.split("\n")
    heads = [(row, times) for row, line in enumerate(lines) if (times := _times(line))]
    before = [lines[row - 1].strip() if row else "" for row, _ in heads]
    numbered = sum(line.isdecimal() for line in before) * 2 > len(heads)
    cues = []
    for place, (row, (start, end)) in enumerate(heads):
        last = place + 1 == len(heads)
        body = lines[row + 1 : len(lines) if last else heads[place + 1][0]]
        if numbered and not last and body and body[-1].strip().isdecimal():
            body.pop()
        body = [line.strip() for line in body]
        while body and not body[-1]:
            body.pop()
        # the number of a cue that never came
        if numbered and last and len(body) > 1 and body[-1].isdecimal() and not body[-2]:
            body.pop()
        cues.append(RawCue(start, end, "\n".join(body)))
    return cues


def _vtt_cues(text: str) -> Iterator[RawCue]:
    """Read WebVTT; headers that segments of a stream repeat set the clock and say nothing."""
    shift, first = 0.0, None
    for block in re.split(r"\n{2,}", text):
        lines = block.strip("\n").split("\n")
        heads = [(row, times) for row, line in enumerate(lines) if (times := _times(line))]
        lead = lines[: heads[0][0]] if heads else lines
        for line in lead:
            if mapped := _MAP.match(line.strip()):
                units, local = _timestamp_map(mapped[1])
                first = units if first is None else first
                shift = ((units - first + _WRAP // 2) % _WRAP - _WRAP // 2) / _UNITS - local
        if _BLOCKS.match(lead[0] if lead else "") and not (lead and lead[0].startswith("WEBVTT")):
            continue  # a comment may quote a cue
        for place, (row, (start, end)) in enumerate(heads):
            until = heads[place + 1][0] if place + 1 < len(heads) else len(lines)
            body = lines[row + 1 : until]
            if until < len(lines) and body and body[-1].strip().isdecimal():
                body.pop()  # a number without its blank line
            yield RawCue(start + shift, end + shift, "\n".join(body))


def _timestamp_map(value: str) -> tuple[int, float]:
    """Return the units of the transport stream and the seconds of the file that are one instant.

    RFC 8216, section 3.5. Where the film begins on the stream's clock is not in the file: the
    first map stands for the film's beginning, as packagers write it.
    """
    units = re.search(r"MPEGTS:\s*(\d+)", value, re.IGNORECASE)
    local = re.search(rf"LOCAL:\s*{_TIME}", value, re.IGNORECASE)
    return int(units[1]) if units else 0, _seconds(local.groups()) if local else 0.0
