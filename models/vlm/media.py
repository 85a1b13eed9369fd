"""Frames as JPEGs and clips for data URIs: the only media that ever leaves for a model server.

A server may be asked to fetch what a URL names, so none is sent: what goes out is what we encoded
ourselves. Equal pixels give equal bytes, or a server's prefix cache would miss.
"""

from __future__ import annotations

import base64
import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import xxhash

from ...index.video.clip import encode_clip

QUALITY = 90
CACHE_BYTES = 64 * 1024**2


class JpegCache:
    """Encodes frames, and remembers the most recent ones by their content.

    Args:
        max_bytes: of encoded text kept.
    """

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self.max_bytes = max_bytes
        self.encoded = 0
        self._kept: OrderedDict[bytes, str] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes kept."""
        return self._size

    def base64_of(self, pixels: np.ndarray) -> str:
        """Return a frame, uint8 [H, W, 3], as the base64 text of a JPEG."""
        return self._once(pixels, b"", lambda: encode_jpeg(pixels))

    def clip_of(self, pixels: np.ndarray, rate: Fraction) -> str:
        """Return frames, uint8 [N, H, W, 3], as the base64 text of an mp4 of so many a second."""
        name = f"{rate.numerator}/{rate.denominator}".encode()
        return self._once(pixels, name, lambda: _base64(encode_clip(pixels, rate)))

    def _once(self, pixels: np.ndarray, form: bytes, encode: Callable[[], str]) -> str:
        # names within one process need no cryptography, and 64 frames a question add up
        name = xxhash.xxh3_128(np.ascontiguousarray(pixels).data).digest()
        name += np.array(pixels.shape, np.int64).tobytes() + form
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        text = encode()
        with self._lock:
            if name not in self._kept:
                self.encoded += 1
                self._kept[name] = text
                self._size += len(text)
            while self._size > self.max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped)
        return text


def encode_jpeg(pixels: np.ndarray) -> str:
    """Return a frame, uint8 [H, W, 3], as the base64 text of a JPEG with full colour."""
    from PIL import Image

    buffer = io.BytesIO()
    # without 4:2:0 subsampling: small red letters on blue must stay readable
    Image.fromarray(pixels).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return _base64(buffer.getvalue())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def shrink(pixels: np.ndarray, share: float) -> np.ndarray:
    """Return frames, uint8 [N, H, W, 3], at a share of their width and height (16 px at least)."""
    from PIL import Image

    height, width = pixels.shape[1:3]
    size = (max(16, round(width * share)), max(16, round(height * share)))
    small = [Image.fromarray(p).resize(size, Image.Resampling.BOX) for p in pixels]
    return np.stack([np.asarray(image) for image in small])
