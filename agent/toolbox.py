"""The toolbox of a film: its index, an open decoder and the models behind the tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..index.protocols import Encoder, Reader, Transcriber
from ..models.client.transport.problems import EndpointProblem
from ..models.client.usage import Usage, metered
from ..tools.protocols import VLM
from ..tools.results import ToolResult
from .chat import Chat
from .executor import CallTool
from .planners.text_only import TOOLS as TEXT_TOOLS
from .question import Question

if TYPE_CHECKING:
    from ..index.film_index import FilmIndex
    from ..index.video.decode import Decoder
    from ..tools.context import ToolContext
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
    def reader(self) -> VLM | None:
        """What answers from words alone: the VLM, or a chat model in its place; None for none."""
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
    def asr(self) -> Transcriber | None:
        """What hears speech."""
        ...

    @property
    def hearing_remedy(self) -> str:
        """The command after which there would be something that hears speech; may be empty."""
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

    def open(self, report: Report, made: Sequence[ToolResult] = ()) -> CallTool:
        """Return what calls a tool, reporting progress.

        Args:
            report: where progress goes.
            made: what calls brought that an earlier process of the same run made.
        """
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
        text_only: the answer is read from words: no frame is shown but to describe a stretch.
    """

    film_index: FilmIndex
    decoder: Decoder
    models: Models
    question: Question
    tools: Mapping[str, Tool] | None = None
    selector: str | None = None
    presenter: str | None = None
    text_only: bool = False

    def open(self, report: Report, made: Sequence[ToolResult] = ()) -> CallTool:
        """Return what calls a tool, reporting progress; see `Toolbox.open`."""
        from ..tools import TOOLS, call_tool
        from ..tools.context import ToolContext

        models = self.models
        context = ToolContext(
            index=self.film_index,
            decoder=self.decoder,
            vlm=(models.reader if self.text_only else None) or models.vlm,
            captioner=models.captioner,
            encoder=models.encoder,
            text_encoder=models.text_encoder,
            reader=models.reader,
            ocr=models.ocr,
            asr=models.asr,
            hearing_remedy=models.hearing_remedy,
            question=self.question.text,
            options=self.question.options,
            letters=self.question.letters,
            progress=report,
            selector=self.selector,
            presenter=self.presenter,
        )

        tools = self.tools or TOOLS
        if self.text_only:
            tools = {name: tool for name, tool in tools.items() if name in TEXT_TOOLS}

        def call(tool: str, args: dict[str, Any], frames: int, seconds: float) -> ToolResult:
            blind = self.text_only and tool != "caption_clip"
            left = replace(context, frames_left=0 if blind else frames, seconds_left=seconds)
            with metered() as meter:
                try:
                    result = call_tool(tool, args, left, tools)
                except EndpointProblem as problem:
                    # with options there is an answer, however little a model says
                    if problem.kind != "unfit" or not self.question.options:
                        raise
                    said = problem.message
                    result = ToolResult(tool, args, said, error="backend", notes=(said,))
            _recall(result, context)
            return with_usage(result, meter.total)

        for result in made:
            _recall(result, context)
        return call

    def model_ids(self) -> dict[str, str]:
        """Return role to model id."""
        return dict(self.models.ids)

    def calibrated(self, raw: float) -> float | None:
        """Return how often answers of this raw confidence are right; None where not known."""
        fitted = self.models.calibration
        return None if fitted is None else fitted(raw)


def _recall(result: ToolResult, context: ToolContext) -> None:
    """Put into the context what a call leaves to later ones, be it of an earlier process."""
    from ..tools.find.search import recall_search

    if result.tool == "zoom_time" and result.coverage is not None:
        context.seen.extend(result.coverage.requested)
    if result.tool == "search_clips":
        recall_search(result, context)


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
