"""The toolbox of a film: its index, an open decoder and the models behind the tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..models.client.usage import Usage, metered
from ..tools.types import Eye, Observation
from ..world.grammar.reading import LETTERS
from .chat import Chat
from .executor import CallTool, GetReady

if TYPE_CHECKING:
    from ..index.film_index import FilmIndex
    from ..index.protocols import Encoder, Reader
    from ..index.video.decode import Decoder

Report = Callable[[Any], None]
"""Where progress goes: a line of text, or an object with stage, done and total."""


class Models(Protocol):
    """The models of a profile, and their ids by role."""

    @property
    def encoder(self) -> Encoder:
        """What made the index's vectors."""
        ...

    @property
    def eye(self) -> Eye:
        """What looks at frames."""
        ...

    @property
    def reader(self) -> Reader | None:
        """What reads text in frames."""
        ...

    @property
    def planner(self) -> Chat | None:
        """The chat model that plans; None when the profile has none."""
        ...

    @property
    def calibration(self) -> Callable[[float], float] | None:
        """Raw confidence to how often answers are right; None where that was not measured."""
        ...

    @property
    def ids(self) -> Mapping[str, str]:
        """Role to model id."""
        ...


class Toolbox(Protocol):
    """Makes calls on behalf of a run; tests put a script here."""

    def open(self, report: Report) -> CallTool:
        """Return what calls a tool, reporting progress."""
        ...

    def get_ready(self, report: Report) -> GetReady:
        """Return what does the film's own work before a call."""
        ...

    def model_ids(self) -> dict[str, str]:
        """Return role to model id, as far as known once the work is done."""
        ...

    def calibrated(self, raw: float) -> float | None:
        """Return how often answers of this raw confidence are right; None where not known."""
        ...


@dataclass(frozen=True)
class FilmToolbox:
    """The tools over a real film."""

    film_index: FilmIndex
    decoder: Decoder
    models: Models
    question: str
    options: Sequence[str]

    def open(self, report: Report) -> CallTool:
        """Return what calls a tool, reporting progress."""
        from ..tools import call_tool
        from ..tools.context import ToolContext

        context = ToolContext(
            index=self.film_index,
            decoder=self.decoder,
            encoder=self.models.encoder,
            eye=self.models.eye,
            reader=self.models.reader,
            question=self.question,
            options=tuple(self.options),
            letters=tuple(LETTERS[: len(self.options)]),
            progress=report,
        )

        def call(tool: str, args: dict[str, Any], frames: int) -> Observation:
            with metered() as meter:
                seen = call_tool(tool, args, replace(context, frames_left=frames))
            return with_usage(seen, meter.total)

        return call

    def get_ready(self, report: Report) -> GetReady:
        """Return what reads the film's on-screen text, once, before text is searched."""

        def ready(tool: str, args: dict[str, Any]) -> None:
            if tool != "search_clips" or args.get("modality") != "text":
                return
            if self.models.reader is None:
                return
            from ..index.text_pass import ensure_text

            ensure_text(self.film_index, self.decoder, self.models.reader, progress=report)

        return ready

    def model_ids(self) -> dict[str, str]:
        """Return role to model id."""
        return dict(self.models.ids)

    def calibrated(self, raw: float) -> float | None:
        """Return how often answers of this raw confidence are right; None where not known."""
        fitted = self.models.calibration
        return None if fitted is None else fitted(raw)


def with_usage(seen: Observation, used: Usage) -> Observation:
    """Return the observation with what a model server counted for it, and what it had to say."""
    cost = replace(
        seen.cost,
        model_calls=max(seen.cost.model_calls, used.requests),
        tokens_in=seen.cost.tokens_in + used.tokens_in,
        tokens_out=seen.cost.tokens_out + used.tokens_out,
        cached=seen.cost.cached + used.cached,
    )
    return replace(seen, cost=cost, notes=(*seen.notes, *used.notes))
