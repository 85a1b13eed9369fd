"""What a planning model is told: the rules, the film, the question, and the memory within bounds.

A pure function of the steps. What never changes comes first and what grows is appended, so that a
server can reuse the prefix that it has already read; older observations are folded to a line each
only when the memory has outgrown its room, several at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ....index.video.span import format_seconds
from ....prompts import render
from ....tools import TOOLS
from ....tools.evidence import clean, fence
from ....tools.results import Judged
from ....tools.types import Evidence
from ...chat import Message
from ...question import Question
from ...steps import Observation, Plan, Step, ToolUse
from ...understanding.intent import Intent
from ..base import Left
from .schema import BATCH, signature

ROOM = 14_000
"""Characters of memory after which older observations are folded."""

KEPT = 2
"""Newest observations that are never folded."""

ONE = 2400
"""Characters of one observation at most."""

FOLDED = 60
"""Folded observations shown; those before them are only counted."""

_FENCE = re.compile(r"</?\s*film-data[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One remembered thing, at length and in a line."""

    whole: str
    folded: str


def briefing(
    duration: float,
    question: Question,
    intent: Intent,
    steps: Sequence[Step],
    left: Left,
    so_far: dict[str, Any] | None,
    *,
    last: bool = False,
) -> list[Message]:
    """Return the conversation that asks for the next move.

    Args:
        duration: length of the film, seconds.
        question: as put.
        intent: what it wants.
        steps: the memory.
        left: what may still be spent; seconds are left out, since they differ from run to run.
        so_far: the best answer so far.
        last: only `finish` is left.
    """
    order = render("planner_last" if last else "planner_go")
    # an answer may quote what a sign says
    said = (
        fence("answer", [_unfenced(json.dumps(so_far, ensure_ascii=False))]) if so_far else "none"
    )
    turn = render("planner_turn", so_far=said, steps=left.steps, frames=left.frames, order=order)
    memory = remembered(steps) or ["(nothing yet)"]
    content = "\n\n".join([task_text(duration, question, intent), *memory, turn])
    return [
        {"role": "system", "content": system_text()},
        {"role": "user", "content": content},
    ]


@cache
def system_text() -> str:
    """Return the rules and the tools; the same for every film and question."""
    tools = "\n".join(f"- {signature(name)}" for name in TOOLS)
    return render("planner_system", batch=BATCH, tools=tools)


def task_text(duration: float, question: Question, intent: Intent) -> str:
    """Return the film's length, the question verbatim, and what to look for."""
    rows = zip(question.letters, question.options, strict=True)
    options = "\n".join(f"{letter}. {option}" for letter, option in rows)
    listed = f"Options, answer with the letter:\n{options}" if options else "Open question."
    cues = [cue.text for cue in intent.cues if cue.role != "option" and cue.text != question.text]
    return render(
        "planner_task",
        duration=f"{duration:.1f}",
        clock=format_seconds(duration),
        question=question.text,
        options=listed,
        cues="; ".join(cues) or "not said",
        needs=", ".join(sorted(intent.needs)) or "a look",
    )


def remembered(steps: Sequence[Step]) -> list[str]:
    """Return the memory as texts, oldest first, within `ROOM` as far as `KEPT` allows.

    The number folded grows in leaps, as if the memory were told again after every step; between two
    leaps nothing that was told before changes.
    """
    entries = entries_of(steps)
    folded, size = 0, 0
    for count, entry in enumerate(entries, 1):
        size += len(entry.whole)
        if size > ROOM:
            folded = max(folded, count - KEPT)
            size = sum(len(kept.whole) for kept in entries[folded:count])
    hidden = max(0, folded - FOLDED)
    told = [fence("earlier", [entry.folded for entry in entries[hidden:folded]])] if folded else []
    head = [f"({hidden} earlier entries are left out)"] if hidden else []
    return [*head, *told, *(entry.whole for entry in entries[folded:])]


def entries_of(steps: Sequence[Step]) -> list[Entry]:
    """Return what is worth telling: observations with their calls, and the record's own notes."""
    uses = {step.number: step for step in steps if isinstance(step, ToolUse)}
    entries: list[Entry] = []
    for step in steps:
        if isinstance(step, Observation):
            entries.append(_observed(step, uses.get(step.number)))
        elif isinstance(step, Plan) and step.detail.get("again"):
            entries.append(Entry(f"Note: {step.text}", f"Note: {step.text}"))
    return entries


def _observed(step: Observation, use: ToolUse | None) -> Entry:
    """Tell of a call: what was asked is fenced too, it may repeat words of the film."""
    result = step.result
    tool = result.tool if result.tool in TOOLS else "tool"
    args = clean(json.dumps(result.args, ensure_ascii=False))
    head = f"[{step.number}] {step.phase}, {tool}"
    if result.error:
        head += f", failed: {result.error}"
    elif not step.news:
        head += ", nothing new"
    lines = [f"asked: {args}"]
    if use is not None and use.why and step.phase == "act":
        lines.append(f"why: {clean(use.why)[:160]}")
    lines += [_line(item) for item in result.evidence[:16]]
    lines += result.text.splitlines()
    lines += [f"note: {note}" for note in result.notes[:6]]
    bare = [line for line in map(_unfenced, lines) if line]
    return Entry(f"{head}\n{fence(tool, _fitting(bare, ONE))}", _folded(step, tool, args))


def _folded(step: Observation, tool: str, args: str) -> str:
    """Say in a line what a call brought: ids and times, of the film no words but its arguments'."""
    result = step.result
    head = f"[{step.number}] {tool} {_unfenced(args)[:160]}"
    if result.error:
        return f"{head} -> failed: {result.error}"
    verdict = f" {result.payload.verdict}" if isinstance(result.payload, Judged) else ""
    ids = [f"{e.id} {e.span.start:.1f}-{e.span.end:.1f} s" for e in result.evidence[:8]]
    return f"{head} ->{verdict} {', '.join(ids) or 'no evidence'}"


def _line(item: Evidence) -> str:
    supports = f" for {item.supports}" if item.supports else ""
    return (
        f"evidence {item.id}: {item.span.start:.1f}-{item.span.end:.1f} s {item.kind} "
        f"{item.score:.2f}{supports}: {item.text}"
    )


def _unfenced(line: str) -> str:
    """Drop a tool's own fence: the whole observation gets one."""
    return _FENCE.sub("", line).strip()


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    kept: list[str] = []
    for line in map(clean, lines):
        room -= len(line) + 1
        if room < 0:
            return [*kept, f"({len(lines) - len(kept)} more lines)"]
        kept.append(line)
    return kept
