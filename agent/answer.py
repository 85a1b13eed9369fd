"""The answer document: what `--json` prints and what Python users get, field for field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ..index.video.span import Span, format_seconds
from ..prompts import render
from ..tools.types import Evidence
from .cost.budget import Spent
from .cost.ledger import entries_of
from .cost.rates import Rates
from .cost.usage import Doc, Usage, usage_of
from .planners.base import Done
from .state import RunState, steps_of
from .steps import Final, Observation, Plan, Step, evidence_of, of_type
from .stopping import foreign_footage
from .verification.audit import capped

SCHEMA_VERSION = 1


class FilmDoc(Doc):
    """Which film; `coverage` lists the stretches that decode, in seconds."""

    id: str
    path: str
    duration: float
    coverage: list[tuple[float, float]]


class Confidence(Doc):
    """How sure: raw 0 to 1, calibrated where a calibration fits, and where raw comes from."""

    raw: float
    calibrated: float | None = None
    method: str


class FrameDoc(Doc):
    """A frame by its time and the sha256 of its pixels as looked at."""

    seconds: float
    sha256: str


class EvidenceDoc(Doc):
    """One cited finding."""

    id: str
    start: float
    end: float
    kind: Literal["frame", "caption", "speech", "text"]
    text: str
    frames: list[FrameDoc]
    tool: str
    verified: bool
    supports: str | None


class Answer(Doc):
    """An answer with its proof. Times are seconds of the film."""

    schema_version: int = SCHEMA_VERSION
    run_id: str
    film: FilmDoc
    question: str
    choices: list[str] | None
    status: Literal["answered", "abstained", "budget"]
    answer: str | None
    choice: str | None
    confidence: Confidence
    evidence: list[EvidenceDoc]
    stop_reason: str
    caveats: list[str]
    models: dict[str, str]
    usage: Usage
    timings: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the document as plain JSON types, in the documented order."""
        return self.model_dump(mode="json")

    @property
    def spans(self) -> list[Span]:
        """The evidence's spans; for a `when` question the first is the answer."""
        return [Span(item.start, item.end) for item in self.evidence]


def build_answer(
    state: RunState,
    *,
    film: FilmDoc,
    question: str,
    choices: Sequence[str],
    models: dict[str, str],
    film_caveats: Sequence[str] = (),
    calibrated: Callable[[float], float | None] = lambda raw: None,
    rates: Rates | None = None,
) -> Answer:
    """Make the document from the final state; a pure function of its arguments.

    Args:
        state: a finished run's state.
        film: which film.
        question: as asked, cleaned.
        choices: the options; empty for an open question.
        models: role to model id.
        film_caveats: what the index knows to be wrong with the film.
        calibrated: raw confidence to how often such answers are right; None where not known.
        rates: the prices that the run began with; None for a run of an earlier version.
    """
    steps = steps_of(state)
    final = of_type(steps, Final)[-1]
    assert state["draft"] is not None
    draft = Done.from_json(state["draft"])
    spent = Spent.from_json(state["spent"])
    cited = _cited(state, steps, final, film.duration)
    return Answer(
        run_id=state["run_id"],
        film=film,
        question=question,
        choices=list(choices) or None,
        status=final.status,  # pyright: ignore[reportArgumentType]
        answer=final.answer,
        choice=final.choice,
        confidence=_confidence(steps, draft, cited, final, calibrated),
        evidence=cited,
        stop_reason=final.stop_reason,
        caveats=caveats(steps, draft, film, film_caveats),
        models=models,
        usage=usage_of(spent, entries_of(steps, rates or Rates()), rates),
        timings=timings(steps, spent),
    )


def _cited(
    state: RunState, steps: Sequence[Step], final: Final, duration: float
) -> list[EvidenceDoc]:
    # an abstention cites nothing: there is no claim to prove
    if final.status == "abstained":
        return []
    known = evidence_of(steps)
    says = final.choice or final.answer
    return [
        evidence_doc(known[i], duration, i in state["verified"], says)
        for i in final.evidence_ids
        if i in known
    ]


def _confidence(
    steps: Sequence[Step],
    draft: Done,
    cited: Sequence[EvidenceDoc],
    final: Final,
    calibrated: Callable[[float], float | None],
) -> Confidence:
    verified = [item.id for item in cited if item.verified]
    raw = round(capped(draft.raw, verified), 4)
    # what was measured is how often answers about films of the model's kind are right: neither
    # abstentions nor guesses nor other footage
    fits = final.status == "answered" and draft.method != "guess" and not foreign_footage(steps)
    known = calibrated(raw) if fits else None
    # the cap holds for the number that people see, calibrated or not
    shown = None if known is None else round(capped(known, verified), 4)
    return Confidence(raw=raw, calibrated=shown, method=draft.method)


def evidence_doc(
    item: Evidence, duration: float, verified: bool, supports: str | None
) -> EvidenceDoc:
    """Return one finding as cited, its times inside the film."""
    start = min(max(item.span.start, 0.0), duration)
    end = min(max(item.span.end, start), duration)
    return EvidenceDoc(
        id=item.id,
        start=round(start, 3),
        end=round(end, 3),
        kind=item.kind,
        text=item.text,
        frames=[FrameDoc(seconds=ref.seconds, sha256=ref.sha256) for ref in item.frames],
        tool=item.tool,
        verified=verified,
        supports=item.supports or supports,
    )


def caveats(
    steps: Sequence[Step], draft: Done, film: FilmDoc, film_caveats: Sequence[str]
) -> list[str]:
    """Return what the user should know, each thing once, the gravest first."""
    found = [*gaps(film), *film_caveats]
    if foreign_footage(steps):
        found.append(render("unknown_footage"))
    for plan in of_type(steps, Plan):
        if plan.detail.get("unread"):
            found.append(f"rules read the question, no model did: {plan.detail['unread']}")
    found.extend(draft.caveats)
    for step in of_type(steps, Observation):
        if step.phase in ("first_look", "act", "gate"):
            found.extend(f"{step.result.tool}: {note}" for note in step.result.notes)
    return list(dict.fromkeys(found))


def gaps(film: FilmDoc, shortest: float = 1.5) -> list[str]:
    """Return a caveat for each stretch of the film that does not decode."""
    lines: list[str] = []
    at = 0.0
    for start, end in [*sorted(film.coverage), (film.duration, film.duration)]:
        if start - at > shortest:
            span = f"{format_seconds(at)}-{format_seconds(start)}"
            lines.append(f"the film does not decode at {span}: nothing is claimed about it")
        at = max(at, end)
    return lines


def timings(steps: Sequence[Step], spent: Spent) -> dict[str, float]:
    """Return seconds by stage and by tool, and in all."""
    sums: dict[str, float] = {}
    for step in of_type(steps, Observation):
        for key in (step.phase, f"tool.{step.result.tool}"):
            sums[key] = sums.get(key, 0.0) + step.seconds
    return {
        **{key: round(value, 3) for key, value in sums.items()},
        "total": round(spent.seconds, 3),
    }
