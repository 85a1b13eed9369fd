"""Answers and events of a run in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longtake.cli.output import OUT, bold, colourful, dim
from longtake.index.video.span import format_seconds
from longtake.safe import printable

if TYPE_CHECKING:
    from longtake.agent.answer import Answer
    from longtake.api import Film
    from longtake.index.build import Progress

_PROGRESS = ("stage", "done", "total", "unit", "seconds")
EXIT_BUDGET, EXIT_ABSTAINED = 6, 7
MOST_SHOWN = 6  # pieces of evidence of a run that did not end


def exit_code(answer: Answer, fail_on_abstain: bool = False) -> int:
    """Return the exit code that an answer asks for."""
    if answer.status == "budget":
        return EXIT_BUDGET
    return EXIT_ABSTAINED if fail_on_abstain and answer.status == "abstained" else 0


def print_answer(answer: Answer) -> None:
    """Print an answer for a person: what, how sure, when, and what it cost."""
    from longtake.notebook import facts, headline

    OUT.say(bold(headline(answer)))
    OUT.say(dim("  " + " · ".join(facts(answer))))
    for place, found in enumerate(answer.evidence, start=1):
        when = f"{format_seconds(found.start)}-{format_seconds(found.end)}"
        checked = "verified" if found.verified else "        "
        link = _link(f"{when:>21}", answer.film.path, found.start)
        what = f"{found.kind}: {printable(found.text, 110)}"
        OUT.say(f"  {f'E{place}':<4}{link}  {dim(checked)}  {what}")
    for caveat in answer.caveats:
        OUT.say(f"  note: {printable(caveat)}")


def _link(text: str, path: str, second: float) -> str:
    """Return text that a terminal which knows OSC 8 opens the film with."""
    if not colourful(sys.stdout):
        return text
    try:
        address = Path(path).as_uri()
    except ValueError:
        return text
    return f"\x1b]8;;{address}#t={second:.1f}\x1b\\{text}\x1b]8;;\x1b\\"


def note_encoder(film: Film) -> None:
    """Say which encoder searches a film, where a server looks at it: first of all, on stderr."""
    if film.settings.profile_name == "served":
        OUT.note(film.parts.encoder_line())


def note_no_vlm(film: Film) -> None:
    """Say how to name a video LLM, where only words were read since none knows such footage."""
    if film.parts.models.profile.vlm == "embedded" and not film.searches_pictures():
        OUT.note(
            "no video LLM that knows such footage is set: only what is said and written was read. "
            "To look at the film set LONGTAKE_VLM=endpoint:NAME@URL"
        )


def note_unfinished(run_id: str, events: EventLines) -> None:
    """Tell of a run that its model server ended what it found so far, and how to go on."""
    if not events.started:
        return
    for found in events.evidence[:MOST_SHOWN]:
        when = "-".join(format_seconds(found["span"][side]) for side in ("start", "end"))
        OUT.note(f"found so far: {when:>21}  {found['kind']}: {printable(found['text'], 90)}")
    if more := len(events.evidence[MOST_SHOWN:]):
        OUT.note(f"and {more} more")
    OUT.note(f"what is done is kept. To go on: longtake resume {run_id}")


class EventLines:
    """What happens to the events of a run: JSON lines, or progress and, with -v, short remarks.

    Attributes:
        started: True once the run has begun, so that it can be resumed.
        evidence: what was found so far, as the events say it.
    """

    def __init__(self, progress: Callable[[Progress], None]) -> None:
        self.started = False
        self.evidence: list[dict[str, Any]] = []
        self._show = progress

    def progress(self, progress: Progress) -> None:
        """Take the progress of the index, which is not part of the run."""
        if OUT.lines:
            from longtake.stream import progress_event

            OUT.line(progress_event(progress))
        else:
            self._show(progress)

    def __call__(self, event: dict[str, Any]) -> None:
        """Take one event."""
        self.started = True
        if event["type"] == "evidence":
            self.evidence.append(event["evidence"])
        if OUT.lines:
            OUT.line(event)
        elif event.get("type") == "progress" and "stage" in event:
            from longtake.index.build import Progress

            self._show(Progress(**{field: event[field] for field in _PROGRESS}))
        elif remark := describe(event):
            OUT.detail(remark)


def describe(event: dict[str, Any]) -> str:
    """Return an event as one short line; empty for those that say nothing to a person."""
    kind = event.get("type", "")
    if kind == "step.started":
        name = event.get("tool", event.get("step", "step"))
        return f"{name}: {printable(event.get('args', ''), 120)}"
    if kind == "observation":
        return printable(event["result"]["text"], 160)
    if kind == "plan" and event.get("text"):
        return f"plan: {printable(event['text'], 160)}"
    if kind == "vote":
        return f"vote: {event['voter']} for {event['choice']}, {event['weight']:.2f}"
    return ""
