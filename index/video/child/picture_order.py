"""The order in which pictures are shown, read from their own headers. Child side, pure Python.

AVI stores pictures in the order of decoding and no times. For H.264, and for MPEG-4 with two
pictures in a packet, libav then makes up times of presentation that are wrong by some pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# profiles of H.264 whose parameter set tells of colours (ITU-T H.264, section 7.3.2.1.1)
_WITH_COLOURS = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
_PARAMETERS, _SLICE, _FIRST_SLICE = 7, 1, 5
# bytes of a packet in which headers are looked for
_HEAD = 4096
# MPEG-4: a packet of fewer bytes only takes the place of a picture that came before
FILLER = 20
_VOP = re.compile(rb"\x00\x00\x01\xb6(.)", re.DOTALL)
_B_PICTURE = 2


class _Bits:
    """Reads numbers of some bits from a unit of H.264."""

    def __init__(self, unit: bytes) -> None:
        data = unit.replace(b"\0\0\3", b"\0\0")  # a byte that keeps start codes out
        self.value, self.left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self.left:
            raise ValueError("the unit ends early")
        self.left -= count
        return self.value >> self.left & (1 << count) - 1

    def flag(self) -> int:
        return self.take(1)

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


class H264Order:
    """Counts the pictures of an H.264 stream as ITU-T H.264, section 8.2.1, has it.

    Args:
        extradata: codec configuration as stored in the container.
    """

    def __init__(self, extradata: bytes) -> None:
        self.frame_bits = self.count_bits = self.kind = 0
        self.fields = self.planes = False
        self.group = self.high = self.low = 0
        # by packet: group that a key picture begins, and count in it
        self.keys: list[tuple[int, int]] = []
        # as MP4 stores it: units behind their lengths, the first parameter set behind six bytes
        boxed = len(extradata) > 8 and extradata[0] == 1
        self.prefix = (extradata[4] & 3) + 1 if boxed else 0
        for unit in _units(extradata[6:], 2) if boxed else _units(extradata, 0):
            if unit[0] & 31 == _PARAMETERS:
                self._take(unit)

    def look(self, data: memoryview) -> None:
        """Take the next packet."""
        before = len(self.keys)
        try:
            for unit in _units(bytes(data[:_HEAD]), self.prefix):
                if self._take(unit):
                    break
        except ValueError:
            pass
        if len(self.keys) == before:  # what cannot be read stays behind the one before
            self.keys.append(self.keys[-1] if self.keys else (0, 0))

    def places(self) -> list[int] | None:
        """Return the packets in the order in which their pictures are shown; None if unknown."""
        if self.kind == 1:
            return None
        return sorted(range(len(self.keys)), key=lambda place: (*self.keys[place], place))

    def _take(self, unit: bytes) -> bool:
        """Read a unit; say whether it was the first of a picture."""
        kind = unit[0] & 31
        if kind == _PARAMETERS:
            self._read_parameters(_Bits(unit[1:200]))
        elif kind in (_SLICE, _FIRST_SLICE) and self.frame_bits:
            self._read_slice(_Bits(unit[1:64]), unit[0] >> 5 & 3, kind == _FIRST_SLICE)
            return True
        return False

    def _read_parameters(self, bits: _Bits) -> None:
        profile = bits.take(24) >> 16
        bits.golomb()
        chroma = 1
        if profile in _WITH_COLOURS:
            chroma = bits.golomb()
            self.planes = bool(chroma == 3 and bits.take(1))
            for skip in (bits.golomb, bits.golomb, bits.flag):
                skip()
            if bits.take(1):
                for number in range(12 if chroma == 3 else 8):
                    if bits.take(1):
                        _skip_scaling(bits, 16 if number < 6 else 64)
        self.frame_bits, self.kind = bits.golomb() + 4, bits.golomb()
        if self.kind == 0:
            self.count_bits = bits.golomb() + 4
        if self.kind != 1:
            for skip in (bits.golomb, bits.flag, bits.golomb, bits.golomb):
                skip()
            self.fields = not bits.take(1)

    def _read_slice(self, bits: _Bits, referred: int, first: bool) -> None:
        for _ in range(3):
            bits.golomb()
        bits.take(self.frame_bits + 2 * self.planes)
        if self.fields and bits.take(1):
            bits.take(1)
        if first:
            bits.golomb()
            self.group, self.high, self.low = self.group + 1, 0, 0
        if self.kind:
            self.keys.append((self.group, 0))
            return
        count, half = bits.take(self.count_bits), 1 << self.count_bits - 1
        high = self.high
        if count < self.low and self.low - count >= half:
            high += 2 * half
        elif count > self.low and count - self.low > half:
            high -= 2 * half
        if referred:
            self.high, self.low = high, count
        self.keys.append((self.group, high + count))


class Mpeg4Order:
    """Follows the delay of an MPEG-4 decoder: all but B-pictures wait for the next one."""

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.waiting: int | None = None
        self.count = 0

    def look(self, data: memoryview) -> None:
        """Take the next packet."""
        found = _VOP.search(bytes(data[:_HEAD]))
        immediate = len(data) < FILLER or (found and found[1][0] >> 6 == _B_PICTURE)
        if immediate:
            self.shown.append(self.count)
        else:
            self._release()
            self.waiting = self.count
        self.count += 1

    def places(self) -> list[int]:
        """Return the packets in the order in which their pictures are shown."""
        self._release()
        return self.shown

    def _release(self) -> None:
        if self.waiting is not None:
            self.shown.append(self.waiting)
            self.waiting = None


def times_as_shown(places: Sequence[int], stamps: Sequence[int]) -> list[int]:
    """Return a time for each packet: the stamps, in the order in which pictures are shown."""
    times = [0] * len(stamps)
    for place, stamp in zip(places, sorted(stamps), strict=True):
        times[place] = stamp
    return times


def _units(data: bytes, prefix: int) -> Iterator[bytes]:
    """Yield the units behind start codes, or behind their lengths in `prefix` bytes each."""
    if not prefix:
        yield from (unit for unit in data.split(b"\0\0\1")[1:] if unit)
        return
    at = 0
    while at + prefix < len(data):
        size = int.from_bytes(data[at : at + prefix], "big")
        if size:
            yield data[at + prefix : at + prefix + size]
        at += prefix + size


def _skip_scaling(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.golomb()
            following = (last + (code + 1) // 2 * (1 if code & 1 else -1)) % 256
        last = following or last
