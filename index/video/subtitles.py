"""What is said, as text: subtitle files beside a film, and text tracks inside it.

Both are somebody else's data. Cues come out as plain text: no markup, no control or bidirectional
characters, a capped length, and times that make a span.
"""

from __future__ import annotations

import html
import logging
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .span import Span

if TYPE_CHECKING:
    from .probe import Track

log = logging.getLogger(__name__)

MAX_TEXT = 500
MAX_CUES = 50_000
_MAX_BYTES = 16 << 20
_MAX_SECOND = 1e6
# how long a cue without a usable end stays on screen, in seconds
_USUAL_LENGTH = 3.0
_FORMATS = {".srt": "srt", ".vtt": "vtt", ".ass": "ass", ".ssa": "ssa"}
_OVERRIDE = re.compile(r"\{\\[^}]*\}")
_DRAWING = re.compile(r"\{[^}]*\\p[1-9][^}]*\}")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]{0,200}>")


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of speech or caption.

    Attributes:
        span: when it is on screen.
        text: plain, one line, at most `MAX_TEXT` characters.
        source: `sidecar:film.srt` or `track:2:eng`.
    """

    span: Span
    text: str
    source: str


def load_sidecars(path: str | Path) -> list[Cue]:
    """Read the subtitle files beside a film: `film.srt`, `film.en.vtt`, `film.ass` and so on.

    A file that cannot be read as subtitles is skipped with a logged warning.

    Returns:
        Cues in order of time.
    """
    film = Path(path)
    cues: list[Cue] = []
    try:
        beside = sorted(film.parent.iterdir())
    except OSError:
        return []
    for candidate in beside:
        middle = candidate.name.removeprefix(film.stem)
        named_so = middle != candidate.name and middle.startswith(".") and len(middle) <= 32
        if named_so and candidate.suffix.lower() in _FORMATS and candidate.is_file():
            cues += read_subtitles(candidate)
    return sorted(cues, key=lambda cue: (cue.span, cue.source))


def read_subtitles(path: str | Path) -> list[Cue]:
    """Read one .srt, .vtt, .ass or .ssa file; empty, with a logged warning, when it is none."""
    import pysubs2
    from pysubs2.exceptions import Pysubs2Error

    path = Path(path)
    source = f"sidecar:{clean_text(path.name)}"
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ValueError(f"it is larger than {_MAX_BYTES >> 20} MiB")
        kind = _FORMATS[path.suffix.lower()]
        events = pysubs2.SSAFile.from_string(_decode(data), format_=kind).events
    except (OSError, KeyError, ValueError, ArithmeticError, Pysubs2Error) as error:
        log.warning("%s: skipped, it does not read as subtitles (%s)", path, error)
        return []
    cues = _tidy(
        (event.start / 1000, event.end / 1000, event.text, source)
        for event in events
        if not event.is_comment
    )
    if not cues:
        log.warning("%s: no usable cue in it", path)
    return cues


def cues_from_packets(
    packets: Iterable[dict[str, Any]], tracks: Sequence[Track], origin: float
) -> list[Cue]:
    """Read the raw packets of embedded text tracks.

    Args:
        packets: `track`, `start` and `length` in seconds of the container, `data` (bytes as
            latin-1 text), as the decode child sends them.
        tracks: of the film.
        origin: container time of the film's first frame, in seconds.
    """
    known = {track.index: track for track in tracks}
    raw = []
    for packet in packets:
        track = known.get(packet["track"])
        if track is None:
            continue
        text = _packet_text(track.codec, str(packet["data"]).encode("latin-1", "replace"))
        start = float(packet["start"]) - origin
        end = start + float(packet["length"])
        raw.append((start, end, text, f"track:{track.index}:{track.language or 'und'}"))
    return _tidy(raw)


def clean_text(text: str) -> str:
    """Return text as one plain line: no markup, no control characters, at most `MAX_TEXT` long."""
    if _DRAWING.search(text):
        return ""
    text = _OVERRIDE.sub("", text).replace(r"\N", " ").replace(r"\n", " ").replace(r"\h", " ")
    text = html.unescape(_TAG.sub("", text))
    # Cc and Cf hold escapes, bidirectional overrides and zero-width characters; Co, Cs, Cn nothing
    text = "".join(" " if c.isspace() else c for c in text)
    text = "".join(c for c in text if not unicodedata.category(c).startswith("C"))
    return " ".join(text.split())[:MAX_TEXT].rstrip()


def _packet_text(codec: str, data: bytes) -> str:
    if codec == "mov_text":  # a length of two bytes, then the text, then style boxes
        data = data[2 : 2 + int.from_bytes(data[:2], "big")]
    text = _decode(data)
    if codec in ("ass", "ssa"):  # ReadOrder, Layer, Style, Name, three margins, Effect, Text
        fields = text.split(",", 8)
        text = fields[8] if len(fields) == 9 else ""
    return text


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # old western files name no encoding; every byte means something in this one
        return data.decode("cp1252", "replace")


def _tidy(raw: Iterable[tuple[float, float, str, str]]) -> list[Cue]:
    """Turn (start, end, text, source) into cues: usable spans only, repeats joined."""
    cues: list[Cue] = []
    latest: dict[str, int] = {}
    for start, end, marked, source in raw:
        text = clean_text(marked)
        if not text or not math.isfinite(start + end) or end < 0 or start > _MAX_SECOND:
            continue
        start = max(0.0, start)
        # a missing or backward end, or one far beyond any line of speech
        if not start + 0.001 < end <= _MAX_SECOND:
            end = start + _USUAL_LENGTH
        before = latest.get(source)
        if before is not None and cues[before].text == text:
            span = cues[before].span
            if span.start <= start <= span.end + 0.1:  # rolling captions repeat their last line
                cues[before] = replace(cues[before], span=Span(span.start, max(end, span.end)))
                continue
        latest[source] = len(cues)
        cues.append(Cue(Span(round(start, 3), round(end, 3)), text, source))
        if len(cues) >= MAX_CUES:
            break
    return sorted(cues, key=lambda cue: (cue.span, cue.source))
