"""From a plan to a film file: shots encoded side by side, joined without touching a frame."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..index.video.errors import InputError, UsageError
from .films.film import FilmPlan, plan_film, without_places
from .films.narration import Line
from .films.segment import Footage, Piece, render_shot, run_ffmpeg
from .scenes.stage import FPS
from .truths.questions import write_questions

Report = Callable[[float, float], None]  # seconds of film done, seconds in all


def make_film(
    minutes: float,
    seed: int,
    out: str | Path,
    haystack: str | Path | None = None,
    progress: Report | None = None,
) -> Path:
    """Plan and render a film, with its questions beside it as `<stem>.questions.json`.

    Args:
        minutes: length, 0.5 to 600.
        seed: the same seed gives the same frames and the same questions.
        out: an .mp4 path; an existing file is replaced once the new one is whole.
        haystack: a real video to use as background; looped when it is shorter.
        progress: called with the seconds of film done and the seconds in all.

    Returns:
        The absolute path of the film.

    Raises:
        UsageError: `minutes` or `out` is outside what is allowed.
        InputError: the haystack cannot be read.
    """
    return render_film(plan_film(minutes, seed), Path(out), haystack=haystack, progress=progress)


def render_film(
    plan: FilmPlan,
    out: Path,
    *,
    haystack: str | Path | None = None,
    workers: int = 2,
    progress: Report | None = None,
) -> Path:
    """Render a plan to H.264 in MP4, 1280 x 720 at 24 fps, narration as a subtitle track."""
    out = out.absolute()
    if out.suffix.lower() != ".mp4":
        raise UsageError(f"out = {str(out)!r}: name the film with .mp4")
    footage = open_footage(Path(haystack)) if haystack is not None else None
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.stem}-", dir=out.parent) as aside:
        pieces = _render_shots(plan, Path(aside), footage, workers, progress)
        whole = Path(aside) / "whole.mp4"
        _join(plan, pieces, whole)
        questions = Path(aside) / "questions.json"
        write_questions(without_places(plan) if footage else plan, out.name, questions)
        # the film comes last: where it stands, its questions are already there
        os.replace(questions, question_path(out))
        os.replace(whole, out)
    return out


def question_path(film: Path) -> Path:
    """Return where the questions of a film lie."""
    return film.with_name(f"{film.stem}.questions.json")


def open_footage(path: Path) -> Footage:
    """Measure the length of a background video.

    Raises:
        InputError: not a regular file, or no video that ffmpeg can read.
    """
    if not path.is_file():
        raise InputError(f"haystack = {path}: no such file", "give a video file that plays")
    import imageio_ffmpeg

    try:
        seconds = imageio_ffmpeg.count_frames_and_secs(str(path))[1] or 0.0
    except RuntimeError as error:
        raise InputError(
            f"haystack = {path}: no video that ffmpeg can read", "give a video file that plays"
        ) from error
    return Footage(path.absolute(), seconds)


def _render_shots(
    plan: FilmPlan, folder: Path, footage: Footage | None, workers: int, progress: Report | None
) -> list[Piece]:
    """Encode all shots, `workers` at a time; threads do, the work is in the ffmpeg processes."""
    pieces: list[Piece] = []
    done = 0.0
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        jobs = [
            pool.submit(render_shot, shot, folder / f"{row:05d}.mp4", footage)
            for row, shot in enumerate(plan.shots)
        ]
        for job, shot in zip(jobs, plan.shots, strict=True):
            pieces.append(job.result())
            done += shot.span.duration
            if progress is not None:
                progress(done, plan.duration)
    finally:
        # after an error or an interrupt the shots not yet begun are dropped
        pool.shutdown(wait=True, cancel_futures=True)
    return pieces


def _join(plan: FilmPlan, pieces: Sequence[Piece], out: Path) -> None:
    """Put the shots one after the other and the narration beside them; nothing is re-encoded."""
    import ffmpeg

    listing, subtitles = out.with_suffix(".txt"), out.with_suffix(".srt")
    listing.write_text("ffconcat version 1.0\n" + "".join(map(_entries, pieces)))
    subtitles.write_text(to_srt(plan.lines), encoding="utf-8")
    video = ffmpeg.input(str(listing), format="concat", safe=0)
    run_ffmpeg(
        ffmpeg.output(
            video.video,
            ffmpeg.input(str(subtitles))["s"],
            str(out),
            vcodec="copy",
            scodec="mov_text",
            movflags="+faststart",
            # the concat demuxer rounds to microseconds; without reordered frames the n-th packet
            # is the n-th frame, so its time can be set exactly
            **{"bsf:v": f"setts=ts=N*512:duration=512:time_base=1/{FPS * 512}"},
            video_track_timescale=FPS * 512,
            fflags="+bitexact",
            map_metadata=-1,
            **{"metadata:s:s:0": "language=eng", "disposition:s:0": "default"},
        ).global_args("-v", "error")
    )


def _entries(piece: Piece) -> str:
    """List a piece as often as it is played; the last time it may stop early."""
    rounds, rest = divmod(piece.play, piece.frames)
    text = f"file '{piece.path.name}'\nduration {piece.frames / FPS:.9f}\n" * rounds
    if rest:
        # half a frame early, so that no rounding lets one more frame in
        stop = f"outpoint {(rest - 0.5) / FPS:.9f}\nduration {rest / FPS:.9f}\n"
        text += f"file '{piece.path.name}'\n{stop}"
    return text


def to_srt(lines: Sequence[Line]) -> str:
    """Write the narration as SubRip text."""
    return "".join(
        f"{row}\n{_stamp(line.span.start)} --> {_stamp(line.span.end)}\n{line.text}\n\n"
        for row, line in enumerate(lines, 1)
    )


def _stamp(seconds: float) -> str:
    millis = round(seconds * 1000)
    return (
        f"{millis // 3600000:02d}:{millis // 60000 % 60:02d}:"
        f"{millis // 1000 % 60:02d},{millis % 1000:03d}"
    )
