"""Running the agent and the baselines over truth films, one line of JSON a question and method."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...index.video.errors import LongtakeError
from ..runner.lines import LineFile, drop_torn_line, read_records
from .server import Served, SimulatedServer
from .truth import Question, TruthFilm, Wording

Status = Literal["answered", "abstained", "budget", "error"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method said: the index of an option, None for none; words for open questions."""

    choice: int | None
    text: str = ""
    status: Status = "answered"


Method = Callable[[str, Sequence[str] | None], Outcome]


class Row(BaseModel):
    """What one method did with one wording of one question.

    Attributes:
        requests: all but those that only find out what the server can do.
        answering: requests that asked for the answer; `whole` of them held the question verbatim
            with all its options, `malformed` a question that nobody asked.
        shown: whether the evidence was among what any answering request sent.
        images: pictures sent in all.
        tasks: how many requests of each kind.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    film: str
    question: str
    kind: str
    wording: str
    tuning: bool
    form: Literal["choice", "open"]
    method: str
    correct: bool
    choice: int | None
    text: str
    status: Status
    error: str
    requests: int
    answering: int
    whole: int
    malformed: int
    shown: bool
    images: int
    tokens: int
    seconds: float
    tasks: dict[str, int]

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this row from all others of a result file."""
        return self.film, self.question, self.wording, self.form, self.method


def run_film(
    truth: TruthFilm,
    server: SimulatedServer,
    methods: Mapping[str, Method],
    out: Path,
    *,
    wordings: Literal["tuning", "held", "both"] = "both",
    limit: int | None = None,
    form: Literal["choice", "open"] = "choice",
    told: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Ask every question by every method; go on where an earlier run stopped.

    Args:
        truth: the film.
        server: plays the model; nobody else may use it meanwhile.
        methods: by name.
        out: JSON lines, one appended a row.
        wordings: which wordings; of each question one of a sort is asked.
        limit: so many questions at most.
        form: with options, or without.
        told: called with every new row.

    Returns:
        The rows of this film, old and new.

    Raises:
        InputError: the result file holds other lines than rows.
    """
    film = f"{truth.path.parent.name}/{truth.film}"
    rows = {row.key: row for row in read_records(out, Row) if row.film == film}
    drop_torn_line(out)
    for question in truth.questions[:limit]:
        for wording in _wordings(question, wordings):
            for name, method in methods.items():
                if (film, question.id, wording.text, form, name) in rows:
                    continue
                row = _ask(film, question, wording, form, name, method, server)
                with LineFile(out) as file:
                    file.append(row.model_dump_json())
                rows[row.key] = row
                told(row)
    return list(rows.values())


def _wordings(question: Question, which: str) -> Iterator[Wording]:
    """Yield the first wording of each sort that is wanted."""
    for tuning in (True, False):
        if which in ("both", "tuning" if tuning else "held"):
            yield from [w for w in question.wordings if w.tuning == tuning][:1]


def _ask(
    film: str,
    question: Question,
    wording: Wording,
    form: Literal["choice", "open"],
    name: str,
    method: Method,
    server: SimulatedServer,
) -> Row:
    before, began, error = len(server.log), time.perf_counter(), ""
    try:
        if form == "choice":
            outcome = method(wording.text, question.options)
        else:
            outcome = method(wording.open, None)
    except LongtakeError as problem:
        outcome, error = Outcome(None, "", "error"), f"{type(problem).__name__}: {problem}"
    seconds = time.perf_counter() - began
    log = [served for served in server.log[before:] if not served.probes]
    answering = [served for served in log if served.answers]
    if form == "choice":
        correct = outcome.choice == question.right
    else:
        correct = outcome.status != "abstained" and accepts(question, outcome.text)
    return Row(
        film=film,
        question=question.id,
        kind=question.kind,
        wording=wording.text,
        tuning=wording.tuning,
        form=form,
        method=name,
        correct=correct,
        choice=outcome.choice,
        text=outcome.text[:300],
        status=outcome.status,
        error=error[:300],
        requests=len(log),
        answering=len(answering),
        whole=sum(_whole(served, form) for served in answering),
        malformed=sum(served.malformed for served in answering),
        shown=any(served.shown for served in answering),
        images=sum(s.images for s in log),
        tokens=sum(s.tokens for s in log),
        seconds=round(seconds, 3),
        tasks=dict(Counter(served.task for served in log)),
    )


def _whole(served: Served, form: str) -> bool:
    asked = served.asked
    return asked is not None and asked.verbatim and (form == "open" or asked.complete)


def accepts(question: Question, text: str) -> bool:
    """Say whether an open answer is one of the accepted ones, in whatever sentence."""
    said = f" {_plain(text)} "
    right = any(f" {_plain(answer)} " in said for answer in question.accepted)
    wrong = [o for k, o in enumerate(question.options) if k != question.right]
    # who names a wrong option beside the right one has not answered
    return right and not any(
        f" {_plain(option)} " in said and _plain(option) not in _plain(question.accepted[0])
        for option in wrong
    )


def _plain(text: str) -> str:
    words: Iterable[str] = re.findall(r"[a-z0-9]+", text.lower())
    return " ".join(words)
