"""Open a film and read its packets. Child side: the only modules that import av are here and below.

The film is a file descriptor handed down by the parent; the container is forced, and nothing
nested can be opened.
"""

from __future__ import annotations

import os
from typing import Any

import av
import av.error
import av.stream

# PyAV imports these when it meets a text track, and by then no path can be opened any more
import av.subtitles.codeccontext
import av.subtitles.stream
import av.subtitles.subtitle

from ..probing.sniff import AUDIO_CODECS, CODECS

# what PyAV calls a codec when another library decodes it
_CODEC_NAMES = {"libdav1d": "av1", "libaom-av1": "av1", "libvpx": "vp8", "libvpx-vp9": "vp9"}
_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class Refused(Exception):
    """The film is not one that we decode; the message says what was found."""


class FdFile:
    """A read-only file over a descriptor, with its own position.

    `pread`, because workers inherit one open file description and would share its offset.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.size = os.fstat(fd).st_size
        self.position = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        data = os.pread(self.fd, size, self.position)
        self.position += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, as `io.IOBase.seek` does."""
        start = {0: 0, 1: self.position, 2: self.size}[whence]
        self.position = max(0, start + offset)
        return self.position

    def tell(self) -> int:
        """Return the position in bytes."""
        return self.position

    def seekable(self) -> bool:
        """Say that it can."""
        return True


class Film:
    """An open container and its one video stream; with `sound`, its sound can be decoded too.

    Raises:
        Refused: no video stream, or an unlisted codec, or too many pixels.
    """

    def __init__(
        self,
        fd: int,
        container: str,
        max_pixels: int,
        *,
        genpts: bool = False,
        sound: bool = False,
    ) -> None:
        options = {
            "format_whitelist": container if container != "matroska" else "matroska,webm",
            "codec_whitelist": ",".join([*CODECS, *_CODEC_NAMES, *(AUDIO_CODECS if sound else ())]),
            # our own descriptor needs no protocol, and nothing nested may use one
            "protocol_whitelist": "none",
            "max_pixels": str(max_pixels),
        }
        if container == "mov":
            options["format_whitelist"] = "mov,mp4,m4a,3gp,3g2,mj2"
        if genpts:
            options["fflags"] = "+genpts"
        try:
            self.container = av.open(
                FdFile(fd),
                "r",
                format=container,
                options=options,
                buffer_size=1 << 17,
                metadata_errors="replace",
            )
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise Refused(f"a damaged or incomplete {container} file") from error
        self.stream = self._choose_video()
        self.codec = codec_name(self.stream)
        context = self.stream.codec_context
        if context.width * context.height > max_pixels:
            raise Refused(
                f"{context.width}x{context.height} pixels, over the limit of {max_pixels}"
            )
        self.alpha = self.stream.metadata.get("alpha_mode") == "1" and self.codec in _ALPHA
        # libav's own VP8 and VP9 decoders leave the transparency out
        self.context = _alpha_decoder(self.codec, context) if self.alpha else context
        self.context.thread_type = "SLICE"
        self.context.thread_count = 1

    def _choose_video(self) -> Any:
        pictures = [s for s in self.container.streams.video if not is_cover(s)]
        if not pictures:
            found = ", ".join(
                f"{'cover art' if s.type == 'video' else s.type} ({codec_name(s)})"
                for s in self.container.streams
            )
            raise Refused(f"no video track, only {found or 'nothing'}")
        best = self.container.streams.best("video")
        stream = best if best in pictures else pictures[0]
        if codec_name(stream) not in CODECS:
            raise Refused(f"video coded as {codec_name(stream) or 'an unknown codec'}")
        if stream.time_base is None:
            raise Refused("a video track without a time base")
        return stream

    def discard_others(self, keep: set[int]) -> None:
        """Tell the demuxer to drop the packets of every stream not in `keep`."""
        for stream in self.container.streams:
            if stream.index not in keep:
                stream.discard = av.stream.Discard.all

    def tracks(self, kind: str) -> list[dict[str, Any]]:
        """List the audio or subtitle tracks as plain data."""
        return [
            {
                "index": stream.index,
                "codec": codec_name(stream),
                "language": stream.metadata.get("language"),
                "title": stream.metadata.get("title"),
                "default": bool(stream.disposition & av.stream.Disposition.default),
                "purpose": _purpose(stream.disposition),
            }
            for stream in self.container.streams
            if stream.type == kind
        ]

    def start_seconds(self) -> float | None:
        """Return where the container's clock starts, as players show it; None when unknown."""
        start = self.container.start_time
        return None if start is None else start / 1e6

    def declared_seconds(self) -> float:
        """Return how long the header says the pictures last; 0 when it says nothing."""
        base, units = self.stream.time_base, self.stream.duration
        if units:
            return units * base.numerator / base.denominator
        # the container counts from its own start, not from that of the pictures
        start = self.stream.start_time or 0
        begin = self.start_seconds() or 0.0
        if self.container.format.name.startswith("matroska"):
            begin = 0.0  # there it counts from the zero of its clock
        late = start * base.numerator / base.denominator - begin
        return max(0.0, (self.container.duration or 0) / 1e6 - max(0.0, late))

    def close(self) -> None:
        """Close the container."""
        self.container.close()


def _purpose(disposition: Any) -> str:
    """Return what a track is marked for: `forced`, `sdh`, or nothing special."""
    if disposition & av.stream.Disposition.forced:
        return "forced"
    hard_of_hearing = av.stream.Disposition.hearing_impaired | av.stream.Disposition.captions
    return "sdh" if disposition & hard_of_hearing else ""


def codec_name(stream: Any) -> str:
    """Return libavcodec's name of the format, whichever library decodes it; "" if unknown."""
    context = stream.codec_context
    name = context.name if context is not None else ""
    return _CODEC_NAMES.get(name, name)


def _alpha_decoder(codec: str, context: Any) -> Any:
    decoder: Any = av.CodecContext.create(_ALPHA[codec], "r")
    decoder.width, decoder.height = context.width, context.height
    if context.extradata:
        decoder.extradata = context.extradata
    return decoder


def is_cover(stream: Any) -> bool:
    """Say whether a video track is a picture that comes with the sound."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
