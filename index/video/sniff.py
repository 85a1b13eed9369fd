"""Tell what a file is from its first bytes, before any parser sees it.

libav guesses a container by asking every demuxer it has, playlists among them, and a playlist
named `.mp4` then opens other files. So we look first, and name the one demuxer that may run.
"""

from __future__ import annotations

HEAD_BYTES = 4096

# demuxer name -> what people call it
CONTAINERS = {
    "mov": "MP4/MOV",
    "matroska": "Matroska/WebM",
    "avi": "AVI",
    "mpegts": "MPEG-TS",
    "mpeg": "MPEG-PS",
    "flv": "FLV",
}
# libav decoder name -> what people call it; small on purpose, each decoder is attack surface
CODECS = {
    "h264": "H.264",
    "hevc": "HEVC",
    "av1": "AV1",
    "vp8": "VP8",
    "vp9": "VP9",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4",
}
ACCEPTED = f"accepted: {', '.join(CONTAINERS.values())} with {', '.join(CODECS.values())} video"

_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"styp"}
# what else people hand in, so that the refusal can name it
_OTHERS = (
    (b"#EXTM3U", "an HLS playlist"),
    (b"ffconcat", "an ffconcat list"),
    (b"ID3", "an audio file (MP3)"),
    (b"\xff\xfb", "an audio file (MP3)"),
    (b"fLaC", "an audio file (FLAC)"),
    (b"OggS", "an Ogg file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x30\x26\xb2\x75", "an ASF/WMV file"),
)


def find_container(head: bytes) -> str | None:
    """Return the demuxer that fits the first bytes of a file, None when none of ours does."""
    if head[4:8] in _BOXES:
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX"):
        return "avi"
    if head[:4] == b"FLV\x01":
        return "flv"
    if head[:4] == b"\x00\x00\x01\xba":
        return "mpeg"
    # transport packets of 188 bytes; 192 with a 4-byte timestamp first (M2TS), 204 with parity
    for offset, step in ((0, 188), (4, 192), (0, 204)):
        marks = head[offset : offset + 5 * step : step]
        if len(marks) >= 2 and set(marks) == {0x47}:
            return "mpegts"
    return None


def describe(head: bytes) -> str:
    """Name what a file seems to be, for a refusal."""
    if not head.strip(b"\x00"):
        return "nothing but zero bytes"
    for magic, name in _OTHERS:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "an audio file (WAV)"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")) or b"<html" in text[:512]:
        return "an HTML page"
    if text.startswith(b"<"):
        return "an XML or SVG document"
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    return "a text file" if printable > 0.95 * len(head) else "bytes of no known video container"
