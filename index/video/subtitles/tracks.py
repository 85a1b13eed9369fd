"""Subtitle tracks, and those inside a film."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from .cues import Cue, RawCue, limit_note, make_cues
from .encodings import decode_text
from .languages import guess_language, parse_language, primary

if TYPE_CHECKING:
    from ..probing.probe import Track

Kind = Literal["full", "sdh", "forced"]
KINDS: tuple[Kind, ...] = ("full", "sdh", "forced")
# what ffmpeg and PyAV call subtitles that are pictures
_PICTURE_CODECS = re.compile(r"pgs|dvd|vobsub|dvb_?sub|xsub")
_TEXT_CODECS = frozenset(("subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"))
FLAGS: dict[str, Kind] = {
    "forced": "forced",
    "foreign": "forced",
    "signs": "forced",
    "sdh": "sdh",
    "cc": "sdh",
    "hi": "sdh",
    "default": "full",
    "full": "full",
}


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """One subtitle file or embedded track.

    Attributes:
        source: as in its cues.
        language: `en`, `pt-BR`; from the name, the file, or guessed from the words; None unknown.
        kind: `full`, `sdh` (with sounds, for the hard of hearing) or `forced` (only what is in a
            foreign language, and signs).
        uncertain: its encoding was guessed and another one is possible, or much of it is damaged:
            what it says must not be taken as verified.
        pictures: its lines are pictures of text, which only OCR reads.
        notes: what a reader of answers should know, one sentence each.
        cues: its lines in order of time; empty when it could not be read, which a note says.
    """

    source: str
    language: str | None = None
    kind: Kind = "full"
    uncertain: bool = False
    pictures: bool = False
    notes: tuple[str, ...] = ()
    cues: tuple[Cue, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return everything but the cues, for a document."""
        return {name: value for name, value in asdict(replace(self, cues=())).items() if value}

    @classmethod
    def from_json(cls, data: dict[str, Any], cues: Iterable[Cue] = ()) -> SubtitleTrack:
        """Read what `to_json` wrote; of the cues those of its source are its own."""
        data = {**data, "notes": tuple(data.get("notes", ()))}
        return cls(**data, cues=tuple(cue for cue in cues if cue.source == data["source"]))


INSERT = (
    "put it into the film (ffmpeg -i FILM -i THIS -map 0 -map 1 -c copy NEW.mkv), and "
    "--subtitles ocr reads it there"
)


def language_of(named: str | None, cues: Sequence[Cue]) -> str | None:
    """Return the language that is named, or else that of the words."""
    if primary(named) or not cues:
        return named if primary(named) else None
    return guess_language(" ".join(cue.text for cue in cues[:200]))


def cues_from_packets(
    packets: Iterable[dict[str, Any]], tracks: Sequence[Track], origin: float
) -> list[Cue]:
    """Read the raw packets of embedded text tracks.

    Args:
        packets: `track`, `start` and `length` in seconds of the container, `data` (bytes as
            latin-1 text), as the decode child sends them.
        tracks: of the film.
        origin: container time of the film's first frame, in seconds.

    Returns:
        The cues of all tracks, in order of time.
    """
    known = {track.index: track for track in tracks}
    raw: dict[int, list[RawCue]] = {}
    for packet in packets:
        track = known.get(packet["track"])
        if track is not None:
            data = str(packet["data"]).encode("latin-1", "replace")
            start = float(packet["start"]) - origin
            cue = RawCue(start, start + float(packet["length"]), _packet_text(track.codec, data))
            raw.setdefault(track.index, []).append(cue)
    cues: list[Cue] = []
    for index, found in raw.items():
        styled = known[index].codec in ("ass", "ssa")
        cues += make_cues(found, source_of(known[index]), styled=styled)
    return sorted(cues, key=lambda cue: (cue.span, cue.source))


def _packet_text(codec: str, data: bytes) -> str:
    if codec == "mov_text":  # a length of two bytes, then the text, then style boxes
        data = data[2 : 2 + int.from_bytes(data[:2], "big")]
    text = decode_text(data).text
    if codec in ("ass", "ssa"):  # ReadOrder, Layer, Style, Name, three margins, Effect, Text
        fields = text.split(",", 8)
        text = fields[8] if len(fields) == 9 else ""
    return text


def source_of(track: Track) -> str:
    """Return the name that an embedded track's cues carry."""
    return f"track:{track.index}:{track.language or 'und'}"


def embedded_tracks(tracks: Sequence[Track], cues: Sequence[Cue]) -> list[SubtitleTrack]:
    """Return the film's own subtitle tracks, default ones first, those that are pictures too.

    Args:
        tracks: of the film.
        cues: of all of them.
    """
    return list(_embedded(sorted(tracks, key=lambda track: not track.default), cues))


def _embedded(tracks: Sequence[Track], cues: Sequence[Cue]) -> Iterator[SubtitleTrack]:
    for track in tracks:
        source, title = source_of(track), (track.title or "").lower()
        kinds = [FLAGS[word] for word in re.findall(r"[a-z]+", title) if word in FLAGS]
        if track.purpose:
            kinds.append(track.purpose)
        own = tuple(cue for cue in cues if cue.source == source)
        yield SubtitleTrack(
            source,
            language_of(parse_language(track.language or ""), own),
            max([*kinds, KINDS[0]], key=KINDS.index),
            pictures=is_pictures(track),
            notes=(unread_note(track),) if is_unread(track) else limit_note(own),
            cues=own,
        )


def is_unread(track: Track) -> bool:
    """Say whether an embedded subtitle track is of a kind that is not read as text."""
    return track.codec not in _TEXT_CODECS


def is_pictures(track: Track) -> bool:
    """Say whether an embedded subtitle track holds pictures of text."""
    return _PICTURE_CODECS.search(track.codec) is not None


def unread_note(track: Track) -> str:
    """Say why an embedded subtitle track is not read."""
    named = f"subtitle track {track.index} ({track.codec}, {track.language or 'no language'})"
    if is_pictures(track):
        language = f":{track.language}" if track.language else ""
        return f"{named} holds pictures of text and is not read: --subtitles ocr{language} reads it"
    return f"{named} is of a kind that is not read: save it beside the film as .srt"
