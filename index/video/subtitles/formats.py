"""Read the text of a subtitle file: SubRip, WebVTT, SBV, MicroDVD, LRC, ASS, and documents.

Files are told apart by what they hold, not by their names. Lines with two times make the cues, so
that numbering, missing blank lines and odd separators do no harm.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from .cues import RawCue
from .documents import Spoken, read_json3, read_sami, read_timed_text, read_ttml

# a tool that shifts times may have made some negative
_TIME = r"(-?)(?:(\d+)\s*:\s*)?(\d{1,3})\s*:\s*(\d{1,2})(?:\s*[.,:;]\s*(\d{1,6}))?"
_TIMES = re.compile(rf"^[\s\ufeff]*{_TIME}\s*(?:[-–—]+\s*>|→|,)\s*{_TIME}(?=$|\s)")
_BLOCKS = re.compile(r"^(?:WEBVTT\b|NOTE(?:\s|$)|STYLE\s*$|REGION\s*$|X-TIMESTAMP-MAP=)")
_MAP = re.compile(r"X-TIMESTAMP-MAP\s*=\s*(.*)", re.IGNORECASE)
_LANGUAGE = re.compile(r"^Language:\s*([A-Za-z0-9_-]{2,35})\s*$", re.MULTILINE)
# MPEG transport streams count 90,000 units a second and begin anew at 2^33
_UNITS, _WRAP = 90_000, 1 << 33
_ASS = re.compile(r"\s*(?:;[^\n]*\n\s*)*\[(?:Script Info|V4\+? Styles|Events)\]", re.I)
_XML = r"\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*"
_DOCUMENTS: tuple[tuple[str, re.Pattern[str], Callable[[str], Spoken]], ...] = (
    ("SAMI", re.compile(_XML + r"<SAMI\b", re.I | re.S), read_sami),
    ("TTML", re.compile(_XML + r"<(?:[\w-]+:)?tt\b", re.I | re.S), read_ttml),
    ("timed text", re.compile(_XML + r"<(?:timedtext|transcript)\b", re.I), read_timed_text),
    ("json3", re.compile(r"\s*\{.{0,2000}\"events\"\s*:", re.S), read_json3),
)
# LRC: one or more times before what is sung, marks such as [ar:NAME]
_SUNG = re.compile(r"^\s*((?:\[(?:\d+:)?\d{1,3}:\d{2}(?:\.\d{1,3})?\]\s*)+)(.*)$")
_SUNG_AT = re.compile(r"\[(?:(\d+):)?(\d{1,3}):(\d{2})(?:\.(\d{1,3}))?\]")
_MARK = re.compile(r"^\s*\[(\w+)\s*:(.*)\]\s*$")
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
        others: what it holds in further languages.
    """

    cues: list[RawCue] = field(default_factory=list)
    styled: bool = False
    language: str | None = None
    note: str = ""
    others: tuple[Parsed, ...] = ()


def parse_subtitles(text: str, fps: float = 25.0) -> Parsed:
    """Read the cues of a subtitle file; none where it is no subtitle file.

    Args:
        text: of the file.
        fps: frames a second of the film, for a file whose times count frames and that names none.

    Raises:
        ValueError: it begins like a known format and cannot be read as that.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if _ASS.match(text):
        return _by_pysubs(text)
    for kind, head, read in _DOCUMENTS:
        if head.match(text):
            return _of_document(kind, read, text)
    if _FRAMES.match(text):
        return _by_frames(text, fps)
    if text.startswith("WEBVTT"):
        header = text.partition("\n\n")[0]
        named = _LANGUAGE.search(header)
        return Parsed(list(_vtt_cues(text)), language=named[1] if named else None)
    first = next((line for line in text.split("\n") if line.strip()), "")
    if _SUNG.match(first) or _MARK.match(first):
        return Parsed(_sung_cues(text))
    return Parsed(_srt_cues(text))


def _of_document(kind: str, read: Callable[[str], Spoken], text: str) -> Parsed:
    try:
        spoken = read(text)
    except (ArithmeticError, RecursionError, ValueError) as error:
        raise ValueError(f"it does not read as {kind}: {error}") from error
    languages = [Parsed(cues, language=language) for language, cues in spoken]
    if not languages:
        return Parsed()
    return replace(languages[0], others=tuple(languages[1:]))


def _by_pysubs(text: str) -> Parsed:
    import pysubs2
    from pysubs2.exceptions import Pysubs2Error

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of layers and colours that it cannot read
            events = pysubs2.SSAFile.from_string(text, format_="ass").events
    except (Pysubs2Error, ArithmeticError, LookupError, ValueError) as error:
        raise ValueError(f"it does not read as ASS: {error}") from error
    cues = [
        RawCue(event.start / 1000, event.end / 1000, event.text)
        for event in events
        if not event.is_comment
    ]
    return Parsed(cues, styled=True)


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
    sign, hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return (-1 if sign else 1) * (whole + (float(f"0.{fraction}") if fraction else 0.0))


def _times(line: str) -> tuple[float, float] | None:
    match = _TIMES.match(line)
    if match is None:
        return None
    groups = match.groups()
    return _seconds(groups[:5]), _seconds(groups[5:])


def _sung_cues(text: str) -> list[RawCue]:
    """Read LRC, whose lines last until the next one."""
    sung: list[tuple[float, str]] = []
    earlier = 0.0
    for line in text.split("\n"):
        if match := _SUNG.match(line):
            stamps = _SUNG_AT.findall(match[1])
            sung += [(_seconds(("", *groups)), match[2]) for groups in stamps]
        elif (mark := _MARK.match(line)) and re.fullmatch(r"\s*[+-]?\d{1,9}\s*", mark[2]):
            earlier = int(mark[2]) / 1000 if mark[1].lower() == "offset" else earlier
    sung.sort(key=lambda line: line[0])
    ends = [start for start, _ in sung[1:]] + [start for start, _ in sung[-1:]]
    pairs = zip(sung, ends, strict=True)
    return [RawCue(start - earlier, end - earlier, words) for (start, words), end in pairs]


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
