"""Small films and a small encoder for the tests of the index."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

MEDIA = Path(os.environ.get("LONGTAKE_TEST_MEDIA", "../shared/media"))
COLOURS = ("red", "lime", "blue", "yellow", "cyan", "magenta", "white", "black")
_RGB = {
    "red": (255, 0, 0),
    "lime": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
}


class ColourEncoder:
    """An encoder that knows eight colours: a frame is the share of its pixels near to each."""

    id = "colours-1"
    dim = len(COLOURS)
    size = (64, 40)

    def __init__(self) -> None:
        self.frames_encoded = 0

    def encode_frames(self, pixels: np.ndarray) -> np.ndarray:
        self.frames_encoded += len(pixels)
        palette = np.array([_RGB[name] for name in COLOURS], np.float32)
        near = np.abs(pixels[:, :, :, None].astype(np.float32) - palette).sum(-1).argmin(-1)
        shares = np.stack([(near == k).mean(axis=(1, 2)) for k in range(self.dim)], 1)
        return _unit(shares.astype(np.float32) + 1e-3)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        rows = [[float(name in text.lower().split()) for name in COLOURS] for text in texts]
        return _unit(np.array(rows, np.float32) + 1e-3)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_film(path: Path, scenes: Sequence[tuple[str, float]], *, gop: int = 24) -> Path:
    """Render plain colour scenes of (colour, seconds) with a small moving square, 192x120."""
    import imageio_ffmpeg

    inputs: list[str] = []
    for colour, seconds in scenes:
        inputs += ["-f", "lavfi", "-i", f"color={colour}:s=192x120:r=12:d={seconds}"]
    joined = "".join(f"[{k}:v]" for k in range(len(scenes)))
    graph = (
        f"{joined}concat=n={len(scenes)}[c];color=gray:s=24x24:r=12[b];"
        "[c][b]overlay=x='mod(t*9,160)':y=40:shortest=1[v]"
    )
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *inputs,
            "-filter_complex", graph, "-map", "[v]", "-c:v", "libx264", "-preset", "veryfast",
            "-threads", "1", "-g", str(gop), "-pix_fmt", "yuv420p", str(path),
        ],
        check=True,
    )  # fmt: skip
    return path


SUBTITLES = """1
00:00:02,000 --> 00:00:05,000
The code of the vault is 4821.

2
00:00:14,000 --> 00:00:17,000
Nobody saw the gardener's lantern.
"""

SCENES = (("red", 8.0), ("blue", 12.0), ("yellow", 10.0))


def run_python(code: str, *arguments: str, **options) -> subprocess.Popen:
    """Start a Python of its own that can import these fixtures."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=env, **options)
