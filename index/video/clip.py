"""Writing a clip: frames that we have become a small mp4, for model servers that read videos."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np

# fine enough that small letters stay readable; no frame waits for a later one
_OPTIONS = {"crf": "14", "preset": "veryfast", "bf": "0", "threads": "1"}


def encode_clip(pixels: np.ndarray, rate: Fraction) -> bytes:
    """Return an mp4 (H.264); equal frames give equal bytes.

    Args:
        pixels: uint8 RGB [N, H, W, 3], N at least 1, H and W even.
        rate: frames a second; the first frame is at 0.

    Raises:
        ValueError: there are no frames, a side is odd, or PyAV has no H.264 encoder.
    """
    import av

    count, height, width = pixels.shape[:3]
    if not count or height % 2 or width % 2:
        raise ValueError(
            f"pixels: {count} frames of {width}x{height}, take 1 or more of even sides"
        )
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options=_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, picture in enumerate(pixels):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()
