"""Making truth films: real clips cut anew, with events drawn over them, narration and the truth.

python -m longtake.eval.simulated.films --out FOLDER --minutes 30 --seed 1
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ....index.video.decode import Decoder
from ....index.video.errors import InputError, LongtakeError, UsageError
from ..sight import thumb_of
from ..truth import THUMBS_A_SECOND, TruthFilm, save_truth, thumbs_path
from .drawing import change, overlay_of
from .plan import Event, Line, Plan, plan_film
from .questions import facts_of, questions_of

SIZE = (640, 360)
FPS = 10
CLIPS = (
    "moviepy/big_buck_bunny_0_30.webm",
    "torchcodec/nasa_13013.mp4",
    "moviepy/big_buck_bunny_432_433.webm",
    "inspect_ai/video.mp4",
)
DARK = 24  # mean grey below which a source frame is left out: fades show nothing


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the film: which source, from which frame on, and how it is altered."""

    source: int
    first: float
    step: float
    window: tuple[float, float, float, float]
    mirrored: bool
    table: list[int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a film from the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="longtake.eval.simulated.films", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the film")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--media", type=Path, default=os.environ.get("LONGTAKE_TEST_MEDIA"))
    given = parser.parse_args(arguments)
    try:
        if given.media is None:
            raise UsageError("no media", "give --media FOLDER or set LONGTAKE_TEST_MEDIA")
        clips = [path for name in CLIPS if (path := Path(given.media) / name).is_file()]
        truth = make_film(given.out, clips, given.minutes * 60, given.seed)
    except LongtakeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    asked = sum(len(question.wordings) for question in truth.questions)
    print(f"{truth.path}: {len(truth.questions)} questions in {asked} wordings")
    return 0


def make_film(out: Path, clips: Sequence[Path], duration: float, seed: int) -> TruthFilm:
    """Make a film with its subtitles, truth and thumbnails, and return its truth.

    Args:
        out: folder, made where it is missing.
        clips: real video files to cut from.
        duration: seconds.
        seed: of the whole film.

    Raises:
        UsageError: the duration is outside what is allowed.
        InputError: there are no clips, or one cannot be read.
    """
    if not clips:
        raise InputError("no clips to cut a film from", "name a folder that holds real videos")
    plan = _planned(duration, seed)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "film.mp4"
    thumbs = encode_film(path, _pictures(plan, [frames_of(clip) for clip in clips]))
    np.save(thumbs_path(path), thumbs, allow_pickle=False)
    path.with_suffix(".srt").write_text(subtitles_of(plan.lines), encoding="utf-8")
    truth = _truth_of(plan, path, tuple(clip.name for clip in clips))
    save_truth(truth)
    return truth


def planned_film(duration: float, seed: int) -> TruthFilm:
    """Return the truth of a film that is not made: it has no pictures, words nor thumbnails."""
    return _truth_of(_planned(duration, seed), Path("film.mp4"), ())


def _planned(duration: float, seed: int) -> Plan:
    plan = plan_film(duration, seed)
    plan.facts = facts_of(plan, SIZE)
    return plan


def _truth_of(plan: Plan, path: Path, sources: tuple[str, ...]) -> TruthFilm:
    return TruthFilm(
        film=path.name,
        seed=plan.seed,
        duration=plan.duration,
        size=SIZE,
        sources=sources,
        facts=tuple(plan.facts),
        questions=tuple(questions_of(plan)),
        folder=path.parent,
    )


def frames_of(clip: Path) -> list[Image.Image]:
    """Return the frames of a clip at the film's rate, cut to its shape."""
    with Decoder(clip) as decoder:
        info = decoder.info
        seconds = np.arange(0, max(0.1, info.duration - 0.1), 1 / FPS)
        pixels = decoder.frames(
            seconds, (SIZE[0], round(SIZE[0] * info.height / info.width))
        ).pixels
    pictures = [ImageOps.fit(Image.fromarray(picture), SIZE) for picture in pixels]
    bright = [p for p in pictures if np.asarray(p.convert("L")).mean() >= DARK]
    return bright or pictures


def _cuts(duration: float, lengths: Sequence[int], rng: random.Random) -> Iterator[tuple[int, Cut]]:
    """Yield (frames, cut) until the film is full; longer sources are used more."""
    left = round(duration * FPS)
    while left > 0:
        count = min(left, round(rng.triangular(3, 14, 6) * FPS))
        source = rng.choices(range(len(lengths)), [n**0.5 for n in lengths])[0]
        scale = rng.uniform(0.55, 1.0)
        x, y = rng.uniform(0, 1 - scale), rng.uniform(0, 1 - scale)
        # a film's colours drift from cut to cut: gain and gamma for each channel
        table: list[int] = []
        for _ in range(3):
            gain, gamma = rng.uniform(0.75, 1.15), rng.uniform(0.75, 1.35)
            table += [min(255, round(255 * gain * (v / 255) ** gamma)) for v in range(256)]
        step = rng.choice((-1, 1)) * rng.uniform(0.4, 1.3)
        first = rng.uniform(0, lengths[source])
        yield (
            count,
            Cut(source, first, step, (x, y, x + scale, y + scale), rng.random() < 0.5, table),
        )
        left -= count


def footage(
    duration: float, seed: int, sources: Sequence[list[Image.Image]]
) -> Iterator[Image.Image]:
    """Yield the frames of a film cut anew from real clips, `FPS` a second, nothing drawn over them.

    Args:
        duration: seconds.
        seed: of the cuts.
        sources: the frames of each clip, see `frames_of`.
    """
    rng = random.Random(f"truth cuts {seed}")
    for count, cut in _cuts(duration, [len(frames) for frames in sources], rng):
        frames = sources[cut.source]
        for k in range(count):
            # there and back again, so that a short source does not jump
            place = int(cut.first + cut.step * k) % max(1, 2 * len(frames) - 2)
            yield _cut_out(frames[min(place, abs(2 * len(frames) - 2 - place))], cut)


def _pictures(plan: Plan, sources: Sequence[list[Image.Image]]) -> Iterator[Image.Image]:
    """Yield every frame of the film."""
    events = sorted(plan.events, key=lambda event: event.start)
    layers: dict[str, Image.Image | None] = {}
    for number, picture in enumerate(footage(plan.duration, plan.seed, sources)):
        second = number / FPS
        while events and events[0].stop <= second:
            events.pop(0)
        shown = events and events[0].start <= second
        yield _drawn_over(picture, events[0], layers) if shown else picture


def _cut_out(frame: Image.Image, cut: Cut) -> Image.Image:
    width, height = SIZE
    x0, y0, x1, y1 = cut.window
    box = (x0 * width, y0 * height, x1 * width, y1 * height)
    picture = frame.resize(SIZE, Image.Resampling.BILINEAR, box=box).point(cut.table)
    return ImageOps.mirror(picture) if cut.mirrored else picture


def _drawn_over(
    picture: Image.Image, event: Event, layers: dict[str, Image.Image | None]
) -> Image.Image:
    picture = change(picture, event.effect)
    if event.fact not in layers:
        layers[event.fact] = overlay_of(event, SIZE)
    layer = layers[event.fact]
    if layer is not None:
        picture.paste(layer, (0, 0), layer)
    return picture


def encode_film(
    path: Path, pictures: Iterator[Image.Image], size: tuple[int, int] = SIZE
) -> np.ndarray:
    """Write an H.264 film of `FPS`; return its thumbnails, uint8 [N, 36, 64].

    Args:
        path: the .mp4 to write.
        pictures: every frame, all of `size`.
        size: width and height, pixels.

    Raises:
        RuntimeError: ffmpeg failed.
    """
    import ffmpeg
    import imageio_ffmpeg

    raw = ffmpeg.input(
        "pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{size[0]}x{size[1]}", framerate=FPS
    )
    target = raw.output(
        str(path),
        vcodec="libx264",
        preset="veryfast",
        pix_fmt="yuv420p",
        crf=25,
        g=5 * FPS,
        movflags="faststart",
        threads=1,
    )
    command = target.overwrite_output().global_args("-v", "error")
    thumbs: list[np.ndarray] = []
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(
            command.compile(cmd=imageio_ffmpeg.get_ffmpeg_exe()),
            stdin=subprocess.PIPE,
            stderr=words,
        ) as encoder,
    ):
        assert encoder.stdin is not None
        with suppress(BrokenPipeError):
            for number, picture in enumerate(pictures):
                encoder.stdin.write(picture.tobytes())
                while len(thumbs) / THUMBS_A_SECOND < (number + 1) / FPS - 1e-9:
                    thumbs.append(thumb_of(picture))
            encoder.stdin.close()
        encoder.wait()
        if encoder.returncode != 0:
            words.seek(0)
            said = words.read().decode(errors="replace").strip()
            raise RuntimeError(f"ffmpeg failed with status {encoder.returncode}: {said[-200:]}")
    return np.stack(thumbs)


def subtitles_of(lines: Iterable[Line]) -> str:
    """Return lines of narration as an SRT file."""
    cues = (
        f"{number}\n{_stamp(line.start)} --> {_stamp(line.stop)}\n{line.text}\n"
        for number, line in enumerate(lines, 1)
    )
    return "\n".join(cues)


def _stamp(second: float) -> str:
    milli = round(second * 1000)
    hours, rest = divmod(milli, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d},{rest % 1000:03d}"
