"""How busy a served captioner is kept: requests under way while a film is captioned.

    python bench/captions.py [--clips 200] [--delay 2.0] [--size 1280x720]

The server is the tests' fault server on this machine: it answers after `delay` seconds, half of it
more or less, and decodes every picture that it is sent. Printed are the requests under way in the
mean, from the times that the server took, and the share of 32 that they are.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imageio_ffmpeg

import longtake

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from fault_server import MODEL, FaultServer


def render(path: Path, seconds: float, size: str) -> Path:
    """Write a moving test picture."""
    source = f"testsrc2=s={size}:r=24:d={seconds}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", source]
    subprocess.run([*command, "-c:v", "libx264", "-preset", "ultrafast", str(path)], check=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--delay", type=float, default=2.0)
    parser.add_argument("--every", type=float, default=10.0)
    parser.add_argument("--size", default="1280x720")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = render(Path(name) / "film.mp4", args.clips * args.every, args.size)
        with FaultServer(delay=args.delay, blind=True) as server:
            vlm = f"endpoint:{MODEL}@{server.url}"
            options = {"store": Path(name) / "s", "vlm": vlm, "encoder": "none"}
            with longtake.open(path, text_encoder="none", **options) as film:
                film.index()
                began = time.perf_counter()
                found = film.caption(every=args.every)
                wall = time.perf_counter() - began
        busy = sum(seconds for _, seconds in server.served) / wall
        print(
            f"{found.requests} captions in {wall:.1f} s, {found.requests / wall:.1f} a second; "
            f"{busy:.1f} requests under way in the mean, {busy / 32:.0%} of 32"
        )
        began = time.perf_counter()
        with longtake.open(path, text_encoder="none", **options) as film:
            film.caption(every=args.every)
        print(f"a second run: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
