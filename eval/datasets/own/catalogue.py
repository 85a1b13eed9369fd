"""What is known of questions that do not come from a published benchmark."""

from __future__ import annotations

from ...scoring import needle, own
from ..spec import Dataset, Source
from . import jsonl, needles, truth

OWN: dict[str, Dataset] = {
    "needles": Dataset(
        name="needles",
        title="Needle films",
        splits=("test",),
        size="about 60 questions for an hour of film",
        licence="Apache-2.0, rendered on this machine",
        sources=(
            Source(
                "films, questions",
                "`longtake film make --out FOLDER/FILM.mp4`",
                "FILM.mp4, FILM.questions.json",
            ),
        ),
        load=needles.load,
        metrics=needle.needle_metrics,
    ),
    "truth": Dataset(
        name="truth",
        title="Truth films",
        splits=truth.SPLITS,
        size="about 65 questions for half an hour of film",
        licence="Apache-2.0; the clips are yours",
        sources=(
            Source(
                "films, questions",
                "`python -m longtake.eval.simulated.films --out FOLDER/FILM --media CLIPS`",
                "FILM/film.mp4, FILM/film.truth.json",
            ),
        ),
        load=truth.load,
        metrics=truth.truth_metrics,
    ),
    "jsonl": Dataset(
        name="jsonl",
        title="Questions of your own",
        splits=("test",),
        size="as many as you write",
        licence="yours",
        sources=(
            Source(
                "questions", "one JSON object a line: see docs/evaluation.md", "questions.jsonl"
            ),
        ),
        load=jsonl.load,
        metrics=own.own_metrics,
    ),
}
