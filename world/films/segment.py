"""One shot as a piece of H.264: what ffmpeg is asked to do, and the still pictures it is given.

The background is drawn once and handed over once; ffmpeg repeats it at 24 fps and lays over it only
what moves or comes and goes. Encoding uses a fixed quantiser: with rate control x264 keeps
polishing a still picture, which costs two thirds more time and four times the bytes.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...index.video.errors import InputError, UsageError
from ..scenes.scene import Sprite, draw_scene, draw_sprite
from ..scenes.stage import FPS
from .film import Shot

WIDTH, HEIGHT = 1280, 720
ENCODING: dict[str, Any] = {
    "vcodec": "libx264",
    "preset": "ultrafast",
    "qp": 24,
    "g": 250,
    "pix_fmt": "yuv420p",
    # one thread a segment: two segments at a time fill two cores, and the bits never depend
    # on how many there are
    "threads": 1,
    "video_track_timescale": FPS * 512,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
    "map_metadata": -1,
}


# a picture in which nothing moves is encoded for this long and then played again
LOOP = 4 * FPS  # frames


@dataclass(frozen=True, slots=True)
class Footage:
    """A real film used as background: where it is and how many seconds of it there are."""

    path: Path
    seconds: float


def ffmpeg_binary() -> str:
    """Return the path of the ffmpeg that came with imageio-ffmpeg."""
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


@dataclass(frozen=True, slots=True)
class Piece:
    """An encoded stretch of film: the file, its frames, and how many to play from it.

    `play` exceeds `frames` for a still shot, whose piece is repeated.
    """

    path: Path
    frames: int
    play: int


def render_shot(shot: Shot, out: Path, footage: Footage | None = None) -> Piece:
    """Encode one shot into `out` (MP4), frame for frame as planned.

    Raises:
        InputError: ffmpeg cannot read the footage.
        RuntimeError: ffmpeg failed on our own pictures.
    """
    import ffmpeg

    sprites = [s for s in shot.scene.sprites if not s.still]
    pictures = []
    for row, sprite in enumerate(sprites):
        pictures.append(out.with_suffix(f".{row}.png"))
        draw_sprite(sprite, HEIGHT).save(pictures[-1], compress_level=1)
    if footage is None:
        pixels = draw_scene(shot.scene, WIDTH, HEIGHT, moving=False).tobytes()
        stream = _still()
    else:
        pixels = b""
        overlay = out.with_suffix(".still.png")
        _transparent(shot).save(overlay, compress_level=1)
        pictures.append(overlay)
        stream = _film(footage, shot).overlay(ffmpeg.input(str(overlay)), eof_action="repeat")
    for sprite, picture in zip(sprites, pictures, strict=False):
        stream = _over(stream, ffmpeg.input(str(picture)), sprite, shot)
    frames = shot.frames if sprites or footage else min(LOOP, shot.frames)
    output = ffmpeg.output(stream, str(out), **{"frames:v": frames}, **ENCODING)
    run_ffmpeg(output.global_args("-v", "error", "-filter_threads", "1"), pixels, footage)
    for picture in pictures:
        picture.unlink()
    return Piece(out, frames, shot.frames)


def run_ffmpeg(output: Any, pixels: bytes = b"", footage: Footage | None = None) -> None:
    """Run a graph; raise with ffmpeg's last words when it fails."""
    command = output.overwrite_output().compile(cmd=ffmpeg_binary())
    done = subprocess.run(command, input=pixels, capture_output=True, check=False)
    if done.returncode == 0:
        return
    words = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
    if footage is not None:
        raise InputError(
            f"haystack = {footage.path}: ffmpeg cannot use it as background: {words[0]}",
            "give a video file that plays",
        )
    raise UsageError(
        f"the film cannot be written: ffmpeg ended with {words[0]}",
        "free some space, or choose another file with --out",
    )


def _still() -> Any:
    """Read one raw picture and repeat it for ever."""
    import ffmpeg

    raw = ffmpeg.input(
        "pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{WIDTH}x{HEIGHT}", framerate=FPS
    )
    # size=1 keeps the converted picture: it is neither decoded nor converted again
    return raw.filter("format", "yuv420p").filter("loop", loop=-1, size=1).setpts(f"N/{FPS}/TB")


def _film(footage: Footage, shot: Shot) -> Any:
    """Read the stretch of footage that belongs to the shot, filling the frame."""
    import ffmpeg

    spare = footage.seconds - shot.span.duration - 1.0
    where = {"ss": round(shot.span.start % spare, 3)} if spare > 0 else {"stream_loop": -1}
    source = ffmpeg.input(str(footage.path), protocol_whitelist="file", **where).video
    return (
        source.filter("fps", FPS)
        .filter("scale", WIDTH, HEIGHT, force_original_aspect_ratio="increase")
        .filter("crop", WIDTH, HEIGHT)
        .filter("setsar", 1)
        # footage that ends early holds its last picture rather than shorten the shot
        .filter("tpad", stop=-1, stop_mode="clone")
        .filter("format", "yuv420p")
        .setpts(f"N/{FPS}/TB")
    )


def _over(stream: Any, picture: Any, sprite: Sprite, shot: Shot) -> Any:
    """Lay a sprite that moves, or comes and goes, over the stream; counted in frames."""
    size = max(4, round(sprite.size * HEIGHT))
    x, y = f"{sprite.x * WIDTH - size / 2:.3f}", f"{sprite.y * HEIGHT - size / 2:.3f}"
    if sprite.motion is not None:
        first, last = round(sprite.motion.start * FPS), round(sprite.motion.end * FPS)
        share = f"clip((n-{first})/{last - first},0,1)"
        x += f"+({(sprite.motion.to_x - sprite.x) * WIDTH:.3f})*{share}"
        y += f"+({(sprite.motion.to_y - sprite.y) * HEIGHT:.3f})*{share}"
    first = round((sprite.appears or 0.0) * FPS)
    stop = shot.frames if sprite.vanishes is None else round(sprite.vanishes * FPS)
    return stream.overlay(
        picture, x=x, y=y, enable=f"between(n,{first},{stop - 1})", eof_action="repeat"
    )


def _transparent(shot: Shot) -> Any:
    """Draw the still sprites and signs alone, on nothing."""
    from PIL import Image, ImageChops

    flat = [
        draw_scene(shot.scene, WIDTH, HEIGHT, 0.0, Image.new("RGB", (WIDTH, HEIGHT), shade), False)
        for shade in ("black", "white")
    ]
    # what is the same on black and on white covers fully; the difference is the transparency
    lack = ImageChops.difference(*flat).convert("L")
    picture = flat[0].convert("RGBA")
    picture.putalpha(ImageChops.invert(lack))
    return picture
