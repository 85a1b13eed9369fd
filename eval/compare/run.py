"""Running a comparison: each question by each selector and presenter, within each budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...agent.question import Question, check_question
from ...agent.understanding.intent import Intent, each_once
from ...index.video.errors import LongtakeError
from ...index.video.span import Span
from ...tools.context import ToolContext
from ...tools.present import PRESENTERS, terms_of
from ...tools.query.film_notes import around, note_of
from ...tools.select import SELECTORS, USUAL, FilmFacts, Selection
from ...tools.select.film_facts import film_facts
from ...tools.tool import ToolFailed
from ...tools.words.lines import lines_within
from ..runner.lines import LineFile, drop_torn_line, read_records
from .items import Item
from .pool import FramePool
from .rows import Row, Unit
from .search_score import score_search
from .token_budget import frames_for

MOST_CUES = 12


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


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a pair chose for a question within a budget.

    Attributes:
        spent: seconds that gathering and choosing took, of which `select_ms` is the choice alone.
    """

    pair: Pair
    budget: int
    context: ToolContext
    facts: FilmFacts
    selection: Selection
    select_ms: float
    spent: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its frames, pixels."""
        return self.context.frame_size(max(1, round(self.selection.full_frames)))


def _rows(
    subject: Subject, item: Item, wanted: Sequence[tuple[Pair, int]], unit: Unit, answers: bool
) -> Iterator[Row]:
    """Choose for all pairs, decode what they chose in one pass, then ask for each."""
    if not wanted:
        return
    question = check_question(item.question, item.options)
    intent = subject.read(question)
    every = [_chosen(subject, item, question, intent, *one, unit) for one in wanted]
    for size in {chosen.size: None for chosen in every}:
        mine = [chosen for chosen in every if chosen.size == size]
        began = time.perf_counter()
        pool = FramePool(subject.context, [chosen.selection for chosen in mine], size, answers)
        each = (time.perf_counter() - began) / max(1, pool.asked)
        for chosen in mine:
            began = time.perf_counter()
            row = _row(subject, item, chosen, pool if answers else None)
            spent = chosen.spent + each * len(chosen.selection) + time.perf_counter() - began
            yield row.model_copy(update={"unit": unit, "seconds": round(spent, 3)})


def _chosen(
    subject: Subject,
    item: Item,
    question: Question,
    intent: Intent,
    pair: Pair,
    budget: int,
    unit: Unit,
) -> _Chosen:
    cues = each_once([*item.cues, *intent.cues])[:MOST_CUES]
    context = replace(
        subject.context,
        question=question.text,
        options=question.options,
        letters=question.letters,
        memory={},
        seen=[],
    )
    began = time.perf_counter()
    facts = film_facts(
        context,
        Span(0.0, context.duration),
        [cue.text for cue in cues],
        roles=[cue.role for cue in cues],
        modalities=[cue.modality or "" for cue in cues],
        scope=intent.scope,
        needs=intent.needs,
    )
    number = (
        budget
        if unit == "frames"
        else frames_for(budget, context, facts, pair.selector, pair.presenter)
    )
    chose = time.perf_counter()
    selection = SELECTORS[pair.selector](facts, number)
    done = time.perf_counter()
    return _Chosen(pair, budget, context, facts, selection, 1000 * (done - chose), done - began)


def _row(subject: Subject, item: Item, chosen: _Chosen, pool: FramePool | None) -> Row:
    """Score what was chosen; with its frames also the answer on them."""
    selection, cost = chosen.selection, chosen.selection.cost
    found = score_search(selection.seconds, item.groups)
    answer = _Answer(0, 0, 0, None, "")
    if pool is not None:
        answer = _answered(chosen, pool)
    return Row(
        film=subject.name,
        item=item.id,
        kind=item.kind,
        needs=tuple(sorted(chosen.facts.needs)),
        vlm=subject.vlm,
        encoder=subject.encoder,
        selector=chosen.pair.selector,
        presenter=chosen.pair.presenter,
        budget=chosen.budget,
        unit="frames",
        evidence=found.evidence,
        complete=found.complete,
        precision=found.precision,
        recall=found.recall,
        f1=found.f1,
        choice=answer.choice,
        correct=None if pool is None else answer.choice == item.right,
        decoded=cost.frames_decoded + len(selection),
        shown=cost.frames_shown + (len(selection) if pool is None else answer.shown),
        pictures=answer.pictures,
        tokens=cost.tokens_in + answer.tokens,
        calls=cost.model_calls + int(pool is not None),
        select_ms=round(chosen.select_ms, 2),
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


def _answered(chosen: _Chosen, pool: FramePool) -> _Answer:
    """Ask the VLM once, with the lines spoken and written at the frames' times beside them."""
    context = chosen.context
    try:
        frames = pool.frames(chosen.selection)
        terms = terms_of(context.vlm, frames, chosen.selection)
        laid = PRESENTERS[chosen.pair.presenter](frames, terms)
        near = around(frames.seconds.tolist(), context.duration)
        notes = [note_of(line) for line in lines_within(context.index, near)]
        reply = context.vlm.answer(laid, context.question, list(context.options), notes)
    except (LongtakeError, ToolFailed) as error:
        return _Answer(0, 0, 0, None, f"{type(error).__name__}: {error}"[:300])
    shares = reply.options or ()
    best = max(range(len(shares)), key=shares.__getitem__) if shares else None
    return _Answer(len(frames), len(laid.pictures), reply.tokens_in, best, "")
