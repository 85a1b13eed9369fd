"""Which of a film's subtitle tracks is used: one; notes name the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from .languages import parse_language, primary
from .tracks import KINDS, SubtitleTrack

AUTO, NONE, OCR = "auto", "none", "ocr"


@dataclass(frozen=True)
class Choice:
    """The subtitle track that is used.

    Attributes:
        track: None when there is none, or none is wanted.
        notes: what a reader of answers should know: the other tracks, and what is odd about this.
    """

    track: SubtitleTrack | None
    notes: tuple[str, ...] = ()


def ocr_language(wanted: str) -> str | None:
    """Return the language of `ocr:LANG`, "" of `ocr` alone, None of any other setting.

    Raises:
        UsageError: what follows the colon is no language.
    """
    head, colon, language = wanted.partition(":")
    if head != OCR:
        return None
    if colon and parse_language(language) is None:
        raise UsageError(
            f"subtitles = {wanted!r}: {language!r} is no language", "give ocr, or ocr:en"
        )
    return language


def choose_track(
    tracks: Sequence[SubtitleTrack],
    wanted: str = AUTO,
    question: str | None = None,
    audio: str | None = None,
) -> Choice:
    """Choose one track: of the wanted language, else the question's, the audio's, the first.

    Forced tracks hold only some lines: they are used when nothing else is there. Of tracks of one
    language those of a certain encoding come first, then full ones, then those named first.

    Args:
        tracks: of the film, files beside it first.
        wanted: a language, `auto`, `none`, or `ocr` or `ocr:LANG` for what OCR read in pictures.
        question: language of the question.
        audio: language of the sound.

    Raises:
        UsageError: see `ocr_language`.
    """
    unread = tuple(note for track in tracks if not track.cues for note in track.notes)
    read = [track for track in tracks if track.cues]
    language = ocr_language(wanted)
    if language is not None:
        wanted = language or AUTO
        if not any(track.pictures for track in tracks):
            unread += ("there are no picture subtitles in this film for OCR to read",)
        read = [track for track in read if track.pictures] or read
    if wanted == NONE or not read:
        return Choice(None, unread)
    named = None if wanted == AUTO else parse_language(wanted)
    asked = _of_language(read, named)
    whole = [track for track in read if track.kind != "forced"] or read
    pool = asked or _of_language(whole, question) or _of_language(whole, audio)
    pool = pool or [track for track in whole if track.language == whole[0].language]
    chosen = min(pool, key=lambda t: (t.uncertain, KINDS.index(t.kind), t.pictures))
    notes = [*chosen.notes, *unread]
    if named and not asked:
        notes.append(f"there are no subtitles in {named!r}: {_name(chosen)} is used")
    if chosen.kind == "forced":
        notes.append(f"{_name(chosen)} is for foreign speech and signs only: most is not in it")
    others = ", ".join(_name(track) for track in read if track is not chosen)
    if others:
        notes.append(
            f"subtitles: {_name(chosen)} is used; there is also {others} (setting: subtitles)"
        )
    return Choice(chosen, tuple(dict.fromkeys(notes)))


def _of_language(tracks: Sequence[SubtitleTrack], language: str | None) -> list[SubtitleTrack]:
    """Return the tracks of a language, those of the same script or region alone if there are."""
    if primary(language) is None:
        return []
    same = [track for track in tracks if primary(track.language) == primary(language)]
    return [t for t in same if str(t.language).lower() == str(language).lower()] or same


def _name(track: SubtitleTrack) -> str:
    return f"{track.source.partition(':')[2]} ({track.language or 'language not known'})"
