"""Small films made on the fly, and the linear decode that every other way must match."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.reformatter import Interpolation

from longtake.index.video.child.deinterlace import deinterlace
from longtake.index.video.child.picture import BACKGROUND, describe_frame
from longtake.index.video.tone import USUAL_PEAK, ToneMap, needs_mapping

SOURCE = "testsrc2=s=160x96:r=25:d=5,noise=alls=12:allf=t:all_seed=3"


def make_film(path: Path, *codec: str, source: str = SOURCE) -> Path:
    """Encode a few seconds of moving test picture."""
    run_ffmpeg("-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", *codec, str(path))
    return path


def run_ffmpeg(*arguments: str) -> None:
    """Run the ffmpeg that comes with imageio-ffmpeg."""
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def decode_linearly(
    path: Path, size: tuple[int, int], *, genpts: bool = False
) -> dict[int, np.ndarray]:
    """Return every frame by its pts, decoded from the first packet to the last."""
    container = av.open(str(path), options={"fflags": "+genpts"} if genpts else {})
    stream = container.streams.best("video")
    assert isinstance(stream, av.VideoStream)
    stream.thread_type, stream.thread_count = "SLICE", 1  # type: ignore[assignment]
    context = stream.codec_context
    if stream.metadata.get("alpha_mode") == "1":  # libav's own decoder leaves alpha out
        context = av.CodecContext.create("libvpx-vp9", "r")
    found: dict[int, np.ndarray] = {}
    for packet in container.demux(stream):
        try:
            frames = context.decode(packet if packet.size else None)
        except av.error.FFmpegError:
            continue
        for frame in frames:
            if frame.pts is not None:
                found.setdefault(frame.pts, paint(frame, size))
    container.close()
    if path.suffix == ".avi":
        # the times of libav follow the order of decoding there; what comes out is in order
        return dict(zip(sorted(found), found.values(), strict=True))
    return found


def paint(frame: av.VideoFrame, size: tuple[int, int]) -> np.ndarray:
    """Take combs out, resize, map to SDR and turn upright as a viewer would."""
    if frame.interlaced_frame:
        frame = deinterlace(frame)
    turns = round(frame.rotation / 90) % 4
    width, height = size if turns % 2 == 0 else size[::-1]
    shrinks = width * height < frame.width * frame.height
    how = Interpolation.AREA if shrinks else Interpolation.BICUBIC
    tags = int(frame.color_trc), int(frame.color_primaries)
    layout = "rgb48le" if needs_mapping(*tags) else "rgb24"
    layout = "rgba" if frame.format.name.startswith("yuva") else layout
    picture = frame.reformat(width, height, layout, interpolation=how).to_ndarray()
    if layout == "rgb48le":
        peak = describe_frame(frame)["peak"] or USUAL_PEAK
        picture = ToneMap(*tags, peak).apply(picture)
    if layout == "rgba":
        alpha = picture[..., 3:] / 255
        picture = np.round(picture[..., :3] * alpha + BACKGROUND * (1 - alpha)).astype(np.uint8)
    return np.ascontiguousarray(np.rot90(picture, turns))
