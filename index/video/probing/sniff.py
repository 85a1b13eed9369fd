"""Tell what a file is from its first bytes, before any parser sees it.

libav guesses a container by asking every demuxer it has, playlists among them, and a playlist
named `.mp4` then opens other files. So we look first, and name the one demuxer that may run.
"""

from __future__ import annotations

from collections.abc import Callable

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
# sound that is decoded for speech recognition; the pictures are shown whatever their sound is
AUDIO_CODECS = frozenset(
    [
        *("aac", "aac_latm", "ac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "alac"),
        *("amr_nb", "amrnb", "amr_wb", "amrwb", "dca", "eac3", "flac", "gsm", "gsm_ms"),
        *("libgsm", "libopencore_amrnb", "libopencore_amrwb", "libopus", "libvorbis", "mp1"),
        *("mp1float", "mp2", "mp2float", "mp3", "mp3float", "nellymoser", "opus", "pcm_alaw"),
        *("pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24be"),
        *("pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_s8", "pcm_u8", "speex", "libspeex"),
        *("truehd", "vorbis"),
    ]
)
_OGG_VIDEO = (b"theora", b"OVP80", b"BBCD", b"video\0")
ACCEPTED = f"accepted: {', '.join(CONTAINERS.values())} with {', '.join(CODECS.values())} video"

_MOST_BOXES = 100_000
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"styp"}
# what else people hand in, so that the refusal can name it
_OTHERS = (
    (b"#EXTM3U", "an HLS playlist"),
    (b"ffconcat", "an ffconcat list"),
    (b"ID3", "an audio file (MP3)"),
    (b"\xff\xfb", "an audio file (MP3)"),
    (b"\xff\xfa", "an audio file (MP3)"),
    (b"\xff\xf3", "an audio file (MP3)"),
    (b"\xff\xf2", "an audio file (MP3)"),
    (b"\xff\xf1", "an audio file (AAC)"),
    (b"\xff\xf9", "an audio file (AAC)"),
    (b"#!AMR", "an audio file (AMR)"),
    (b"fLaC", "an audio file (FLAC)"),
    (b"OggS", "an Ogg file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x30\x26\xb2\x75", "an ASF/WMV file"),
    (b".RMF", "a RealMedia file"),
    (b"\x06\x0e\x2b\x34", "an MXF file"),
    (b"nut/multimedia container", "a NUT file"),
    (b"YUV4MPEG2", "raw video (Y4M)"),
    (b"DKIF", "raw video (IVF)"),
    (b"\x1f\x07\x00", "raw video (DV)"),
    (b"\x00\x00\x01\xb3", "raw video (MPEG)"),
    (b"\x00\x00\x01\xb0", "raw video (MPEG-4)"),
    (b"\x00\x00\x00\x01", "raw video (H.264 or HEVC)"),
    (b"\x00\x00\x01", "raw video (H.264 or HEVC)"),
    (b"\x12\x00\x0a", "raw video (AV1)"),
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
    if _is_transport(head):
        return "mpegts"
    # a program stream cut out of a disc begins in the middle of a pack of 2048 bytes
    pack = head.find(b"\x00\x00\x01\xba")
    if pack >= 0 and head[pack + 2048 : pack + 2052] == b"\x00\x00\x01\xba":
        return "mpeg"
    return None


def _is_transport(head: bytes) -> bool:
    """Look for the sync byte of transport packets, at any place of the first packet.

    Packets have 188 bytes, 192 with a time stamp first (M2TS), 204 with parity behind.
    """
    for step in (188, 192, 204):
        for offset in range(min(step, len(head))):
            marks = head[offset::step]
            begins = offset == (4 if step == 192 else 0)
            if len(marks) < (2 if begins else 8):
                continue
            if head[offset] == 0x47 and marks.count(0x47) >= 0.9 * len(marks):
                return True
    return False


def is_whole_matroska(head: bytes, size: int) -> bool:
    """Say whether a Matroska file is as long as its segment says that it is.

    Args:
        head: its first bytes.
        size: bytes of the file.
    """
    at = 4
    header, at = _read_size(head, at)
    if header is None or head[at + header : at + header + 4] != b"\x18\x53\x80\x67":
        return False
    segment, at = _read_size(head, at + header + 4)
    return segment is not None and at + segment <= size


def find_second_film(read: Callable[[int], bytes], size: int) -> int | None:
    """Return the byte at which an MP4 that was joined to another one begins, None without one.

    Args:
        read: returns 16 bytes from a place on.
        size: of the file in bytes.
    """
    at, found, whole = 0, None, False
    for _ in range(_MOST_BOXES):
        head = read(at)
        if len(head) < 16:
            return None
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind == b"ftyp" and at:
            found = at
        if kind == b"moov":
            if whole:
                return found
            whole = True
        length = int.from_bytes(head[8:16], "big") if length == 1 else length or size - at
        if length < 8:
            return None
        at += length
    return None


def is_scrambled(head: bytes) -> bool:
    """Say whether most packets of a transport stream are marked as scrambled."""
    start = next((at for at in range(min(204, len(head))) if head[at::188][:8] == b"G" * 8), None)
    if start is None:
        return False
    marked = [byte >> 6 for byte in head[start + 3 :: 188]]
    return sum(mark > 1 for mark in marked) > len(marked) / 2


def _read_size(data: bytes, at: int) -> tuple[int | None, int]:
    """Return an EBML size and where it ends; None for "unknown"."""
    if at >= len(data) or not data[at]:
        return None, at
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big") & (1 << 7 * length) - 1
    return (None if value == (1 << 7 * length) - 1 else value), at + length


def describe(head: bytes) -> str:
    """Name what a file seems to be, for a refusal."""
    if not head.strip(b"\x00"):
        return "nothing but zero bytes"
    if head.startswith(b"OggS") and not any(codec in head for codec in _OGG_VIDEO):
        return "an audio file (Ogg)"
    if head.startswith(b"\x89PNG") and b"acTL" in head:
        return "an animated PNG picture"
    for magic, name in _OTHERS:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"WEBP"):
        return "an audio file (WAV)" if head[8:12] == b"WAVE" else "a WebP picture"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")) or b"<html" in text[:512]:
        return "an HTML page"
    if text.startswith(b"<"):
        return "an XML or SVG document"
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    return "a text file" if printable > 0.95 * len(head) else "bytes of no known video container"
