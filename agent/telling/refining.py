"""Summaries that are written, judged and written again (ViSMaP, arXiv 2504.15921).

The model writes a summary by instructions, judges it, and writes better instructions from those
tried so far; the best summary stands. Judges praise: so faithfulness counts no more than the share
of sentences that their lines support by our own check, and coverage no more than the share of the
notes that are cited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...index.video.span import merge_spans
from ...index.words.lines import Line
from ...prompts import render
from ...tools.evidence import fence
from . import schemas
from .schemas import rows_of, text_of, whole_numbers
from .scribe import Reply, Scribe
from .story import LENGTHS, Length, Statement

MOST_TOKENS = 3000
MEDIUM, LONG = 10, 40
NOTES_LETTERS = 16_000
GAIN = 0.02
"""A round that gains less than this share twice is the last (our choice: none is published)."""

_POINTS = ("coverage", "faithfulness", "order", "brevity")
Check = Callable[[str, Sequence[Line]], Statement | None]
Summaries = dict[Length, tuple[Statement, ...]]


@dataclass(frozen=True, slots=True)
class Try:
    """A summary, the instructions that it was written by, its points (0 to 10), and why."""

    summaries: Summaries
    instructions: str
    score: float
    why: str


def refine(
    scribe: Scribe, notes: Sequence[Statement], check: Check, lines: Sequence[Line], rounds: int
) -> Summaries | None:
    """Return the best summaries of a film; None where the model wrote none that holds.

    Args:
        scribe: asks the model.
        notes: what the film is summed up from, in order.
        check: makes a statement of a sentence and its lines, None without support.
        lines: of the film.
        rounds: the most times that a summary is judged and written again.
    """
    notes = thinned(notes, NOTES_LETTERS, 6)
    if not notes:
        return None
    instructions = render("tell_summary_plainly")
    tried: list[Try] = []
    idle = 0
    while True:
        summaries, kept = _write(scribe, notes, instructions, check, lines)
        if summaries is None:
            break
        last = len(tried) >= rounds
        score, why = (0.0, "") if last and not tried else _judge(scribe, notes, summaries, kept)
        best = max((one.score for one in tried), default=0.0)
        tried.append(Try(summaries, instructions, score, why))
        idle = idle + 1 if score < best * (1 + GAIN) and len(tried) > 1 else 0
        if last or idle >= 2 or scribe.stopped:
            break
        better = _improve(scribe, tried)
        if not better:
            break
        instructions = better
    return max(tried, key=lambda one: one.score).summaries if tried else None


def thinned(statements: Sequence[Statement], room: int, each: int = 1) -> list[Statement]:
    """Return statements, evenly thinned to so many letters; each takes some beside its text."""
    letters = sum(len(statement.text) + each for statement in statements)
    step = max(1.0, letters / room)
    return [statements[int(k * step)] for k in range(int(len(statements) / step))]


def _write(
    scribe: Scribe,
    notes: Sequence[Statement],
    instructions: str,
    check: Check,
    lines: Sequence[Line],
) -> tuple[Summaries | None, float]:
    """Return summaries of sentences that hold, and the share of the sentences that did."""
    reply = scribe.ask(
        "tell_summary",
        schemas.summary(MEDIUM, LONG),
        MOST_TOKENS,
        notes=_listed(notes),
        instructions=instructions,
        medium=MEDIUM,
        long=LONG,
    )
    written = good = 0
    summaries: Summaries = {}
    for length in LENGTHS:
        told = []
        for row in rows_of(reply, length):
            written += 1
            sources = [notes[n - 1] for n in whole_numbers(row.get("sources"), len(notes))]
            spans = merge_spans(span for note in sources for span in note.spans)
            cited = [line for line in lines if any(line.span.overlap(span) > 0 for span in spans)]
            statement = check(text_of(row.get("text")), cited)
            told += [statement] if statement is not None else []
        good += len(told)
        summaries[length] = tuple(sorted(told, key=lambda statement: statement.spans))
    if not all(summaries[length] for length in LENGTHS):
        return None, 0.0
    return summaries, good / written


def _judge(
    scribe: Scribe, notes: Sequence[Statement], summaries: Summaries, supported: float
) -> tuple[float, str]:
    shown = fence("summary", (statement.text for statement in summaries["long"]))
    schema = schemas.judgement(_POINTS)
    reply = scribe.ask("tell_judge", schema, 300, notes=_listed(notes), summary=shown)
    points = {name: _points(reply, name) for name in _POINTS}
    cited = [span for statement in summaries["long"] for span in statement.spans]
    covered = sum(any(note.span.overlap(span) > 0 for span in cited) for note in notes)
    points["faithfulness"] = min(points["faithfulness"], 10 * supported)
    points["coverage"] = min(points["coverage"], 10 * covered / len(notes))
    return sum(points.values()) / len(points), text_of((reply or {}).get("why"))


def _points(reply: Reply | None, name: str) -> float:
    value = (reply or {}).get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0.0
    return min(10.0, max(0.0, float(value)))


def _improve(scribe: Scribe, tried: Sequence[Try]) -> str:
    """Return better instructions from the best three tries and the worst."""
    ranked = sorted(tried, key=lambda one: -one.score)
    shown = [*ranked[:3], *(ranked[3:] and ranked[-1:])]
    rows = [f"{one.score:.1f} points: {one.instructions} ({one.why})" for one in shown]
    reply = scribe.ask("tell_improve", schemas.instructions(), 400, tried="\n\n".join(rows))
    return text_of((reply or {}).get("instructions"))


def _listed(notes: Sequence[Statement]) -> str:
    return fence("notes", (f"{number}. {note.text}" for number, note in enumerate(notes, 1)))
