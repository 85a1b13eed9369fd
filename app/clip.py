"""A stretch of a film as a small MP4 file, from frames of the sandboxed decoder.

ffmpeg only ever sees our own raw pixels here, never the film: it may be hostile.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from longtake.index.video.errors import InputError, UsageError
from longtake.index.video.span import Span, format_seconds
from longtake.safe import spare_film

if TYPE_CHECKING:
    from longtake.api import Film

LONGEST_SECONDS = 120.0
WIDEST = 1280
_BATCH = 32


def save_clip(film: Film, span: Span, path: Path) -> None:
    """Write the pictures of a span (no sound) as H.264, whole or not at all.

    Raises:
        UsageError: the span is longer than `LONGEST_SECONDS`, or the file cannot be written or is
            the film itself.
        InputError: nothing of the span decodes.
    """
    if span.duration > LONGEST_SECONDS:
        raise UsageError(
            f"a clip of {format_seconds(span.duration)}",
            f"ask for at most {format_seconds(LONGEST_SECONDS)}",
        )
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", "make it first")
    spare_film(path, film.path)
    info = film.info
    rate = min(60.0, max(1.0, info.fps))
    shrink = min(1.0, WIDEST / info.width)
    # H.264 in 4:2:0 wants even sides
    size = (max(2, int(info.width * shrink) & ~1), max(2, int(info.height * shrink) & ~1))
    with tempfile.TemporaryDirectory(prefix=f".{path.stem[:40]}-", dir=path.parent) as aside:
        whole = Path(aside) / "clip.mp4"
        if not _encode(film, span, rate, size, whole):
            raise InputError(f"{film.path} does not decode at {span}")
        whole.chmod(0o644)
        os.replace(whole, path)


def _encode(film: Film, span: Span, rate: float, size: tuple[int, int], out: Path) -> int:
    """Decode batch by batch into ffmpeg's standard input; return how many frames there were."""
    import ffmpeg
    import imageio_ffmpeg

    raw = ffmpeg.input(
        "pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{size[0]}x{size[1]}", framerate=rate
    )
    target = raw.output(str(out), vcodec="libx264", pix_fmt="yuv420p", crf=20, movflags="faststart")
    command = target.global_args("-v", "error").compile(cmd=imageio_ffmpeg.get_ffmpeg_exe())
    count = max(1, round(span.duration * rate))
    seconds = [min(span.start + i / rate, film.info.duration) for i in range(count)]
    written = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        assert encoder.stderr is not None
        # a pipe that breaks means that ffmpeg gave up; its last words say why
        with suppress(BrokenPipeError):
            for first in range(0, count, _BATCH):
                frames = film.frames(seconds[first : first + _BATCH], size=size)
                encoder.stdin.write(frames.pixels.tobytes())
                written += len(frames)
            encoder.stdin.close()
        words = encoder.stderr.read().decode(errors="replace").strip()
    if written and encoder.returncode != 0:
        raise UsageError(
            f"{out} cannot be written: ffmpeg ended with {words[-200:] or encoder.returncode}",
            "free some space, or choose another file",
        )
    return written
