"""What a film is: container, codec, size, tracks, and what is odd about it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..orientation import Orientation, read_matrix
from ..sandbox import OpenFilm
from ..tone import HDR, USUAL_PEAK
from .losses import Loss
from .picture_notes import picture_notes
from .timeline import Timeline

_BLOCK = 4 << 20


@dataclass(frozen=True, slots=True)
class Track:
    """An audio or subtitle track.

    Attributes:
        purpose: of subtitles: `forced` (only what is in a foreign language, and signs), `sdh` (for
            the hard of hearing), "" for neither.
    """

    index: int
    codec: str
    language: str | None
    title: str | None
    default: bool
    purpose: Literal["forced", "sdh", ""] = ""

    @property
    def forced(self) -> bool:
        """Whether it holds only some of the lines."""
        return self.purpose == "forced"


@dataclass(frozen=True, slots=True)
class FilmInfo:
    """Everything known about a film before looking at it.

    Attributes:
        path: absolute.
        film_id: first 16 hex digits of the sha256 of the file.
        container: libav's name of the container.
        codec: libav's name of the video codec.
        width: pixels of an upright frame, rotation and sample aspect applied.
        height: likewise.
        rotation: quarter turns to apply counter-clockwise, in degrees: 0, 90, 180 or 270.
        mirrored: left and right are exchanged before that.
        sar: sample aspect ratio as stored, (width, height).
        duration: seconds from the first frame to the end of the film, from the timeline.
        fps: frames a second on average.
        vfr: the distance between frames varies.
        warnings: what a reader of answers should know, one sentence each; those of `losses` too.
        losses: where the film is not as its container promises.
        peak: brightest light of an HDR film, cd/m2; 0 for all others.
    """

    path: str
    film_id: str
    size_bytes: int
    container: str
    codec: str
    width: int
    height: int
    rotation: int
    sar: tuple[int, int]
    duration: float
    fps: float
    vfr: bool
    audio: tuple[Track, ...]
    subtitles: tuple[Track, ...]
    warnings: tuple[str, ...]
    mirrored: bool = False
    losses: tuple[Loss, ...] = ()
    peak: float = 0.0

    @property
    def orientation(self) -> Orientation:
        """How stored pictures are turned upright."""
        return Orientation(self.rotation // 90, self.mirrored)

    @property
    def sound(self) -> Track | None:
        """The track of sound that is heard: the default one, else the first; None without."""
        return min(self.audio, key=lambda track: not track.default, default=None)

    def to_json(self) -> str:
        """Return it as a JSON document."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FilmInfo:
        """Read what `to_json` wrote."""
        data = json.loads(text)
        data["sar"] = tuple(data["sar"])
        for kind in ("audio", "subtitles"):
            data[kind] = tuple(Track(**track) for track in data[kind])
        data["warnings"] = tuple(data["warnings"])
        data["losses"] = tuple(
            Loss(loss["kind"], tuple((a, b) for a, b in loss["spans"]), loss["text"])
            for loss in data.get("losses", ())
        )
        return cls(**data)


def check_regular(path: str | Path) -> None:
    """Refuse at once what cannot be a film, by its kind and first bytes; no child is started.

    Raises:
        InputError: missing, a directory, a FIFO, a device, empty, or no accepted container.
    """
    OpenFilm(path).close()


def film_id_of(path: str | Path) -> str:
    """Return the identity of a film: the first 16 hex digits of the sha256 of its bytes.

    Raises:
        InputError: not a regular file of an accepted container.
    """
    film = OpenFilm(path)
    try:
        return hash_film(film)
    finally:
        film.close()


def hash_film(film: OpenFilm) -> str:
    """Return the identity of a film that is already open."""
    digest, offset = hashlib.sha256(), 0
    while block := os.pread(film.fd, _BLOCK, offset):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()[:16]


def describe_film(
    film: OpenFilm,
    scan: dict[str, Any],
    first: dict[str, Any],
    timeline: Timeline,
    losses: Sequence[Loss],
) -> FilmInfo:
    """Put together what the child found.

    Args:
        film: the open file.
        scan: the child's answer to `scan`.
        first: its answer to `look`.
        timeline: built from the scan.
        losses: found in it.
    """
    sar = _sane_ratio(scan["sar"])
    orientation = read_matrix(first["matrix"])
    rotation = 90 * orientation.turns
    # of several sizes the largest, so that no detail is lost
    stored_width, stored_height = first["sizes"][-1]
    width, height = upright_size(stored_width, stored_height, sar, rotation)
    pictured = timeline.pictures_end - sum(hole.duration for hole in timeline.holes)
    return FilmInfo(
        path=film.path,
        film_id=hash_film(film),
        size_bytes=film.size,
        container=str(scan["container"]),
        codec=str(scan["codec"]),
        width=width,
        height=height,
        rotation=rotation,
        sar=sar,
        duration=timeline.duration,
        fps=len(timeline) / pictured,
        vfr=_varies(timeline),
        audio=tuple(_track(item) for item in scan["audio"]),
        subtitles=tuple(_track(item) for item in scan["subtitles"]),
        warnings=(*(loss.text for loss in losses), *picture_notes(scan, first)),
        mirrored=orientation.mirrored,
        losses=tuple(losses),
        peak=(float(first["peak"]) or USUAL_PEAK) if first["transfer"] in HDR else 0.0,
    )


def upright_size(width: int, height: int, sar: tuple[int, int], rotation: int) -> tuple[int, int]:
    """Return (width, height) of a stored frame as it should be seen.

    Pixels are stretched, never squeezed, so that no detail is lost.
    """
    ratio = Fraction(*sar)
    if ratio > 1:
        width = max(1, round(width * ratio))
    else:
        height = max(1, round(height / ratio))
    return (height, width) if rotation % 180 else (width, height)


def _sane_ratio(pair: list[int]) -> tuple[int, int]:
    """Take a sample aspect ratio as found, or 1:1 when no camera could have meant it."""
    top, bottom = pair
    if top <= 0 or bottom <= 0 or not Fraction(1, 8) <= Fraction(top, bottom) <= 8:
        return 1, 1
    return int(top), int(bottom)


def _varies(timeline: Timeline) -> bool:
    steps = np.diff(timeline.pts)
    if len(steps) < 2:
        return False
    usual = np.median(steps)
    # containers round to their own units: allow one and a half of them beside a tenth
    return bool((np.abs(steps - usual) > usual / 10 + 1.5).mean() > 0.01)


def _track(item: dict[str, Any]) -> Track:
    def text(key: str) -> str | None:
        value = item.get(key)
        return "".join(c for c in str(value) if c.isprintable())[:80] if value else None

    return Track(
        index=int(item["index"]),
        codec=text("codec") or "unknown",
        language=text("language"),
        title=text("title"),
        default=bool(item["default"]),
        purpose="forced" if item["purpose"] == "forced" else "sdh" if item["purpose"] else "",
    )
