"""Names of systems: `agent`, `blind`, `text-only`, `uniform:N`, `oracle`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ...index.video.errors import UsageError

Kind = Literal["agent", "blind", "text-only", "uniform", "oracle"]
Match = Literal["equal-frames", "equal-tokens"]
Order = Literal["shuffled", "reversed"]
AGENT, BLIND = "agent", "blind"
BASELINES = (
    "blind",
    "text-only",
    "uniform:64",
    "uniform:equal-frames",
    "uniform:equal-tokens",
    "oracle",
)
MOST_FRAMES = 4096
_ALLOWED = (
    "agent, blind, text-only, uniform:N (N frames, or equal-frames, equal-tokens), "
    "uniform:N:shuffled, uniform:N:reversed, oracle"
)


@dataclass(frozen=True, slots=True)
class System:
    """One way to answer questions.

    * `agent`: Longtake.
    * `blind`: the video LLM with the question and its options, no frames.
    * `text-only`: the same with all that is said and written on screen.
    * `uniform:N`: the same with N evenly spread frames; `equal-frames` and `equal-tokens` take as
      many frames as the agent was shown at that very sample, or as cost as many tokens. With
      `:shuffled` or `:reversed` their pictures are in another order, the times stay as they are.
    * `oracle`: the same with frames and words of the true spans, where a benchmark has them.

    Attributes:
        name: as on the command line.
        frames: of `uniform:N`.
        match: what `uniform` matches of the agent's cost; None for a fixed number.
        order: of the pictures of `uniform:N`; None for the film's own.
    """

    name: str
    kind: Kind
    frames: int | None = None
    match: Match | None = None
    order: Order | None = None


def systems_of(names: Iterable[str]) -> list[System]:
    """Read the names of systems, each once.

    The agent comes first and `blind` before `uniform:equal-tokens`: some take their measure from
    those before them.

    Raises:
        UsageError: an unknown name, or one that needs the agent without it.
    """
    found = {system.name: system for system in map(_system, names)}
    for system in found.values():
        if system.match is not None and AGENT not in found:
            raise UsageError(
                f"system = {system.name!r} takes its measure from the agent",
                "add --system agent, or give a number: uniform:64",
            )
    order = ("agent", "blind", "text-only", "uniform", "oracle")
    ranked = sorted(found.values(), key=lambda s: (order.index(s.kind), s.match or ""))
    if not ranked:
        raise UsageError("system: none is named", f"allowed: {_ALLOWED}")
    return ranked


def _system(name: str) -> System:
    kind, _, rest = name.strip().partition(":")
    if kind in ("agent", "blind", "text-only", "oracle") and not rest:
        return System(kind, kind)
    if kind == "uniform" and rest in ("equal-frames", "equal-tokens"):
        return System(f"uniform:{rest}", "uniform", match=rest)
    number, _, order = rest.partition(":")
    if kind == "uniform" and re.fullmatch(r"\d{1,5}", number) and 0 < int(number) <= MOST_FRAMES:
        if not order and ":" not in rest:
            return System(f"uniform:{int(number)}", "uniform", int(number))
        if order in ("shuffled", "reversed"):
            return System(f"uniform:{int(number)}:{order}", "uniform", int(number), order=order)
    raise UsageError(f"system = {name!r} is not known", f"allowed: {_ALLOWED}")
