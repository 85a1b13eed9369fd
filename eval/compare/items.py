"""Questions whose evidence is known: of truth films over real clips, and of drawn films."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...agent.understanding.intent import Cue
from ...index.video.errors import InputError
from ...index.video.span import Span
from ...world.grammar.question import read_question
from ...world.grammar.statements import anchor_phrase, subject_phrase
from ...world.render import question_path
from ..datasets.own.needles import load_samples
from ..sample import Sample
from ..simulated.truth import Question as TruthQuestion
from ..simulated.truth import TruthFilm, load_truth, truth_path

HEARD = 2.0  # seconds around a frame whose lines are sent beside it
Source = Literal["simulated", "drawn"]


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of which at least so many must be seen; each is shown in any of its spans."""

    facts: tuple[tuple[Span, ...], ...]
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A question with options, and where the film shows what answers it.

    Attributes:
        id: unique in its film.
        kind: of the question, as its source names it.
        question: verbatim.
        options: two or more.
        right: index of the right option.
        groups: all of them are needed.
        cues: what its source's own grammar looks for; empty where a model reads the question.
    """

    id: str
    kind: str
    question: str
    options: tuple[str, ...]
    right: int
    groups: tuple[Group, ...]
    cues: tuple[Cue, ...] = ()

    @property
    def spans(self) -> list[Span]:
        """Where the evidence is, each span once, in time order."""
        return sorted({span for group in self.groups for fact in group.facts for span in fact})


def source_of(film: Path) -> Source:
    """Say whose truth lies beside a film.

    Raises:
        InputError: none does.
    """
    if truth_path(film).is_file():
        return "simulated"
    if question_path(film).is_file():
        return "drawn"
    raise InputError(
        f"{film}: no questions with known evidence beside the film",
        "make one: python -m longtake.eval.simulated.films --out FOLDER, or "
        "longtake film make --out FILM",
    )


def load_items(
    film: Path, *, held_out: bool = True, limit: int | None = None, kinds: Sequence[str] = ()
) -> list[Item]:
    """Return the questions with options of a film that has its truth beside it.

    Args:
        film: a truth film of real clips, or a drawn film.
        held_out: of a truth film, ask in wordings that nothing was tuned on; else the others.
        limit: so many of a kind at most.
        kinds: only these; empty for all.

    Raises:
        InputError: there is no truth, or it cannot be read.
    """
    if source_of(film) == "simulated":
        items = items_of(load_truth(film), held_out=held_out)
    else:
        samples = load_samples(question_path(film), film)
        items = [_of_sample(s) for s in samples if s.options is not None and s.truths]
    counts: dict[str, int] = {}
    kept = []
    for item in items:
        counts[item.kind] = counts.get(item.kind, 0) + 1
        if (not kinds or item.kind in kinds) and (limit is None or counts[item.kind] <= limit):
            kept.append(item)
    return kept


def items_of(truth: TruthFilm, *, held_out: bool) -> list[Item]:
    """Return the questions of a truth film, in wordings that nothing was tuned on, or others."""
    return [_of_truth(truth, question, held_out) for question in truth.questions]


def _of_truth(truth: TruthFilm, question: TruthQuestion, held_out: bool) -> Item:
    wordings = [w for w in question.wordings if w.tuning != held_out] or question.wordings
    groups = tuple(
        Group(tuple(_spans(truth, name) for name in group.facts), group.at_least)
        for group in question.evidence
    )
    return Item(
        question.id, question.kind, wordings[0].text, question.options, question.right, groups
    )


def _spans(truth: TruthFilm, name: str) -> tuple[Span, ...]:
    fact = truth.by_id[name]
    reach = HEARD if fact.kind == "said" else 0.0
    return tuple(Span(max(0.0, start - reach), stop + reach) for start, stop in fact.spans)


def _of_sample(sample: Sample) -> Item:
    assert sample.options is not None
    assert sample.answer_index is not None
    reading = read_question(sample.question, sample.options)
    cues = [Cue(anchor_phrase(reading), role="anchor")] if reading.anchor else []
    cues += [Cue(subject_phrase(reading))] if reading.subject else []
    reach = HEARD if sample.kind == "speech" else 0.0
    groups = tuple(Group(((span.pad(reach),),)) for span in sample.truths)
    if sample.kind in ("order", "global"):
        cues += [Cue(option) for option in sample.options]
    return Item(
        sample.sample_id,
        sample.kind,
        sample.question,
        sample.options,
        sample.answer_index,
        groups,
        tuple(cue for cue in cues if cue.text),
    )
