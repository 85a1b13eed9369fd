"""Subtitles that are pictures, read by OCR: only when asked for, kept by the minute."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..progress import Listener, Meter
from ..protocols import Reader, TextHit
from ..storage.annotations import Ledger, minute_of
from ..storage.lock import SUBTITLE_PASS, write_lock
from ..text.script import unreadable_scripts
from ..video.probing.probe import Track
from ..video.span import Span
from ..video.subtitle_pictures import SubtitlePicture, stream_subtitle_pictures
from ..video.subtitles import Cue, SubtitleTrack, clean_text, parse_language, primary
from ..video.subtitles.alphabets import ALPHABETS
from ..video.subtitles.choice import OCR, ocr_language
from ..video.subtitles.tracks import is_pictures, source_of
from .speech import clamp_track

if TYPE_CHECKING:
    from ..film_index import FilmIndex

FOLDER = "subtitles"
_WAIT_SECONDS = 900.0
# a picture that follows within this is the same line still, in seconds
_PAUSE = 0.1


def pick_track(tracks: Sequence[Track], language: str, audio: str | None) -> Track | None:
    """Return the picture track of a language, else of the sound's, the default one, the first."""
    pictures = [track for track in tracks if is_pictures(track)]
    for code in (language, audio or ""):
        same = [t for t in pictures if code and _code(t.language) == _code(code)]
        if same:
            return min(same, key=lambda track: (track.forced, not track.default))
    return min(pictures, key=lambda track: (track.forced, not track.default), default=None)


def _code(language: str | None) -> str | None:
    return primary(parse_language(language or ""))


def ensure_picture_subtitles(
    index: FilmIndex,
    path: Path,
    reader: Reader,
    setting: str = OCR,
    progress: Listener | None = None,
) -> None:
    """Read one picture subtitle track into the index, unless that was done before.

    A pass that is stopped keeps every minute that it finished.

    Args:
        index: of the film; its `subtitle_tracks` have the lines afterwards.
        path: the film.
        reader: reads the pictures.
        setting: `ocr` or `ocr:LANG`.
        progress: called as the film goes by; it may raise to stop.

    Raises:
        InputError: the track cannot be decoded.
        IndexLocked: another process has been reading it for very long.
        UsageError: see `ocr_language`.
    """
    sound = index.info.sound
    audio = sound.language if sound is not None else None
    track = pick_track(index.info.subtitles, ocr_language(setting) or "", audio)
    if track is None:
        return
    ledger = ledger_of(index.directory, track)
    minutes = minute_of(index.info.duration) + 1
    if len(ledger.read()[0]) >= minutes:
        return
    try:
        with write_lock(index.lock_path.with_suffix(SUBTITLE_PASS), wait=_WAIT_SECONDS):
            _read(path, track, reader, ledger, Meter(progress, "subtitles", minutes, "minutes"))
    finally:
        index.reload_subtitles()


def ledger_of(directory: Path, track: Track) -> Ledger:
    """Return where the lines of a track are kept."""
    return Ledger(directory / FOLDER / str(track.index))


def _read(path: Path, track: Track, reader: Reader, ledger: Ledger, meter: Meter) -> None:
    kept = ledger.read()[0]
    letters = "".join(sorted(ALPHABETS.get(_code(track.language) or "", "")))
    unknown = unreadable_scripts(letters, getattr(reader, "scripts", None))
    facts = {"reader": reader.id, "unknown_script": "".join(unknown[:1])}
    rows: dict[int, list[dict[str, Any]]] = {}
    done = 0

    def finish(until: int) -> None:
        nonlocal done
        for minute in range(done, until):
            if minute not in kept:
                ledger.put(minute, {**facts, "rows": rows.pop(minute, [])})
        done = max(done, until)
        meter.tell(done)

    with closing(stream_subtitle_pictures(path, track)) as pictures:
        for picture in pictures:
            minute = minute_of(picture.span.start)
            if minute > done:
                finish(min(minute, meter.total))
            if minute < meter.total and minute not in kept:
                rows.setdefault(minute, []).append(_row(picture, reader))
    finish(meter.total)


def _row(picture: SubtitlePicture, reader: Reader) -> dict[str, Any]:
    hits = reader.read(np.repeat(picture.pixels[:, :, None], 3, axis=2))
    return {
        "start": picture.span.start,
        "end": picture.span.end,
        "text": "\n".join(lines_of(hits)),
        "certain": bool(hits) and all(hit.certain for hit in hits),
    }


def lines_of(hits: Sequence[TextHit]) -> list[str]:
    """Return what was read line by line: parts at one height follow each other from the left."""
    lines: list[list[TextHit]] = []
    for hit in sorted(hits, key=lambda hit: hit.box.y0 + hit.box.y1):
        middle = (hit.box.y0 + hit.box.y1) / 2
        if lines and lines[-1][0].box.y0 < middle < lines[-1][0].box.y1:
            lines[-1].append(hit)
        else:
            lines.append([hit])
    return [
        " ".join(hit.text for hit in sorted(line, key=lambda hit: hit.box.x0)) for line in lines
    ]


def with_read_lines(index: FilmIndex, tracks: Sequence[SubtitleTrack]) -> list[SubtitleTrack]:
    """Return a film's tracks, those of pictures with the lines that OCR has read so far."""
    inside = {source_of(track): track for track in index.info.subtitles if is_pictures(track)}
    found = []
    for known in tracks:
        track = inside.get(known.source)
        documents = ledger_of(index.directory, track).read()[0] if track else {}
        found.append(_with_lines(known, documents, index.info.duration) if documents else known)
    return found


def _with_lines(
    known: SubtitleTrack, documents: dict[int, dict[str, Any]], duration: float
) -> SubtitleTrack:
    rows = [row for minute in sorted(documents) for row in documents[minute]["rows"]]
    script = next((kept["unknown_script"] for kept in documents.values()), "")
    name = known.source.partition(":")[2]
    empty = sum(not row["text"] for row in rows)
    notes = [f"the lines of subtitle track {name} were read in its pictures by OCR"]
    if script:
        notes.append(f"this OCR does not know {script} letters: they may be other words")
    if empty:
        notes.append(f"in {empty} of {len(rows)} pictures of track {name} no text was found")
    if len(documents) <= minute_of(duration):
        notes.append(f"track {name} is read in part only: the same command again goes on")
    track = replace(
        known, cues=tuple(_cues(rows, known.source)), notes=tuple(notes), uncertain=bool(script)
    )
    return clamp_track(track, duration)


def _cues(rows: Sequence[dict[str, Any]], source: str) -> list[Cue]:
    """Return the lines; a picture that is sent again goes on from the one before it."""
    cues: list[Cue] = []
    for row in sorted(rows, key=lambda row: row["start"]):
        text = clean_text(row["text"])
        span = Span(round(row["start"], 3), round(row["end"], 3))
        if cues and cues[-1].text == text and span.start <= cues[-1].span.end + _PAUSE:
            cues[-1] = replace(cues[-1], span=Span(cues[-1].span.start, span.end))
        elif text:
            cues.append(Cue(span, text, source, certain=row["certain"]))
    return cues
