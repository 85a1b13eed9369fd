"""Films with the troubles that people reported, made small for the tests of files as they come."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from film_fixtures import run_ffmpeg

ROOT = Path(__file__).resolve().parents[1]
# each colour for a second, so that a frame tells which second it is from
COLOURS = {"red": (200, 30, 30), "lime": (30, 200, 30), "blue": (30, 30, 200), "gray": (120,) * 3}
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "2")


def case(name: str) -> Path:
    """Return a file of the collected cases; the test is skipped where they are absent."""
    media = Path(os.environ.get("LONGTAKE_TEST_MEDIA", ROOT.parent / "shared" / "media"))
    path = media.parent / "cases" / name
    if not path.exists():
        pytest.skip(f"no collected cases: {path} is absent")
    return path


def make_colours(path: Path, names: str = "red lime blue gray", *extra: str) -> Path:
    """Write a film of 160x96 at 25 a second: each colour for a second."""
    colours = names.split()
    inputs: list[str] = []
    for name in colours:
        shade = "0x" + bytes(COLOURS[name]).hex()
        inputs += ["-f", "lavfi", "-i", f"color={shade}:s=160x96:r=25:d=1"]
    joined = "".join(f"[{n}]" for n in range(len(colours))) + f"concat=n={len(colours)},noise=3:1"
    codec = extra or X264
    run_ffmpeg(*inputs, "-filter_complex", joined, "-pix_fmt", "yuv420p", *codec, str(path))
    return path


def colour_of(pixels: np.ndarray) -> str:
    """Return the name of the nearest colour."""
    mean = pixels.reshape(-1, 3).mean(axis=0)
    return min(COLOURS, key=lambda name: abs(mean - COLOURS[name]).sum())


def turn_matrix(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Write a, b, c, d into the display matrix of the picture track of an mp4, in place."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    place = at + (52 if data[at] == 1 else 40)
    a, b, c, d = (number << 16 for number in matrix)
    data[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def add_sound(film: Path, path: Path, seconds: float, *extra: str) -> Path:
    """Copy a film's pictures and put a tone of this length beside them."""
    tone = ["-f", "lavfi", "-i", f"sine=300:d={seconds}"]
    run_ffmpeg(
        "-i", str(film), *tone, "-c:v", "copy", "-c:a", "aac", "-b:a", "48k", *extra, str(path)
    )
    return path
