"""The subtitle files beside a film: which ones are its own, and what they say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

from .cues import RawCue, clean_text, limit_note, make_cues
from .encodings import decode_text
from .formats import Parsed, parse_subtitles
from .languages import parse_language
from .tracks import FLAGS, INSERT, KINDS, Kind, SubtitleTrack, language_of

SUFFIXES = (
    *(".srt", ".vtt", ".ass", ".ssa", ".sbv", ".smi", ".sami", ".sub", ".ttml", ".dfxp", ".itt"),
    *(".lrc", ".json3", ".srv1", ".srv2", ".srv3"),
)
# subtitles as pictures, and kinds that are not read
PICTURE_SUFFIXES = (".sup", ".idx")
UNREAD_SUFFIXES = (".scc", ".mcc", ".stl", ".cap", ".pac", ".usf")
_FILMS = (
    *(".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg"),
    *(".wmv", ".flv", ".ogv", ".3gp", ".vob"),
)
_MAX_BYTES = 16 << 20


def parse_suffix(middle: str) -> tuple[str | None, Kind] | None:
    """Read what stands between a film's name and the ending of a subtitle file.

    Args:
        middle: nothing for `film.srt`, `en.forced` for `film.en.forced.srt`.

    Returns:
        The language and the kind; None when it is more than that: another film's name.
    """
    language: str | None = None
    kind: Kind = "full"
    for part in middle.split(".") if middle else []:
        # `English (SDH)`, `en[cc]`, `en_forced`
        words = [word for word in re.split(r"[\s\[\]()_+-]+", part) if word]
        # `hi` alone is Hindi, after a language it is for the hearing impaired
        flags = [w for w in words if w.lower() in FLAGS and (w.lower() != "hi" or language)]
        rest = " ".join(word for word in words if word not in flags) if flags else part
        if not words:
            return None
        kind = max([kind, *(FLAGS[flag.lower()] for flag in flags)], key=KINDS.index)
        if rest:
            code = parse_language(rest)
            if code is None or language is not None:
                return None
            language = code
    return language, kind


def find_sidecars(path: str | Path) -> dict[Path, tuple[str | None, Kind]]:
    """Return the subtitle files that belong to a film, with their language and kind.

    These are `stem.ext`, `stem.LANG.ext` and `stem.LANG.forced.ext` (or `sdh`, `cc`, `hi`), unless
    a longer name beside them is another film's: `talk.2.srt` is never of `talk.mp4`.
    """
    film = Path(path)
    try:
        beside = sorted(film.parent.iterdir())
    except OSError:
        return {}
    stem = _same(film.stem)
    longer = {_same(file.stem) for file in beside if file.suffix.lower() in _FILMS}
    longer = {name for name in longer if name.startswith(f"{stem}.")}
    # `talk.en.mp4` and `talk.en.srt`: the film's own name may say the language
    own = parse_suffix(stem.rpartition(".")[2]) if "." in stem else None
    found: dict[Path, tuple[str | None, Kind]] = {}
    for file in beside:
        name = _same(file.stem)
        ours = name == stem or name.startswith(f"{stem}.")
        if not ours or file.suffix.lower() not in SUFFIXES + PICTURE_SUFFIXES + UNREAD_SUFFIXES:
            continue
        if file.suffix.lower() == ".sub" and file.with_suffix(".idx") in beside:
            continue  # the pictures that the .idx file lists
        if any(f"{name}.".startswith(f"{other}.") for other in longer) or not file.is_file():
            continue
        said = parse_suffix(name[len(stem) + 1 :])
        if said is not None:
            found[file] = (said[0] or (own[0] if own else None), said[1])
    return found


def _same(name: str) -> str:
    """Return a name as every system writes it: macOS takes accents off their letters."""
    return unicodedata.normalize("NFC", name)


def load_sidecars(path: str | Path, offset: float = 0.0, fps: float = 25.0) -> list[SubtitleTrack]:
    """Read the subtitle files that belong to a film (see `find_sidecars`), in order of name.

    Args:
        path: the film.
        offset: seconds of the container's clock at which the pictures begin, taken off every time:
            players start that clock with the earliest track, a film's seconds count from its
            first picture.
        fps: frames a second of the film.
    """
    return [
        track
        for file, (language, kind) in find_sidecars(path).items()
        for track in read_subtitles(file, offset, language, kind, fps)
    ]


def read_subtitles(
    path: str | Path,
    offset: float = 0.0,
    language: str | None = None,
    kind: Kind = "full",
    fps: float = 25.0,
) -> list[SubtitleTrack]:
    """Read one subtitle file: a track for each language in it, nearly always one.

    A file that cannot be read makes a track without cues, and a note says why.

    Args:
        path: the file.
        offset: as for `load_sidecars`.
        language: what its name says, where that is known.
        kind: likewise.
        fps: as for `load_sidecars`.
    """
    path = Path(path)
    ends = path.stem.split(".")[1:]
    for said in (parse_suffix(".".join(ends[-2:])), parse_suffix(".".join(ends[-1:]))):
        if language is None and said:
            language, kind = said
    name = clean_text(path.name.encode("utf-8", "replace").decode())
    track = SubtitleTrack(f"sidecar:{name}", language, kind)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return [replace(track, notes=(f"{name} holds pictures of text and is not read: {INSERT}",))]
    if path.suffix.lower() in UNREAD_SUFFIXES:
        note = f"{name} is of a kind that is not read: save it as .srt, as Subtitle Edit does"
        return [replace(track, notes=(note,))]
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ValueError(f"it is larger than {_MAX_BYTES >> 20} MiB")
        decoded = decode_text(data, language)
        parsed = parse_subtitles(decoded.text, fps)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return [replace(track, notes=(f"{name} is not used: {why}",))]
    track = replace(track, uncertain=decoded.uncertain)
    if not parsed.others:
        return [_fill(track, parsed, offset, decoded.note)]
    return [
        _fill(replace(track, source=f"{track.source}#{n}", language=None), part, offset, "")
        for n, part in enumerate((parsed, *parsed.others), 1)
    ]


def _fill(track: SubtitleTrack, parsed: Parsed, offset: float, note: str) -> SubtitleTrack:
    """Put the lines of a file, or of one of its languages, into its track."""
    name = track.source.partition(":")[2]
    raw = (RawCue(cue.start - offset, cue.end - offset, cue.text) for cue in parsed.cues)
    cues = make_cues(raw, track.source, styled=parsed.styled)
    notes = tuple(f"{name}: {text}" for text in (note, parsed.note, *limit_note(cues)) if text)
    if not cues:
        notes = (f"{name} is not used: there is no line with a time in it",)
    language = track.language or parse_language(parsed.language or "")
    return replace(track, language=language_of(language, cues), notes=notes, cues=tuple(cues))
