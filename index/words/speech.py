"""What is said in a film: its subtitle tracks, and which one is used for a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..video.errors import UsageError
from ..video.probing.probe import FilmInfo
from ..video.subtitles import (
    Choice,
    Cue,
    SubtitleTrack,
    choose_track,
    embedded_tracks,
    guess_language,
    load_sidecars,
    parse_language,
    primary,
    read_subtitles,
)
from ..video.subtitles.choice import AUTO, NONE, ocr_language

if TYPE_CHECKING:
    from ..video.decode import Decoder


def find_tracks(decoder: Decoder) -> list[SubtitleTrack]:
    """Return the subtitle tracks beside and inside a film, with their lines inside the film.

    Side files count from the start of the container, the film from its first picture.
    """
    info, offset = decoder.info, decoder.timeline.sidecar_offset
    inside = embedded_tracks(info.subtitles, decoder.subtitles())
    beside = load_sidecars(decoder.path, -offset, info.fps)
    return [clamp_track(track, info.duration) for track in [*beside, *inside]]


def choose_speech(
    tracks: Sequence[SubtitleTrack],
    info: FilmInfo,
    wanted: str = AUTO,
    question: str = "",
    offset: float = 0.0,
) -> Choice:
    """Choose the one subtitle track of a film that is used (see `choose_track`).

    Args:
        tracks: of the film, files beside it first.
        info: the film.
        wanted: a language, a subtitle file, `ocr`, `ocr:LANG`, `auto` or `none`.
        question: in words; its language counts when there is more than one track.
        offset: `Timeline.sidecar_offset`, for a subtitle file that is named.

    Raises:
        UsageError: `wanted` is none of these.
    """
    simple = wanted in (AUTO, NONE) or ocr_language(wanted) is not None
    if not simple and parse_language(wanted) is None:
        return _named_file(wanted, info, question, offset)
    read = [track for track in tracks if track.cues]
    several = len({track.language for track in read}) > 1
    asked = _language_asked(question, tracks) if several and question else None
    # the names of languages take a quarter of a second to load: only where there is a choice
    sound = info.sound if len(read) > 1 else None
    audio = parse_language(sound.language or "") if sound is not None else None
    return choose_track(tracks, wanted, asked, audio)


def _language_asked(question: str, tracks: Sequence[SubtitleTrack]) -> str | None:
    """Return the question's language, or that of the track which has most of its words."""
    guess = guess_language(question)
    if guess in {primary(track.language) for track in tracks if track.cues}:
        return guess
    words = {word for word in re.findall(r"\w{3,}", question.casefold())}

    def shared(track: SubtitleTrack) -> int:
        said = re.findall(r"\w{3,}", " ".join(cue.text for cue in track.cues).casefold())
        return len(words.intersection(said))

    best = max(tracks, key=shared)
    return best.language if shared(best) else guess


def _named_file(name: str, info: FilmInfo, question: str, offset: float) -> Choice:
    path = Path(name).expanduser()
    if not path.is_file():
        raise UsageError(
            f"subtitles = {name!r}: no such file, and no language",
            "give a language (en, pt-BR, German), a subtitle file, ocr, ocr:en, auto or none",
        )
    read = read_subtitles(path, -offset, fps=info.fps)
    tracks = [clamp_track(track, info.duration) for track in read]
    if not any(track.cues for track in tracks):
        notes = "; ".join(note for track in tracks for note in track.notes)
        raise UsageError(f"subtitles = {name!r}: {notes}", "name another file")
    return choose_speech(tracks, info, question=question)


def clamp_track(track: SubtitleTrack, duration: float) -> SubtitleTrack:
    """Cut a track's lines to the film; lines beyond its end are counted in a note."""
    cues: list[Cue] = []
    for cue in track.cues:
        span, _ = cue.span.clamp(duration)
        if span is not None:
            cues.append(replace(cue, span=span))
    beyond = len(track.cues) - len(cues)
    notes = track.notes
    if beyond:
        name = track.source.partition(":")[2]
        notes += (f"{beyond} of {len(track.cues)} lines of {name} lie after the end of the film",)
    # most of it elsewhere: made for another cut or another film
    uncertain = track.uncertain or beyond > len(cues)
    return replace(track, cues=tuple(cues), notes=notes, uncertain=uncertain)
