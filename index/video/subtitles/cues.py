"""Cues: lines with times, as plain text. What comes out of a file is somebody else's data."""

from __future__ import annotations

import html
import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..span import Span, format_seconds

MAX_TEXT = 500
MAX_CUES = 50_000
_MAX_SECOND = 1e6
# how long a cue without a usable end stays on screen, in seconds
_USUAL_LENGTH = 3.0
# a cue that follows within this goes on from the one before it, in seconds
_PAUSE = 0.1
# how many cues back the same words at the same time are looked for: layers of styled subtitles
_LAYERS = 16
_OVERRIDE = re.compile(r"\{\\[^}]*\}")
_BRACES = re.compile(r"\{[^}]*\}")
_DRAWING = re.compile(r"\{[^}]*\\p[1-9][^}]*\}")
_CLASSES = r"(?:\.[^\s<>.]+)*"
# only what subtitles really use: `x<y and y>z` is no tag
_TAG = re.compile(
    r"</?(?:[ibus]|em|strong|strike|span|tt|c|v|lang|ruby|rt|rp)" + _CLASSES + r"\s*/?>"
    r"|<(?:font|span|p|ruby)\b[^<>=]*=[^<>]*>|</(?:font|p)>|<font>|<p>"
    r"|<(?:v|lang)" + _CLASSES + r"[ \t][^<>]{1,200}>"
    r"|<(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>|\[br\]|\\[Nn]", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of speech or caption.

    Attributes:
        span: when it is said.
        text: plain, one line, at most `MAX_TEXT` characters.
        source: the track it belongs to: `sidecar:film.srt` or `track:2:eng`.
        certain: False where OCR read it and may well be wrong.
    """

    span: Span
    text: str
    source: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class RawCue:
    """A cue as its file has it: times in seconds that need not make sense, text with markup."""

    start: float
    end: float
    text: str


def clean_text(text: str) -> str:
    """Return text as one plain line: no markup, no control characters, at most `MAX_TEXT` long."""
    return " ".join(clean_lines(text))[:MAX_TEXT].rstrip()


def clean_lines(text: str, *, styled: bool = False) -> list[str]:
    """Return the lines of a cue's text that hold something, each as `clean_text` would.

    Args:
        text: of a cue.
        styled: it is of an ASS or SSA file, where everything in braces is an instruction.
    """
    if _DRAWING.search(text):
        return []
    text = (_BRACES if styled else _OVERRIDE).sub("", text).replace(r"\h", " ")
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    lines = (_plain(line) for line in unicodedata.normalize("NFC", text).splitlines())
    return [line for line in lines if line]


def _plain(line: str) -> str:
    line = "".join(" " if char.isspace() else char for char in line)
    # Cc and Cf hold escapes, bidirectional overrides and zero-width characters; Co, Cs, Cn nothing
    line = "".join(char for char in line if not unicodedata.category(char).startswith("C"))
    return " ".join(line.split())


def make_cues(raw: Iterable[RawCue], source: str, *, styled: bool = False) -> list[Cue]:
    """Turn the cues of one track into lines of speech: usable spans, every line once.

    Captions that roll up show a line again above the next one, and captions that are typed show
    it again with every word. A line is said from where it first appears until the next one does.

    Args:
        raw: in any order.
        source: the track.
        styled: as for `clean_text`.
    """
    shown = sorted(
        (cue for cue in raw if math.isfinite(cue.start + cue.end) and cue.start <= _MAX_SECOND),
        key=lambda cue: cue.start,
    )
    cues: list[Cue] = []
    before: list[str] = []  # the lines on screen until now
    for place, cue in enumerate(shown):
        lines = clean_lines(cue.text, styled=styled)
        follower = shown[place + 1].start if place + 1 < len(shown) else math.inf
        span = _usable_span(cue, follower)
        if not lines or span is None:
            continue
        follows = bool(cues) and span.start <= cues[-1].span.end + _PAUSE
        known = _repeated(before, lines) if follows else 0
        fresh = " ".join(lines[known:])
        if follows and known == len(lines) and before[-1] == lines[-1]:
            _prolong(cues, -1, span, cues[-1].text)
        elif (
            follows
            and len(fresh) <= MAX_TEXT
            and cues[-1].text != fresh
            and fresh.startswith(cues[-1].text + " ")
        ):
            _prolong(cues, -1, span, fresh)
        else:
            for part, text in _parts(span, fresh):
                if not _joined(cues, part, text):
                    cues.append(Cue(part, text, source))
        before = lines
        if len(cues) >= MAX_CUES:
            break
    return sorted(cues, key=lambda cue: cue.span)


def _parts(span: Span, text: str) -> list[tuple[Span, str]]:
    """Divide a line that is too long, as of a transcript, in parts that share its time."""
    short = len(text) <= MAX_TEXT
    parts = [text] * bool(text) if short else textwrap.wrap(text, MAX_TEXT, break_on_hyphens=False)
    at, found = span.start, []
    for part in parts:
        end = span.end if part is parts[-1] else at + span.duration * len(part) / len(text)
        end = max(end, at + 0.001)
        found.append((Span(round(at, 3), round(end, 3)), part))
        at = end
    return found


def limit_note(cues: Sequence[Cue]) -> tuple[str, ...]:
    """Say from where on the lines of a track are left out, when there are too many."""
    if len(cues) < MAX_CUES:
        return ()
    last = format_seconds(cues[-1].span.start)
    return (f"it has more than {MAX_CUES} lines: those after {last} are not used",)


def _usable_span(cue: RawCue, follower: float) -> Span | None:
    """Return the span of a cue; a missing or backward end is made up, at most to the next cue."""
    if cue.end < 0 or (cue.start < 0 and cue.end <= 0):
        return None
    start, end = max(0.0, cue.start), cue.end
    if not start + 0.001 < end <= _MAX_SECOND:
        end = start + _USUAL_LENGTH
        end = follower if start + 0.001 < follower < end else end
    return Span(round(start, 3), round(end, 3))


def _repeated(before: Sequence[str], lines: Sequence[str]) -> int:
    """Return how many of the lines stand at the end of what was on screen before."""
    for count in range(min(len(before), len(lines)), 0, -1):
        if list(before[-count:]) == list(lines[:count]):
            return count
    return 0


def _joined(cues: list[Cue], span: Span, text: str) -> bool:
    """Add the span to a cue of the same words that it touches; say whether there was one."""
    for place in range(len(cues) - 1, max(-1, len(cues) - 1 - _LAYERS), -1):
        if cues[place].text == text and span.start <= cues[place].span.end + _PAUSE:
            _prolong(cues, place, span, text)
            return True
    return False


def _prolong(cues: list[Cue], place: int, span: Span, text: str) -> None:
    old = cues[place]
    cues[place] = replace(old, text=text, span=Span(old.span.start, max(span.end, old.span.end)))
