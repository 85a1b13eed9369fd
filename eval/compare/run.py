"""Running a comparison: each question by each selector and presenter, within each budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...agent.question import Question, check_question
from ...agent.understanding.intent import Intent, each_once
from ...index.video.errors import LongtakeError
from ...index.video.frames import Frames
from ...index.video.span import Span
from ...models.vlm.laid_out import LaidOut
from ...tools.context import ToolContext
from ...tools.present import PRESENTERS, terms_of
from ...tools.query.film_notes import around, note_of
from ...tools.select import SELECTORS, FilmFacts, Selection
from ...tools.select.film_facts import film_facts
from ...tools.tool import ToolFailed
from ...tools.words.lines import lines_within
from ..runner.lines import LineFile, drop_torn_line, read_records
from .items import Item
from .rows import Row, Unit
from .search_score import score_search

MOST_CUES = 12
MOST_FRAMES = 128
USUAL = "mixed"
"""The selector of a first look."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A selector and the presenter of what it chose."""

    selector: str
    presenter: str = "frames"


@dataclass(frozen=True)
class Subject:
    """An open film under test.

    Attributes:
        path: the film; its truth lies beside it.
        context: what tools use; of it the question, the memory and the budget are replaced.
        items: the questions.
        read: what a question wants, by whatever reads questions here.
        vlm, encoder: the names that results give the models; films share them.
    """

    path: Path
    context: ToolContext
    items: Sequence[Item]
    read: Callable[[Question], Intent]
    vlm: str
    encoder: str

    @property
    def name(self) -> str:
        """The film's folder and file."""
        return f"{self.path.parent.name}/{self.path.name}"


def pairs_of(
    selectors: Sequence[str], presenters: Sequence[str], *, every: bool = False
) -> list[Pair]:
    """Return what is compared, one thing at a time.

    Args:
        selectors: each is tried with the first presenter.
        presenters: each is tried with `USUAL`, or with the last selector where that is not tried.
        every: each is tried with each instead.
    """
    if every:
        return [Pair(s, p) for s in selectors for p in presenters]
    own = USUAL if USUAL in selectors else selectors[-1]
    chosen = [Pair(name, presenters[0]) for name in selectors]
    return list(dict.fromkeys([*chosen, *(Pair(own, name) for name in presenters)]))


def compare_film(
    subject: Subject,
    pairs: Sequence[Pair],
    budgets: Iterable[int],
    out: Path,
    *,
    unit: Unit = "frames",
    answers: bool = True,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> list[Row]:
    """Put every question to every pair within every budget; go on where an earlier run stopped.

    Args:
        subject: the film.
        pairs: what is compared.
        budgets: frames of full size, or tokens of the VLM's input.
        out: JSON lines, one appended a row.
        unit: of the budgets. Within tokens a pair shows as many frames as its layout pays for.
        answers: also ask the VLM; else only the search is scored.
        told: called with questions done and in all.

    Returns:
        The rows of this film and these models, old and new.

    Raises:
        InputError: the result file holds something else.
    """
    sort = "answer" if answers else "search"
    done = {row.key: row for row in read_records(out, Row) if row.film == subject.name}
    drop_torn_line(out)
    budgets = list(budgets)
    rows: list[Row] = []
    for number, item in enumerate(subject.items, 1):
        wanted = [(pair, budget) for budget in budgets for pair in pairs]
        keys = {one: _key(subject, item, *one, unit, sort) for one in wanted}
        missing = [one for one in wanted if keys[one] not in done]
        for row in _rows(subject, item, missing, unit, answers):
            with LineFile(out) as file:
                file.append(row.model_dump_json())
            done[row.key] = row
        rows += [done[key] for key in keys.values()]
        told(number, len(subject.items))
    return rows


def _key(
    subject: Subject, item: Item, pair: Pair, budget: int, unit: Unit, sort: str
) -> tuple[str, ...]:
    models = (subject.vlm, subject.encoder)
    shared = (subject.name, item.id, *models, str(budget), unit)
    return (*shared, pair.selector, pair.presenter, sort)


def _rows(
    subject: Subject, item: Item, wanted: Sequence[tuple[Pair, int]], unit: Unit, answers: bool
) -> Iterator[Row]:
    if not wanted:
        return
    question = check_question(item.question, item.options)
    intent = subject.read(question)
    cues = each_once([*item.cues, *intent.cues])[:MOST_CUES]
    for pair, budget in wanted:
        context = replace(
            subject.context,
            question=question.text,
            options=question.options,
            letters=question.letters,
            memory={},
            seen=[],
        )
        whole = Span(0.0, context.duration)
        began = time.perf_counter()
        facts = film_facts(
            context,
            whole,
            [cue.text for cue in cues],
            roles=[cue.role for cue in cues],
            modalities=[cue.modality or "" for cue in cues],
            scope=intent.scope,
            needs=intent.needs,
        )
        number = budget if unit == "frames" else frames_for(budget, context, facts, pair)
        row = _row(subject, context, item, facts, pair, number, answers)
        spent = round(time.perf_counter() - began, 3)
        yield row.model_copy(update={"budget": budget, "unit": unit, "seconds": spent})


def _row(
    subject: Subject,
    context: ToolContext,
    item: Item,
    facts: FilmFacts,
    pair: Pair,
    budget: int,
    answers: bool,
) -> Row:
    chose = time.perf_counter()
    selection = SELECTORS[pair.selector](facts, budget)
    select_ms = 1000 * (time.perf_counter() - chose)
    found = score_search(selection.seconds, item.groups)
    answer = _Answer(0, 0, 0, None, "")
    if answers:
        answer = _answered(context, selection, pair.presenter)
    cost = selection.cost
    return Row(
        film=subject.name,
        item=item.id,
        kind=item.kind,
        needs=tuple(sorted(facts.needs)),
        vlm=subject.vlm,
        encoder=subject.encoder,
        selector=pair.selector,
        presenter=pair.presenter,
        budget=budget,
        unit="frames",
        evidence=found.evidence,
        complete=found.complete,
        precision=found.precision,
        recall=found.recall,
        f1=found.f1,
        choice=answer.choice,
        correct=answer.choice == item.right if answers else None,
        decoded=cost.frames_decoded + len(selection),
        shown=cost.frames_shown + (answer.shown if answers else len(selection)),
        pictures=answer.pictures,
        tokens=cost.tokens_in + answer.tokens,
        calls=cost.model_calls + int(answers),
        select_ms=round(select_ms, 2),
        seconds=0.0,
        note=selection.note[:200],
        error=answer.error,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    shown: int
    pictures: int
    tokens: int
    choice: int | None
    error: str


def _answered(context: ToolContext, selection: Selection, presenter: str) -> _Answer:
    """Ask the VLM once, with the lines spoken and written at the frames' times beside them."""
    try:
        frames = _decoded(context, selection)
        laid = PRESENTERS[presenter](frames, terms_of(context.vlm, frames, selection))
        near = around(frames.seconds.tolist(), context.duration)
        notes = [note_of(line) for line in lines_within(context.index, near)]
        reply = context.vlm.answer(laid, context.question, list(context.options), notes)
    except (LongtakeError, ToolFailed) as error:
        return _Answer(0, 0, 0, None, f"{type(error).__name__}: {error}"[:300])
    shares = reply.options or ()
    best = max(range(len(shares)), key=shares.__getitem__) if shares else None
    return _Answer(len(frames), len(laid.pictures), reply.tokens_in, best, "")


def _decoded(context: ToolContext, selection: Selection) -> Frames:
    size = context.frame_size(max(1, round(selection.full_frames)))
    return context.decoder.frames([float(second) for second in selection.seconds], size)


def frames_for(tokens: int, context: ToolContext, facts: FilmFacts, pair: Pair) -> int:
    """Return the frames of full size whose layout costs no more than so many tokens, at least one.

    The cost is the layout's own statement, taken from blank pictures of the right sizes.
    """
    number = MOST_FRAMES
    while number > 1:
        cost = layout_cost(context, SELECTORS[pair.selector](facts, number), pair.presenter)
        if cost <= tokens:
            break
        number = max(1, min(number - 1, number * tokens // cost))
    return number


def layout_cost(context: ToolContext, selection: Selection, presenter: str) -> int:
    """Return what sending a selection would cost the VLM, tokens, before anything is decoded."""
    width, height = context.frame_size(max(1, round(selection.full_frames)))
    blank = np.zeros((len(selection), height, width, 3), np.uint8)
    frames = Frames(blank, selection.seconds)
    laid: LaidOut = PRESENTERS[presenter](frames, terms_of(context.vlm, frames, selection))
    return laid.tokens(context.vlm.id)
