"""Captions made ahead, for `longtake index --captions` and `Film.caption`: cost told, then made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from longtake.index.video.errors import UsageError
from longtake.telling.limits import budget_of, rates_of

if TYPE_CHECKING:
    from longtake.agent.cost.budget import Budget
    from longtake.agent.cost.rates import Rates
    from longtake.api import Film
    from longtake.index.video.span import Span
    from longtake.index.words.caption_pass import Captioned
    from longtake.index.words.captions import Detail
    from longtake.models.client.usage import Usage
    from longtake.parts import ProgressCallback

Details = Literal["short", "dense", "both"]
ROLE = "captioner"
USUAL = {"max_calls": 100_000, "max_tokens": 10**9, "max_seconds": 30 * 86400.0}
_WORDS = {"short": 60, "dense": 350}  # tokens of a description, as small VLMs write them
_PROMPT = 150  # tokens of the system line and of what is asked


@dataclass(frozen=True, slots=True)
class CaptionPlan:
    """What captioning a film would take; nothing is asked of any model.

    Attributes:
        captioner: id of the model.
        captions: asked for; `there` of them are kept already.
        there: see `captions`.
        requests: to be made, each with `frames` frames.
        frames: of a request.
        tokens_in, tokens_out: expected in all; 0 for a model without tokens.
        usd: US dollars expected; None where no price is known or none is paid.
        seconds: expected; None where this model was not timed on this machine yet.
    """

    captioner: str
    captions: int
    there: int
    requests: int
    frames: int
    tokens_in: int
    tokens_out: int
    usd: float | None
    seconds: float | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def caption_film(
    film: Film,
    every: float | None,
    detail: Details,
    limits: Mapping[str, float | None],
    progress: ProgressCallback | None,
) -> Captioned:
    """Caption a film (see `Film.caption`).

    Raises:
        UsageError: a limit is off, or the captioner was not made for any of it.
        EndpointError: the captioner's server gave up; what was captioned is kept.
    """
    from longtake.agent.telling.shelf import Shelf
    from longtake.config import cache_home
    from longtake.index.words.caption_pass import ensure_captions
    from longtake.models.client.usage import metered

    models = film.parts.models
    models.check_weights(["captioner"])
    budget = budget_of(film, limits, USUAL)
    captioner = models.captioner
    rates = rates_of(film, ROLE, captioner.id)
    rates.must_cover(budget.max_usd)
    index = film.parts.index(progress)
    with metered() as meter:
        began = time.monotonic()

        def until(made: int) -> str:
            return _spent(budget, made, meter.total, rates, time.monotonic() - began)

        found = ensure_captions(
            index,
            film.parts.decoder,
            captioner,
            _spans(film, every),
            details=_details(detail),
            until=until,
            progress=progress,
        )
    if found.skipped and not found.done and not found.stopped:
        raise UsageError(
            f"captioner = {captioner.id!r}: no clip was captioned: {found.skipped[0][1]}",
            "name another one with --captioner endpoint:NAME@URL",
        )
    if found.requests >= 8:
        pace = {"seconds": found.seconds / found.requests}
        Shelf(cache_home()).put(_pace_key(captioner.id, detail), pace)
    return found


def plan_captions(film: Film, every: float | None, detail: Details) -> CaptionPlan:
    """Say what captioning a film would take (see `CaptionPlan`)."""
    from longtake.agent.telling.shelf import Shelf
    from longtake.config import cache_home
    from longtake.index.words.caption_pass import FRAMES, missing_captions
    from longtake.models.client.token_cost import family_of, frame_size, prompt_tokens
    from longtake.models.client.transport.address import SERVED
    from longtake.tools.types import Cost

    index, name = film.parts.index(None), film.parts.models.captioner.id
    spans, details = _spans(film, every), _details(detail)
    jobs = missing_captions(index, name, spans, details)
    family = family_of(name.rpartition("@")[0] or name)
    served = name.startswith(SERVED)
    size = frame_size(family, (index.info.width, index.info.height), FRAMES)
    each = prompt_tokens(family, FRAMES, size) + _PROMPT
    tokens_in = len(jobs) * each if served else 0
    tokens_out = sum(_WORDS[job.detail] for job in jobs) if served else 0
    rates = rates_of(film, ROLE, name)
    usd = rates.usd(ROLE, Cost(0, 0, len(jobs), tokens_in, tokens_out))
    pace = Shelf(cache_home()).get(_pace_key(name, detail))
    seconds = None if pace is None else len(jobs) * float(pace["seconds"])
    total = len(spans) * len(details)
    there = total - len(jobs)
    return CaptionPlan(name, total, there, len(jobs), FRAMES, tokens_in, tokens_out, usd, seconds)


def _pace_key(captioner: str, detail: Details) -> dict[str, str]:
    return {"pace of": captioner, "detail": detail}


def _spans(film: Film, every: float | None) -> list[Span]:
    from longtake.index.words.caption_pass import even_spans

    index = film.parts.index(None)
    if every is None:
        return [clip.span for clip in index.clips]
    if not 1.0 <= every <= 900.0:
        raise UsageError(f"every = {every:g} s", "give 1 to 900 seconds, or clips")
    return even_spans(index.info.duration, every)


def _details(detail: Details) -> tuple[Detail, ...]:
    return ("short", "dense") if detail == "both" else (detail,)


def _spent(budget: Budget, made: int, used: Usage, rates: Rates, seconds: float) -> str:
    """Return the limit that leaves no room for another request; empty where there is room."""
    from longtake.agent.cost.budget import Spent
    from longtake.tools.types import Cost

    cost = Cost(0, 0, made, used.tokens_in, used.tokens_out, used.cached)
    spent = Spent().add(cost, seconds, rates.usd(ROLE, cost))
    return budget.exhausted(spent) or ""
