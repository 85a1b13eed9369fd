"""Needles in hour-long films: ask every question, score it, and print the table.

    longtake eval needles films/needles-101.mp4 films/needles-102.mp4 films/needles-103.mp4

Every prediction is appended to a JSONL file as soon as it is made; a second run asks only what is
missing. The agent is asked through the public API, the baseline is the same VLM on
64 evenly spread frames, or as many as one likes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..index.video.span import Span
from ..world.render import Report as Progress
from ..world.render import make_film, question_path
from .baseline import FRAMES, Glance
from .datasets.own.needles import load_samples
from .prediction import Prediction, Status
from .report import Report
from .sample import Sample
from .scoring.needle import is_right, named_span

if TYPE_CHECKING:
    from ..agent.answer import Answer

RESULTS = Path("runs/needles.jsonl")
TEST_SEEDS = (101, 102, 103)  # never looked at while tuning
AGENT = "agent"


def baseline_name(frames: int) -> str:
    """Return the method that looks at so many evenly spread frames; `blind` for none."""
    return f"uniform-{frames}" if frames else "blind"


@dataclass(frozen=True, slots=True)
class Subject:
    """An open film under test.

    Attributes:
        path: the film; its questions lie beside it.
        ask: the agent: question and options (None: open) to the answer document.
        glance: the baseline: question and options to what the VLM says; None leaves it out.
        frames: how many frames the baseline looks at.
    """

    path: Path
    ask: Callable[[str, list[str] | None], Answer]
    glance: Callable[[str, Sequence[str]], Glance] | None = None
    frames: int = FRAMES

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that are asked."""
        return (AGENT,) if self.glance is None else (AGENT, baseline_name(self.frames))


def run_needles(
    subjects: Iterable[Subject],
    out: Path = RESULTS,
    *,
    limit: int | None = None,
    kinds: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Ask all questions of the films and score them.

    Args:
        subjects: the films, opened one at a time as they are iterated over.
        out: result lines; those already there are not asked again.
        limit: the most questions of a kind and film.
        kinds: only these kinds.
        progress: called with the questions done and all questions of the film at hand.

    Returns:
        The report over the samples of these films, old lines included.
    """
    done = read_results(out)
    mend_results(out)
    predictions: list[Prediction] = []
    for subject in subjects:
        samples = choose(load_samples(question_path(subject.path), subject.path), limit, kinds)
        for row, sample in enumerate(samples):
            for method in subject.methods:
                found = done.get((sample.sample_id, sample.revision, method))
                if found is None:
                    found = predict(subject, sample, method)
                    with out.open("a", encoding="utf-8") as lines:
                        lines.write(found.model_dump_json() + "\n")
                predictions.append(found)
            if progress is not None:
                progress(row + 1, len(samples))
    return Report.of(predictions)


def choose(
    samples: Sequence[Sample], limit: int | None, kinds: Sequence[str] | None
) -> list[Sample]:
    """Keep the first `limit` samples of each of the kinds."""
    counts: dict[str, int] = {}
    kept = []
    for sample in samples:
        if kinds and sample.kind not in kinds:
            continue
        counts[sample.kind] = counts.get(sample.kind, 0) + 1
        if limit is None or counts[sample.kind] <= limit:
            kept.append(sample)
    return kept


@dataclass(frozen=True, slots=True)
class Said:
    """What a method said, before it is scored; `span` is the time it named."""

    status: Status
    text: str | None = None
    choice: int | None = None
    span: Span | None = None
    confidence: float | None = None
    stop_reason: str | None = None
    run_id: str | None = None
    frames: int = 0
    error: str | None = None


def predict(subject: Subject, sample: Sample, method: str) -> Prediction:
    """Let one method answer one sample, and score it; a failure is recorded, not raised."""
    start = time.perf_counter()
    try:
        said = _ask(subject, sample) if method == AGENT else _glance(subject, sample)
    except Exception as error:
        # the one place that catches everything: hours of results must not die with one sample
        said = Said("error", error=f"{type(error).__name__}: {error}")
    right = said.status != "error" and is_right(
        sample, abstained=said.status == "abstained", choice=said.choice, span=said.span
    )
    # a time is only an answer where no options were given
    span = said.span if sample.options is None else None
    return Prediction(
        sample=sample.sample_id,
        film=sample.video.id,
        revision=sample.revision,
        kind=sample.kind,
        method=method,
        status=said.status,
        correct=right,
        text=said.text,
        choice=said.choice,
        truth=sample.answer_index,
        span=(span.start, span.end) if span else None,
        overlap=max((span.iou(t) for t in sample.truths), default=None) if span else None,
        confidence=said.confidence,
        stop_reason=said.stop_reason,
        run_id=said.run_id,
        seconds=round(time.perf_counter() - start, 3),
        frames=said.frames,
        error=said.error,
    )


def _ask(subject: Subject, sample: Sample) -> Said:
    answer = subject.ask(sample.question, list(sample.options) if sample.options else None)
    return Said(
        answer.status,
        answer.answer,
        None if answer.choice is None else ord(answer.choice) - ord("A"),
        named_span(answer.answer, [Span(item.start, item.end) for item in answer.evidence]),
        answer.confidence.raw,
        answer.stop_reason,
        answer.run_id,
        answer.usage.frames_shown,
    )


def _glance(subject: Subject, sample: Sample) -> Said:
    assert subject.glance is not None
    seen = subject.glance(sample.question, sample.options or ())
    status: Status = "abstained" if seen.abstained else "answered"
    return Said(status, seen.text, seen.choice, seen.span, frames=seen.frames)


def read_results(path: Path) -> dict[tuple[str, str, str], Prediction]:
    """Read result lines by (sample, revision, method); torn lines and errors are left out."""
    results: dict[tuple[str, str, str], Prediction] = {}
    if not path.is_file():
        return results
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found = Prediction.model_validate(json.loads(line))
        except (ValueError, ValidationError):
            continue
        if found.status != "error":
            results[found.sample, found.revision, found.method] = found
    return results


def mend_results(path: Path) -> None:
    """Make the file ready to be appended to: a line torn by a crash must not swallow the next."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and not path.read_bytes().endswith(b"\n"):
        with path.open("a", encoding="utf-8") as lines:
            lines.write("\n")


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
