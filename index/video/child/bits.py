"""The few bits of a coded picture that libav does not report. Child side, pure Python.

What they decide is which pictures are shown at all, and which may be left out of decoding without
changing a single bit of the others.
"""

from __future__ import annotations

# formats in which libav can leave out a picture that nothing refers to. Not VP8, VP9, AV1: there
# such a picture still carries probabilities, segment maps or motion for the next one
_DROPPABLE = {"h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4"}
PROGRESSIVE = (0, 1)  # libav's field order: unknown, progressive


def is_hidden(codec: str, data: memoryview) -> bool:
    """Say whether a VP8 or VP9 packet holds only a reference that is never displayed.

    Both formats can carry one as a packet of its own, with a time stamp that no frame will have.
    AV1 and the MPEG family cannot: every packet there displays one frame.
    """
    if codec == "vp8":
        return not data[0] >> 4 & 1
    if codec != "vp9" or data[-1] & 0xE0 == 0xC0:  # the last frame of a superframe is shown
        return False
    # frame_marker(2) profile(2) [reserved, profile 3] show_existing_frame frame_type show_frame
    shift = 1 if data[0] >> 4 & 3 == 3 else 0
    return not (data[0] >> 3 - shift & 1 or data[0] >> 1 - shift & 1)


class DropRule:
    """Decides, over all packets of a film, whether unreferenced pictures may be skipped.

    HEVC calls a picture unreferenced within its own temporal layer only; skipping is safe when all
    such pictures are in the highest layer. Field-coded H.264 may mark one field of a frame as
    unreferenced and not the other, so interlaced films are decoded in full.

    Args:
        codec: libavcodec's name.
        extradata: codec configuration as stored in the container.
        field_order: libavcodec's, of the stream.
    """

    def __init__(self, codec: str, extradata: bytes, field_order: int) -> None:
        self.codec = codec
        self._safe = codec in _DROPPABLE and (codec != "h264" or field_order in PROGRESSIVE)
        # ISO files prefix each unit with its length; streams separate them by start codes
        boxed = len(extradata) > 22 and extradata[0] == 1
        self._prefix = (extradata[21] & 3) + 1 if boxed else 0
        self._highest = 0
        self._lowest_unreferenced = 7

    @property
    def skippable(self) -> bool:
        """Whether skipping leaves every other picture as it is."""
        return self._safe and self._lowest_unreferenced >= self._highest

    def look(self, data: memoryview) -> None:
        """Take the next packet into account."""
        if self.codec != "hevc" or not self._safe:
            return
        kind, layer = self._first_slice(data)
        self._highest = max(self._highest, layer)
        if kind < 16 and not kind & 1:  # TRAIL_N, TSA_N, STSA_N, RADL_N, RASL_N
            self._lowest_unreferenced = min(self._lowest_unreferenced, layer)

    def _first_slice(self, data: memoryview) -> tuple[int, int]:
        """Return (unit type, temporal layer) of the first coded slice; (32, 0) when none."""
        at = 0 if self._prefix else _after_start_code(data, 0)
        while at >= 0 and at + self._prefix + 1 < len(data):
            head = at + self._prefix
            kind = data[head] >> 1 & 63
            if kind < 32:
                return kind, (data[head + 1] & 7) - 1
            if self._prefix:
                at = head + int.from_bytes(data[at:head], "big")
            else:
                at = _after_start_code(data, head)
        return 32, 0


def _after_start_code(data: memoryview, start: int) -> int:
    # parameter sets and messages are short, so the first slice is near
    found = bytes(data[start : start + 4096]).find(b"\x00\x00\x01")
    return start + found + 3 if found >= 0 else -1
