"""Truth films: real clips with events, signs and lines drawn into them, of which all is known.

`python -m longtake.eval.simulated.films` makes one with its truth beside it, `FILM.truth.json`. The
folder of the benchmark holds any number of them, each in itself or in a folder of its own. A split
is a sort of wording, `held` those that nothing was tuned on, with options or open.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....index.video.errors import InputError
from ...result import Result
from ...sample import Sample, Video
from ...scoring.accuracy import Pair, accuracy, measure
from ...scoring.metric import Metric
from ...simulated.truth import Question, TruthFilm, load_truth, truth_path
from ..files import revision_of
from ..rows import Row, collect
from ..spec import Loaded

SPLITS = ("held", "tuning", "held-open", "tuning-open")
SUFFIX = ".truth.json"


def load(folder: Path, split: str) -> Loaded:
    """Load the questions about every film of a folder.

    Raises:
        InputError: there is none, or a truth cannot be read.
    """
    found = sorted([*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*/*{SUFFIX}")])
    if not found:
        raise InputError(
            f"{folder}: no films with their truth in it",
            "make one: python -m longtake.eval.simulated.films --out FOLDER --minutes 30",
        )
    return load_films([p.with_name(f"{p.name.removesuffix(SUFFIX)}.mp4") for p in found], split)


def load_films(films: Sequence[Path], split: str) -> Loaded:
    """Load the questions about films, each in the first wording of the split's sort."""
    paths = [truth_path(film) for film in films]
    truths = {path: load_truth(film) for path, film in zip(paths, films, strict=True)}
    common = {"dataset": "truth", "revision": revision_of(paths), "split": split}
    rows = [
        (p, [q.model_dump(mode="json") for q in truth.questions]) for p, truth in truths.items()
    ]
    return collect(rows, lambda row: _sample(row, truths[row.file], common))


def _sample(row: Row, truth: TruthFilm, common: dict[str, Any]) -> Sample:
    question = Question.model_validate(row.raw)
    sort, _, open_ = common["split"].partition("-")
    wordings = [w for w in question.wordings if w.tuning == (sort == "tuning")]
    wording = (wordings or question.wordings)[0]
    film = f"{truth.path.parent.name}/{truth.path.stem}"
    shown = {s for g in question.evidence for name in g.facts for s in truth.by_id[name].spans}
    return Sample(
        **common,
        sample_id=f"{film}/{question.id}",
        video=Video(id=film, path=str(truth.path.absolute()), duration=truth.duration),
        question=wording.open if open_ else wording.text,
        options=None if open_ else question.options,
        form="text" if open_ else "choice",
        answer_index=None if open_ else question.right,
        answer_text=question.options[question.right],
        evidence_spans=tuple(sorted(shown)) or None,
        task_type=(question.kind,),
        meta=row.raw,
    )


def truth_metrics(scored: Sequence[Pair]) -> list[Metric]:
    """Return the accuracy; an open answer is right when it names an accepted one and no other."""
    if any(sample.options is None for sample, _ in scored):
        return [measure("accepted answers", scored, _accepted, headline=True)]
    return [accuracy(scored)]


def _accepted(sample: Sample, result: Result) -> bool:
    answered = result.status in ("ok", "limit")
    return answered and Question.model_validate(sample.meta).accepts(result.raw_text or "")
