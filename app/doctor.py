"""What could stop Longtake on this machine, and what a film is like before work is spent on it."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from longtake.config import Settings, unknown_variables
from longtake.index.video.errors import IndexProblem, UsageError
from longtake.index.video.span import format_seconds

if TYPE_CHECKING:
    from longtake.api import Film

Verdict = Literal["ok", "warn", "fail"]

_LIBRARIES = (
    "torch",
    "torchvision",
    "open_clip_torch",
    "transformers",
    "av",
    "faiss-cpu",
    "langgraph",
    "rapidocr",
    "onnxruntime",
    "pysubs2",
    "pillow",
    "typer",
)
LOW_DISK_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it stands and, where it is not well, what to do."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def check_machine(settings: Settings) -> Iterator[Check]:
    """Look at Python, libraries, SQLite, ffmpeg, weights, folders and settings."""
    yield Check(
        "python",
        "ok",
        f"{platform.python_version()} on {platform.platform(terse=True)}, {os.cpu_count()} cores",
    )
    yield from _libraries()
    yield _torch_pair()
    yield _sqlite(sqlite3.sqlite_version_info)
    yield _ffmpeg()
    yield _weights()
    yield _speech_model(settings)
    for name, folder in (("store", settings.store_root), ("runs", settings.runs_root)):
        yield _folder(name, folder)
    for variable in unknown_variables(os.environ):
        yield Check("settings", "warn", f"{variable} sets nothing", "see longtake config show")


def check_film(film: Film) -> Iterator[Check]:
    """Look at one film: what it is, what of it is unusual, and whether it is indexed.

    Raises:
        InputError: it cannot be read.
    """
    info = film.info
    rate = f"{info.fps:.2f} frames a second" + (", variable" if info.vfr else "")
    yield Check("film", "ok", f"{info.container}, {info.codec}, {info.width}x{info.height}, {rate}")
    yield Check("length", "ok", f"{format_seconds(info.duration)} ({info.duration:.2f} s)")
    for kind, tracks in (("audio", info.audio), ("subtitles inside", info.subtitles)):
        names = ", ".join(f"{track.codec} {track.language or ''}".strip() for track in tracks)
        yield Check(kind, "ok", names or "none")
    yield from _subtitles(film)
    if info.rotation or info.mirrored:
        mirrored = ", mirrored" if info.mirrored else ""
        yield Check("rotation", "ok", f"{info.rotation} degrees{mirrored}, applied")
    for warning in info.warnings:
        yield Check("warning", "warn", warning)
    yield from _indexed(film)


def _subtitles(film: Film) -> Iterator[Check]:
    """Say which subtitles belong to the film, which are used, and what of them is not read."""
    from longtake.index.words.picture_subtitles import with_read_lines
    from longtake.index.words.speech import choose_speech, find_tracks

    decoder = film.parts.decoder
    tracks = find_tracks(decoder)
    with suppress(IndexProblem):
        tracks = with_read_lines(film.parts.existing_index(), tracks)
    offset = decoder.timeline.sidecar_offset
    choice = choose_speech(tracks, film.info, film.settings.subtitles, offset=offset)
    used = choice.track
    shown = f"{len(used.cues)} lines of {used.source}" if used else "none"
    language = f", {used.language or 'language not known'}" if used else ""
    yield Check("subtitles", "ok", shown + language)
    for note in dict.fromkeys([*choice.notes, *(n for track in tracks for n in track.notes)]):
        yield Check("subtitles", "warn", note)


def _indexed(film: Film) -> Iterator[Check]:
    from longtake.index import stages
    from longtake.index.no_encoder import NoEncoder

    try:
        index = film.parts.existing_index()
    except IndexProblem as error:
        yield Check("index", "warn", error.message, error.remedy)
        return
    covered = sum(span.duration for span in index.coverage)
    share = min(1.0, covered / index.timeline.filled)
    verdict: Verdict = "ok" if share > 0.995 else "warn"
    yield Check(
        "index",
        verdict,
        f"{len(index.sample_seconds)} frames by {index.encoder_id}, "
        f"{share:.1%} of the film decodes; speech: {'; '.join(index.speech_sources()) or 'none'}",
    )
    path = Path(film.info.path)
    rate = index.record["stages"]["vectors"]["settings"]["fps"]
    now = stages.wanted_settings(path, NoEncoder(), rate)
    for caveat in stages.stale_caveats(index.record, now, path):
        yield Check("index", "warn", caveat)


def _libraries() -> Iterator[Check]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Check(name, "fail", "not installed", "install longtake again with pip")
    yield Check("libraries", "ok", ", ".join(found))


def _torch_pair() -> Check:
    """Compare the builds of torch and torchvision: a mixed pair fails at the first model."""
    builds = {}
    for name in ("torch", "torchvision"):
        try:
            builds[name] = metadata.version(name).partition("+")[2]
        except metadata.PackageNotFoundError:
            return Check("torch build", "fail", f"{name} is missing", f"pip install {name}")
    if builds["torch"] != builds["torchvision"]:
        shown = ", ".join(f"{name} {build or 'plain'}" for name, build in builds.items())
        return Check(
            "torch build", "fail", f"different builds: {shown}", "install both from the same index"
        )
    return Check("torch build", "ok", builds["torch"] or "plain")


def _sqlite(version: tuple[int, ...]) -> Check:
    """Warn of the WAL-reset fault, mended in 3.51.3 and in the 3.44.6 and 3.50.7 branches."""
    shown = ".".join(str(part) for part in version)
    mended = version >= (3, 51, 3) or any(
        version[:2] == branch[:2] and version >= branch for branch in ((3, 44, 6), (3, 50, 7))
    )
    if mended:
        return Check("sqlite", "ok", shown)
    return Check(
        "sqlite",
        "warn",
        f"{shown} has the WAL-reset fault",
        "harmless here: one writer a database; a newer Python brings a newer SQLite",
    )


def _ffmpeg() -> Check:
    try:
        import imageio_ffmpeg

        return Check("ffmpeg", "ok", imageio_ffmpeg.get_ffmpeg_version())
    except (ImportError, RuntimeError) as error:
        return Check("ffmpeg", "fail", str(error), "pip install imageio-ffmpeg")


def _weights() -> Check:
    spec = util.find_spec("longtake.world")
    places = list(spec.submodule_search_locations or ()) if spec else []
    files = [file for place in places for file in Path(place).glob("weights/**/*.safetensors")]
    if not files:
        return Check("embedded models", "fail", "no weights in the package", "install it again")
    size = sum(file.stat().st_size for file in files) / 1e6
    return Check("embedded models", "ok", f"{len(files)} files, {size:.1f} MB")


def _speech_model(settings: Settings) -> Check:
    """Say what hears speech here, and where nothing does the command that changes it."""
    from longtake.models.registry import load_models

    try:
        models = load_models(settings.profile_name, settings.roles())
        _ = models.asr  # refused where its library or its weights are not here; reads none
    except UsageError as error:
        return Check("speech model", "warn", error.message, error.remedy)
    name, remedy = models.names["asr"], models.hearing_remedy
    if remedy:
        return Check("speech model", "warn", "none on this machine: films are not heard", remedy)
    return Check("speech model", "ok", name)


def _folder(name: str, folder: Path) -> Check:
    """Look whether a folder can be written and has room; it is not made for the asking."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        why = f"{folder} cannot be written: {error.strerror}"
        return Check(name, "fail", why, f"set LONGTAKE_{name.upper()}")
    free = shutil.disk_usage(existing).free
    verdict: Verdict = "ok" if free >= LOW_DISK_BYTES else "warn"
    remedy = "" if verdict == "ok" else "make room, or choose another folder"
    return Check(name, verdict, f"{folder}, {free / 1e9:.1f} GB free", remedy)
