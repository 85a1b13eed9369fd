"""From a film to its index: probe, timeline, vectors, shots, speech, and the manifest last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import stages
from .clips import make_clips, shots_between
from .embed import Embedded, Recorded, embed_film
from .film_index import FilmIndex
from .journal import Journal
from .progress import Listener, Meter, Progress
from .protocols import Encoder
from .salvage import Salvage, salvage
from .sampling import covered, gaps, sample_instants
from .speech.ledger import FOLDER as HEARD
from .storage.annotations import Ledger
from .storage.generation import (
    BUILDING,
    SAMPLES,
    TABLES,
    VECTORS,
    base_of,
    commit_generation,
    is_settled,
    settle,
)
from .storage.sealed import fingerprint
from .storage.store import Store, save_array
from .storage.tables import Derived, write_tables
from .video.decode import Decoder
from .video.errors import IndexCorrupt, IndexLocked, IndexMissing, InputError
from .video.probing.probe import FilmInfo
from .video.probing.timeline import Timeline
from .video.shot_detection.shots import detect_shots
from .video.span import Span, format_seconds
from .words.picture_subtitles import FOLDER as PICTURE_SUBTITLES
from .words.speech import find_tracks

__all__ = ["Progress", "build_index"]

SCHEMA = 1


def build_index(
    path: Path | str,
    store: Store,
    encoder: Encoder,
    *,
    fps: float = 1.0,
    workers: int = 2,
    progress: Listener | None = None,
    refresh: Sequence[str] = (),
) -> FilmIndex:
    """Index a film, or open the index that it has.

    Finished chunks are on disk at once, so that a killed run is gone on with by the next one. An
    index made with other settings is opened with a caveat; only `refresh` redoes anything. One that
    was made without an encoder gets the vectors of one.

    Args:
        path: the film.
        store: where the index goes.
        encoder: makes the vectors.
        fps: frames looked at per second of film.
        workers: decoding processes.
        progress: called with every step forward; it may raise to stop.
        refresh: names of stages to redo, see `stages.py`.

    Raises:
        InputError: the film cannot be read safely.
        IndexCorrupt: the index is damaged; the message has the command that rebuilds it.
        IndexProblem: the index was made with another encoder.
        IndexLocked: another process is writing it.
        UsageError: `refresh` names no stage.
    """
    redo = stages.expand_refresh(refresh)
    path = Path(path).absolute()
    film_id = store.identify(path)
    wanted = stages.wanted_settings(path, encoder, fps)
    if not refresh and (index := _open(store, film_id, path, wanted)) is not None:
        return index
    with Decoder(path) as decoder:
        # what cannot be read is refused here, before anything is written
        info = replace(decoder.info, film_id=film_id, path=str(path))
        with store.write_lock(film_id):
            # another process may have finished it meanwhile
            lacks = _lacks_vectors(store, film_id, wanted)
            if lacks:
                redo |= stages.expand_refresh(["vectors"])
            if refresh or lacks is not False:
                job = _Job(store, path, info, encoder, fps, workers, wanted, redo, progress)
                _build(job, decoder)
    store.remember(path, film_id)
    made = _open(store, film_id, path, wanted)
    if made is None:
        raise IndexMissing(f"the index of {path.name} was removed", "run the command again")
    return made


def _open(
    store: Store, film_id: str, path: Path, wanted: dict[str, dict[str, Any]]
) -> FilmIndex | None:
    """Open an index; None without one, or where it still lacks the vectors of an encoder."""
    directory = store.film_dir(film_id)
    try:
        index = store.open(film_id)
    except IndexMissing:
        return None
    if stages.lacks_vectors(index.record, wanted):
        index.close()
        return None
    if not is_settled(directory):
        # a writer at work holds the lock, and then nothing here is left over
        with suppress(IndexLocked), store.write_lock(film_id):
            settle(directory)
    # the content decides which film it is; it may have been moved since
    index.info = replace(index.info, path=str(path))
    index.caveats += stages.stale_caveats(index.record, wanted, path)
    return index


def _lacks_vectors(store: Store, film_id: str, wanted: dict[str, dict[str, Any]]) -> bool | None:
    """Say whether an index still lacks the vectors of an encoder; None without an index."""
    try:
        with closing(store.open(film_id)) as index:
            return stages.lacks_vectors(index.record, wanted)
    except IndexMissing:
        return None
    except IndexCorrupt:
        return False  # told by whoever opens it, unless it is made anew


@dataclass
class _Job:
    store: Store
    path: Path
    info: FilmInfo
    encoder: Encoder
    fps: float
    workers: int
    wanted: dict[str, dict[str, Any]]
    redo: frozenset[str]
    progress: Listener | None
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def directory(self) -> Path:
        return self.store.film_dir(self.info.film_id)

    @contextmanager
    def stage(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
        """Time a stage and report its steps."""
        meter = Meter(self.progress, name, total, unit)
        yield meter.tell
        meter.tell(total)
        self.timings[name] = round(meter.seconds, 3)


def _build(job: _Job, decoder: Decoder) -> None:
    directory = job.directory
    directory.mkdir(parents=True, exist_ok=True)
    settle(directory)
    _clear_ledgers(directory, job.redo)
    kept = salvage(directory, job.path, job.redo, job.wanted)
    with job.stage("timeline", 1, "pass"):
        timeline = decoder.timeline
    embedded = kept.embedded or _embed(job, kept, (job.info, timeline))
    seconds = embedded.samples["second"]
    duration = job.info.duration
    if kept.derived and "shots" not in job.redo:
        shots = kept.derived.shots
    else:
        with job.stage("shots", 1, "pass"):
            cuts = detect_shots(embedded.samples["thumb"], seconds, decoder)
            # nothing goes on over a jump of the clock
            breaks = sorted({*map(float, cuts), *(hole.end for hole in timeline.holes)})
            shots = shots_between(breaks, duration)
    if kept.derived and "speech" not in job.redo:
        tracks = kept.derived.tracks
    else:
        with job.stage("speech", 1, "pass"):
            tracks = find_tracks(decoder)
    # an instant at which pictures are missing shows an older one: that covers nothing
    missing = [loss for loss in job.info.losses if loss.kind == "missing"]
    present = [s for s in seconds.tolist() if not any(loss.holds(s) for loss in missing)]
    coverage = covered(present, _fps_of(kept, job), duration)
    derived = Derived(
        timeline=timeline,
        shots=shots,
        clips=make_clips([shot.start for shot in shots[1:]], duration),
        coverage=coverage,
        tracks=tracks,
        caveats=_caveats(job.info, timeline, coverage),
    )
    _commit(job, kept, embedded, derived)


def _fps_of(kept: Salvage, job: _Job) -> float:
    return kept.settings.get("vectors", job.wanted["vectors"])["fps"]


def _embed(job: _Job, kept: Salvage, known: tuple[FilmInfo, Timeline]) -> Embedded:
    grid = sample_instants(job.info.duration, _fps_of(kept, job), known[1].holes)
    settings = kept.settings.get("vectors", job.wanted["vectors"])
    plan: dict[str, Any] = {"film": job.info.film_id, "settings": settings, "grid": len(grid)}
    with job.stage("vectors", len(grid), "frames") as tell:

        def embed(encoder: Encoder, plan: dict[str, Any]) -> Embedded:
            base = base_of(job.directory)
            journal = Journal(job.directory / BUILDING, fingerprint(plan), base)
            return embed_film(
                job.path, grid, encoder, journal, known=known, workers=job.workers, progress=tell
            )

        if kept.vectors is not None:
            # only the samples were lost: look again, and give each kept frame its old vector
            recorded = Recorded(kept.vectors, job.encoder.size)
            embedded = embed(recorded, {**plan, "recorded": len(kept.vectors)})
            if len(embedded.vectors) == len(kept.vectors):
                return Embedded(kept.vectors, embedded.samples)
        return embed(job.encoder, plan)


def _caveats(info: FilmInfo, timeline: Timeline, coverage: Sequence[Span]) -> list[str]:
    # the film's own warnings report a jump of the clock; a sample covers what follows it
    holes = [hole.pad(1.0) for hole in timeline.holes]
    lost = [
        span
        for span in gaps(coverage, info.duration)
        if not any(hole.start <= span.start and span.end <= hole.end for hole in holes)
    ]
    caveats = list(info.warnings)
    if lost:
        where = ", ".join(str(span) for span in lost[:5]) + (", …" if len(lost) > 5 else "")
        total = format_seconds(sum(span.duration for span in lost))
        caveats.append(f"{total} of the film do not decode and are not in the index: {where}")
    return caveats


def _commit(job: _Job, kept: Salvage, embedded: Embedded, derived: Derived) -> None:
    if not len(embedded.samples):
        raise InputError(
            f"{job.path}: no frame of it decodes", "check that the file plays in a video player"
        )
    if _size_of(job.path) != job.info.size_bytes:
        raise InputError(f"{job.path} changed while it was indexed", "run the same command again")
    settings = {name: kept.settings.get(name, made) for name, made in job.wanted.items()}
    record = {
        "schema": SCHEMA,
        "film": json.loads(job.info.to_json()),
        "encoder": settings["vectors"]["encoder"],
        "stages": stages.stage_records(settings),
        "samples": len(embedded.samples),
        "vectors": len(embedded.vectors),
        "timings": {**kept.timings, **job.timings},
    }
    files = {
        VECTORS: save_array(embedded.vectors),
        SAMPLES: save_array(embedded.samples),
        TABLES: write_tables(derived),
    }
    commit_generation(job.directory, record, files)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise InputError(
            f"{path} went away while it was indexed: {error.strerror}",
            "put it back and run the same command again; finished work is kept",
        ) from error


def _clear_ledgers(directory: Path, redo: frozenset[str]) -> None:
    """Remove what is to be made again, and what is damaged."""
    for folders, stage in (
        ("texts", "text"),
        ("captions", "captions"),
        (f"{PICTURE_SUBTITLES}/*", "speech"),
        (f"{HEARD}/*", "heard"),
    ):
        for folder in directory.glob(folders):
            Ledger(folder).clear(damaged_only=stage not in redo)
