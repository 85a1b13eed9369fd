"""Needles in hour-long films: which films, and which of their questions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ..world.render import Report as Progress
from ..world.render import make_film, question_path
from .datasets.own.needles import load_samples
from .sample import Sample

TEST_SEEDS = (101, 102, 103)  # never looked at while tuning


def needle_samples(films: Sequence[Path]) -> list[Sample]:
    """Return the questions of rendered films, as one benchmark.

    Raises:
        InputError: a film has no questions beside it, or they cannot be read.
    """
    found = [sample for film in films for sample in load_samples(question_path(film), film)]
    # one revision for all: of each film's questions, in the order of their names
    revisions = sorted({f"{sample.video.id} {sample.revision}" for sample in found})
    revision = hashlib.sha256("\n".join(revisions).encode()).hexdigest()[:12]
    return [sample.model_copy(update={"revision": revision}) for sample in found]


def needle_films(
    folder: Path,
    seeds: Sequence[int] = TEST_SEEDS,
    minutes: float = 60,
    progress: Progress | None = None,
) -> list[Path]:
    """Return the evaluation films, rendering those that the folder does not hold yet."""
    films = []
    for seed in seeds:
        film = folder / f"needles-{minutes:g}min-{seed}.mp4"
        if not (film.is_file() and question_path(film).is_file()):
            make_film(minutes, seed, film, progress=progress)
        films.append(film)
    return films
