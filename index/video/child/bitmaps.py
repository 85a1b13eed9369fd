"""Subtitles that are pictures (PGS, DVB, VobSub): decoded to grey pictures. Child side.

libav decodes them to palette indices, and PyAV does not show the palette. libav's own DVB encoder
writes it down in a form that is easy to read (ETSI EN 300 743, section 7.2.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np

from .demux import Film, Refused, codec_name

PICTURE_CODECS = frozenset(("pgssub", "dvdsub", "dvbsub", "xsub"))
_CLUT, _SEGMENT_HEAD, _ENTRY = 0x12, 6, 6
# around the letters, so that a reader of text finds them
_MARGIN = 16
# a display time of this many milliseconds or more means: until something else comes
_NO_END = 60_000


class BitmapTrack:
    """One picture subtitle track of an open film.

    Args:
        film: opened anew; this reads it from its beginning to its end.
        track: index of the stream.
        max_pixels: width times height of one picture.

    Raises:
        Refused: there is no such track.
    """

    def __init__(self, film: Film, track: int, max_pixels: int) -> None:
        streams = {stream.index: stream for stream in film.container.streams.subtitles}
        if track not in streams or codec_name(streams[track]) not in PICTURE_CODECS:
            raise Refused(f"no picture subtitles in track {track}")
        self.film, self.stream, self.max_pixels = film, streams[track], max_pixels
        self.time_base = self.stream.time_base or Fraction(1, 1000)
        self.unread = 0
        self._palettes: Any = av.CodecContext.create("dvbsub", "w")
        self._palettes.time_base = Fraction(1, 1000)

    def __iter__(self) -> Iterator[tuple[dict[str, Any], np.ndarray | None]]:
        """Yield what appears: its time (seconds of the container) and picture, uint8 [H, W].

        A picture of None clears the screen. `after` counts the film's packets read before, and
        `most` is the seconds that it is shown at most, None where the next one ends it.
        """
        self.film.discard_others({self.film.stream.index, self.stream.index})
        base, after = self.time_base, 0
        try:
            for packet in self.film.container.demux(self.film.stream, self.stream):
                if not packet.size:
                    continue
                if packet.stream_index == self.film.stream.index:
                    after += 1
                    continue
                shown = self._decode(packet)
                if shown is None or packet.pts is None:
                    continue
                start = float(packet.pts * base) + shown.start_display_time / 1000
                length = [float((packet.duration or 0) * base), self._display_seconds(shown)]
                most = min((s for s in length if 0 < s < _NO_END / 1000), default=None)
                yield {"start": start, "after": after, "most": most}, self._paint(shown)
        except (av.error.FFmpegError, OSError):
            return  # a damaged tail: what was read so far stands

    def _decode(self, packet: Any) -> Any:
        try:
            return self.stream.codec_context.decode2(packet)
        except av.error.FFmpegError:
            self.unread += 1
            return None

    @staticmethod
    def _display_seconds(shown: Any) -> float:
        return (shown.end_display_time - shown.start_display_time) / 1000

    def _paint(self, shown: Any) -> np.ndarray | None:
        """Lay the parts of a picture on black, or on white where there is nothing bright."""
        if not len(shown):
            return None
        x0, y0 = min(part.x for part in shown), min(part.y for part in shown)
        width = max(part.x + part.width for part in shown) - x0 + 2 * _MARGIN
        height = max(part.y + part.height for part in shown) - y0 + 2 * _MARGIN
        if width * height > self.max_pixels or min(width, height) <= 2 * _MARGIN:
            self.unread += 1
            return None
        try:
            palettes = read_palettes(bytes(self._palettes.encode_subtitle(shown)))
        except av.error.FFmpegError:
            palettes = []
        if len(palettes) != len(shown):
            self.unread += 1
            return None
        light = np.zeros((height, width), np.float32)
        cover = np.zeros((height, width), np.float32)
        for part, (grey, alpha) in zip(shown, palettes, strict=True):
            drawn = np.frombuffer(part[0], np.uint8).reshape(part.height, part.width)
            top, left = part.y - y0 + _MARGIN, part.x - x0 + _MARGIN
            place = slice(top, top + part.height), slice(left, left + part.width)
            light[place], cover[place] = grey[drawn], alpha[drawn]
        bright = bool(((light > 0.5) & (cover > 0.5)).any())
        grey = light * cover + (0.0 if bright else 1.0) * (1 - cover)
        return (grey * 255).astype(np.uint8)


def read_palettes(data: bytes) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return lightness and opacity of every palette in a DVB subtitle, float32 [256], 0 to 1."""
    found = []
    place = data.find(b"\x0f")
    while place >= 0 and place + _SEGMENT_HEAD <= len(data) and data[place] == 0x0F:
        kind, length = data[place + 1], int.from_bytes(data[place + 4 : place + 6], "big")
        body = data[place + _SEGMENT_HEAD : place + _SEGMENT_HEAD + length]
        if kind == _CLUT:
            grey, alpha = np.zeros(256, np.float32), np.zeros(256, np.float32)
            entries = np.frombuffer(body, np.uint8)[2:]
            entries = entries[: len(entries) // _ENTRY * _ENTRY].reshape(-1, _ENTRY)
            # index, flags, Y of 16 to 235, Cr, Cb, transparency
            grey[entries[:, 0]] = np.clip((entries[:, 2].astype(np.float32) - 16) / 219, 0, 1)
            alpha[entries[:, 0]] = 1 - entries[:, 5].astype(np.float32) / 255
            found.append((grey, alpha))
        elif found:
            break  # palettes come before what is drawn with them
        place += _SEGMENT_HEAD + length
    return found
