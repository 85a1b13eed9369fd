"""What the played server was asked for each answer of a run, and the table of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..result import Result
from ..runner.lines import LineFile
from ..sample import Record
from .server import Served

HEAD = "**Simulated VLM**: says how evidence was found and used, nothing about seeing."
FILE = "traffic.jsonl"


class Traffic(Record):
    """The requests behind one answer.

    Attributes:
        requests: all but those that only find out what the server can do.
        answering: requests that asked for the answer; `whole` of them held the question verbatim
            with all its options, `malformed` a question that nobody asked.
        shown: whether the evidence was among what any answering request sent.
        images: pictures sent in all.
        tokens: of the prompts, estimated.
    """

    system: str
    sample_id: str
    requests: int
    answering: int
    whole: int
    malformed: int
    shown: bool
    images: int
    tokens: int


class TrafficLog:
    """Appends a line for every answer; told of each right after it was given.

    Args:
        folder: of the run.
        served: from a film's id to its server's log; one film is asked by one thread.
        open_answers: whether the questions are asked without options.
    """

    def __init__(
        self, folder: Path, served: Callable[[str], Sequence[Served]], *, open_answers: bool = False
    ) -> None:
        self._folder, self._served, self._open = folder, served, open_answers
        self._counted: dict[str, int] = {}

    def __call__(self, result: Result) -> None:
        """Count what was served since the film's last answer."""
        log = self._served(result.film)
        since, self._counted[result.film] = self._counted.get(result.film, 0), len(log)
        with LineFile(self._folder / FILE) as file:
            file.append(self._traffic(result, log[since:]).model_dump_json())

    def _traffic(self, result: Result, served: Sequence[Served]) -> Traffic:
        asked = [one for one in served if not one.probes]
        answering = [one for one in asked if one.answers]
        return Traffic(
            system=result.system,
            sample_id=result.sample_id,
            requests=len(asked),
            answering=len(answering),
            whole=sum(self._whole(one) for one in answering),
            malformed=sum(one.malformed for one in answering),
            shown=any(one.shown for one in answering),
            images=sum(one.images for one in asked),
            tokens=sum(one.tokens for one in asked),
        )

    def _whole(self, served: Served) -> bool:
        asked = served.asked
        return asked is not None and asked.verbatim and (self._open or asked.complete)


def traffic_table(rows: Sequence[Traffic]) -> str:
    """Return a Markdown table of what each system asked."""
    lines = [
        "| simulated | n | requests median / p90 | answering calls with the whole question % "
        "| malformed | evidence sent % | images median | tokens median |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for system in dict.fromkeys(row.system for row in rows):
        mine = [row for row in rows if row.system == system]
        requests = [row.requests for row in mine]
        calls, whole = sum(row.answering for row in mine), sum(row.whole for row in mine)
        cells = [
            system,
            str(len(mine)),
            f"{np.median(requests):.0f} / {np.percentile(requests, 90):.0f}",
            f"{100 * whole / calls:.1f} of {calls}" if calls else "-",
            str(sum(row.malformed for row in mine)),
            f"{100 * np.mean([row.shown for row in mine]):.0f}",
            f"{np.median([row.images for row in mine]):.0f}",
            f"{np.median([row.tokens for row in mine]):.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([HEAD, "", *lines])
