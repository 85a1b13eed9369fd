"""A told film in the formats of players, editors and readers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from longtake.index.video.errors import UsageError
from longtake.index.video.span import Span, format_seconds
from longtake.safe import printable

if TYPE_CHECKING:
    from longtake.agent.telling.story import Length, Statement, Story

Cue = tuple[Span, str]
Content = Literal["chapters", "summary", "story", "events", "steps", "speech"]
_LEAST_YOUTUBE, _LEAST_YOUTUBE_SECONDS = 3, 10.0
_FRAME_RATE = 25


def cues_of(story: Story, content: Content, length: Length = "medium") -> list[Cue]:
    """Return a part of a story as texts with times, in time order.

    Args:
        story: the film told.
        content: which part; `speech` is none of a story's.
        length: of the summary.
    """
    if content == "chapters":
        return [(chapter.span, chapter.title) for chapter in story.chapters]
    if content in ("events", "steps"):
        events = story.steps if content == "steps" else story.events
        return [(event.what.span, event.what.text) for event in events]
    told = story.summaries[length] if content == "summary" else story.narrative
    return [(statement.spans[0], statement.text) for statement in told]


def as_srt(cues: Sequence[Cue], story: Story) -> str:
    """Return SubRip."""
    blocks = (
        f"{number}\n{_clock(span.start, ',')} --> {_clock(span.end, ',')}\n{_flat(text)}\n"
        for number, (span, text) in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def as_vtt(cues: Sequence[Cue], story: Story) -> str:
    """Return WebVTT."""
    blocks = (
        f"{_clock(span.start, '.')} --> {_clock(span.end, '.')}\n"
        f"{_flat(text).replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}\n"
        for span, text in cues
    )
    return "\n".join(["WEBVTT\n", *blocks])


def as_text(cues: Sequence[Cue], story: Story) -> str:
    """Return lines of plain text, each behind its time."""
    return "".join(f"[{span}] {_flat(text)}\n" for span, text in cues)


def as_youtube(cues: Sequence[Cue], story: Story) -> str:
    """Return the list of chapters that YouTube reads in a description.

    Raises:
        UsageError: YouTube takes three chapters of ten seconds or more.
    """
    kept: list[Cue] = []
    for span, text in cues:
        if kept and span.start - kept[-1][0].start < _LEAST_YOUTUBE_SECONDS:
            continue
        kept.append((span, text))
    if len(kept) < _LEAST_YOUTUBE:
        raise UsageError(
            f"the film has {len(kept)} chapters of {_LEAST_YOUTUBE_SECONDS:.0f} s or more",
            f"YouTube wants {_LEAST_YOUTUBE}: use --format ffmetadata or vtt",
        )
    rows = []
    for number, (span, text) in enumerate(kept):
        seconds = 0 if number == 0 else round(span.start)
        hours, rest = divmod(seconds, 3600)
        clock = f"{rest // 60}:{rest % 60:02}" if not hours else _hours(hours, rest)
        rows.append(f"{clock} {_flat(text)}\n")
    return "".join(rows)


def as_ffmetadata(cues: Sequence[Cue], story: Story) -> str:
    """Return chapters as `ffmpeg -i FILM -i FILE -map_metadata 1 -codec copy OUT` takes them."""
    rows = [";FFMETADATA1"]
    for span, text in cues:
        title = "".join(f"\\{c}" if c in "=;#\\" else c for c in _flat(text))
        rows += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(1000 * span.start)}"]
        rows += [f"END={round(1000 * span.end)}", f"title={title}"]
    return "\n".join([*rows, ""])


def as_edl(cues: Sequence[Cue], story: Story) -> str:
    """Return the spans as an edit decision list (CMX 3600), one after the other, at 25 fps."""
    rows, at = [f"TITLE: {_flat(story.path)[-60:]}", "FCM: NON-DROP FRAME", ""], 0.0
    for number, (span, text) in enumerate(cues, 1):
        times = (span.start, span.end, at, at + span.duration)
        rows.append(f"{number:03}  AX       V     C        {' '.join(map(_timecode, times))}")
        rows += [f"* FROM CLIP NAME: {_flat(story.path)}", f"* COMMENT: {_flat(text)}", ""]
        at += span.duration
    return "\n".join(rows)


def as_otio(cues: Sequence[Cue], story: Story) -> str:
    """Return the spans as a timeline of OpenTimelineIO, one after the other."""

    def time(seconds: float) -> dict[str, object]:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": 1000.0, "value": round(1000 * seconds)}

    def place(span: Span) -> dict[str, object]:
        length = time(span.duration)
        start = time(span.start)
        return {"OTIO_SCHEMA": "TimeRange.1", "start_time": start, "duration": length}

    media = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": story.path,
        "available_range": place(Span(0.0, story.duration)),
    }
    clips = [
        {
            "OTIO_SCHEMA": "Clip.1",
            "name": _flat(text),
            "source_range": place(span),
            "media_reference": media,
        }
        for span, text in cues
    ]
    track = {"OTIO_SCHEMA": "Track.1", "name": "cited", "kind": "Video", "children": clips}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track]}
    name = story.path.rpartition("/")[2]
    timeline = {"OTIO_SCHEMA": "Timeline.1", "name": name, "tracks": stack}
    return json.dumps(timeline, ensure_ascii=False, indent=1) + "\n"


def as_markdown(story: Story, length: Length = "medium") -> str:
    """Return the whole story for a reader: summary, chapters, steps, names, caveats."""

    def line(statement: Statement) -> str:
        times = ", ".join(format_seconds(span.start) for span in statement.spans[:3])
        return f"- {_flat(statement.text)} ({times})"

    rows = [f"# {_flat(story.path.rpartition('/')[2])}", "", f"Told by: {story.method}.", ""]
    rows += ["## Summary", "", *map(line, story.summaries[length]), "", "## Chapters", ""]
    for chapter in story.chapters:
        rows += [f"### {chapter.span} {_flat(chapter.title)}", "", *map(line, chapter.summary), ""]
    if story.steps:
        rows += ["## Steps", "", *(line(event.what) for event in story.steps), ""]
    if story.entities:
        rows += ["## Named", ""]
        for entity in story.entities:
            also = f" (also {', '.join(entity.aliases)})" if entity.aliases else ""
            times = ", ".join(format_seconds(span.start) for span in entity.spans[:12])
            rows.append(f"- {_flat(entity.name + also)}: {times}")
        rows.append("")
    rows += [f"Note: {_flat(caveat)}" for caveat in story.caveats]
    return "\n".join(rows).rstrip() + "\n"


FORMATS: dict[str, tuple[Content, Callable[[Sequence[Cue], Story], str]]] = {
    "srt": ("story", as_srt),
    "vtt": ("chapters", as_vtt),
    "txt": ("story", as_text),
    "youtube": ("chapters", as_youtube),
    "ffmetadata": ("chapters", as_ffmetadata),
    "edl": ("summary", as_edl),
    "otio": ("summary", as_otio),
}
"""By name: what is written where nothing else is asked for, and how. `md` and `json` hold all."""


def _flat(text: str) -> str:
    return printable(text) or "-"


def _clock(second: float, point: str) -> str:
    millis = round(second * 1000)
    hours, rest = divmod(millis, 3_600_000)
    return f"{hours:02}:{rest // 60_000:02}:{rest % 60_000 // 1000:02}{point}{millis % 1000:03}"


def _hours(hours: int, rest: int) -> str:
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def _timecode(second: float) -> str:
    frames = round(second * _FRAME_RATE)
    whole, frame = divmod(frames, _FRAME_RATE)
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}:{frame:02}"
