"""The toolbox of a film: its index, an open decoder and the models behind the tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..index.protocols import Encoder, Reader
from ..models.client.usage import Usage, metered
from ..tools.protocols import VLM
from ..tools.results import ToolResult
from .chat import Chat
from .executor import CallTool
from .question import Question

if TYPE_CHECKING:
    from ..index.film_index import FilmIndex
    from ..index.video.decode import Decoder
    from ..tools.tool import Tool

Report = Callable[[Any], None]
"""Where progress goes: a line of text, or an object with stage, done and total."""


class Models(Protocol):
    """The models of a profile, and their ids by role."""

    @property
    def vlm(self) -> VLM:
        """What looks at frames."""
        ...

    @property
    def captioner(self) -> VLM:
        """What describes clips; may be the VLM itself."""
        ...

    @property
    def encoder(self) -> Encoder | None:
        """What made the index's vectors; None for search by words and by the VLM's own looks."""
        ...

    @property
    def text_encoder(self) -> Any:
        """What embeds sentences; None for search by words alone."""
        ...

    @property
    def ocr(self) -> Reader | None:
        """What reads screen text."""
        ...

    @property
    def chat(self) -> Chat | None:
        """The chat model that reads the question and may plan; None where none chats."""
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

    def model_ids(self) -> dict[str, str]:
        """Return role to model id, as far as known once the work is done."""
        ...

    def calibrated(self, raw: float) -> float | None:
        """Return how often answers of this raw confidence are right; None where not known."""
        ...


@dataclass(frozen=True)
class FilmToolbox:
    """The tools over a real film.

    Attributes:
        film_index, decoder: the film.
        models: those of a profile.
        question: what is asked.
        tools: the tools by name; None for the common ones.
        selector, presenter: how the first look chooses frames and lays them out; None: as usual.
    """

    film_index: FilmIndex
    decoder: Decoder
    models: Models
    question: Question
    tools: Mapping[str, Tool] | None = None
    selector: str | None = None
    presenter: str | None = None

    def open(self, report: Report) -> CallTool:
        """Return what calls a tool, reporting progress."""
        from ..tools import TOOLS, call_tool
        from ..tools.context import ToolContext

        models = self.models
        context = ToolContext(
            index=self.film_index,
            decoder=self.decoder,
            vlm=models.vlm,
            captioner=models.captioner,
            encoder=models.encoder,
            text_encoder=models.text_encoder,
            ocr=models.ocr,
            question=self.question.text,
            options=self.question.options,
            letters=self.question.letters,
            progress=report,
            selector=self.selector,
            presenter=self.presenter,
        )

        def call(tool: str, args: dict[str, Any], frames: int, seconds: float) -> ToolResult:
            left = replace(context, frames_left=frames, seconds_left=seconds)
            with metered() as meter:
                result = call_tool(tool, args, left, self.tools or TOOLS)
            if tool == "zoom_time" and result.coverage is not None:
                context.seen.extend(result.coverage.requested)
            return with_usage(result, meter.total)

        return call

    def model_ids(self) -> dict[str, str]:
        """Return role to model id."""
        return dict(self.models.ids)

    def calibrated(self, raw: float) -> float | None:
        """Return how often answers of this raw confidence are right; None where not known."""
        fitted = self.models.calibration
        return None if fitted is None else fitted(raw)


def with_usage(result: ToolResult, used: Usage) -> ToolResult:
    """Return the result with what a model server counted for it, and what it had to say."""
    cost = replace(
        result.cost,
        model_calls=max(result.cost.model_calls, used.requests),
        tokens_in=result.cost.tokens_in + used.tokens_in,
        tokens_out=result.cost.tokens_out + used.tokens_out,
        cached=result.cost.cached + used.cached,
    )
    return replace(result, cost=cost, notes=(*result.notes, *used.notes))
