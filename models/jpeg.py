"""Frames as JPEG data URIs: the only media that ever leaves for a model server.

A server may be asked to fetch what a URL names, so none is sent: what goes out are pictures that we
encoded ourselves. Equal pixels give equal bytes, or a server's prefix cache would miss.
"""

from __future__ import annotations

import base64
import hashlib
import io
import threading
from collections import OrderedDict

import numpy as np

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
        shape = np.array(pixels.shape, np.int64).tobytes()
        name = hashlib.blake2b(
            np.ascontiguousarray(pixels).data, digest_size=16, key=shape
        ).digest()
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        text = encode_jpeg(pixels)
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
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def shrink(pixels: np.ndarray, share: float) -> np.ndarray:
    """Return frames, uint8 [N, H, W, 3], at a share of their width and height (16 px at least)."""
    from PIL import Image

    height, width = pixels.shape[1:3]
    size = (max(16, round(width * share)), max(16, round(height * share)))
    small = [Image.fromarray(p).resize(size, Image.Resampling.BOX) for p in pixels]
    return np.stack([np.asarray(image) for image in small])
