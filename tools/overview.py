"""overview: a first look at the whole film, a few dozen frames, with the film's words beside."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ..index.video.span import Span
from .context import SpanArg, ToolContext, clamp_second, clamp_within
from .evidence import coverage_line, fence, found, frame_refs
from .frame_sampling import View, view_instants
from .present import PRESENTERS, PresenterName, terms_of
from .query.film_notes import ROOM, around, cited_lines, cites_words, notes_at
from .query.vlm_query import AnswerArgs, VlmAnswer, ask_vlm
from .results import Line, ToolResult
from .select import SELECTORS, USUAL, Selection, SelectorName
from .select.film_facts import film_facts
from .tool import Tool
from .types import Evidence, added
from .words.hear_speech import hear_speech


class OverviewArgs(AnswerArgs):
    """What to attend to in the whole film, and which frames to look at."""

    n_frames: int = Field(64, ge=1, le=64)
    within: SpanArg | None = Field(None, description="only this part of the film")
    instants: list[float] | None = Field(
        None, min_length=1, max_length=64, description="seconds to look at; default: spread evenly"
    )
    selector: SelectorName | None = Field(
        None, description="how instants are chosen; default: where the cues are"
    )
    presenter: PresenterName | None = Field(
        None, description="how frames are laid out; default: a picture each"
    )
    scope: Literal["", "whole", "part", "moment"] = Field(
        "", description="how much of the film holds the answer; empty: not known"
    )
    needs: list[str] = Field(
        default_factory=list,
        max_length=8,
        description="what the answer takes: count, order, read, listen, motion, detail, cause",
    )
    cues: list[str] = Field(
        default_factory=list, max_length=30, description="what to look for: for selector and notes"
    )
    roles: list[Literal["target", "anchor", "option", "context"]] = Field(
        default_factory=list,
        max_length=30,
        description="of each cue: anchor for what the answer is found by; empty: all are targets",
    )
    modalities: list[Literal["", "seen", "said", "written"]] = Field(
        default_factory=list,
        max_length=30,
        description="of each cue: how it is found; empty: in any way",
    )
    listen: bool = Field(False, description="hear the film first, where it has no subtitles")


def run(args: OverviewArgs, ctx: ToolContext) -> ToolResult:
    """Look at frames of the whole film and answer from them, beside notes where wanted."""
    remarks: list[str] = []
    within = clamp_within(ctx, args.within, remarks)
    if args.listen:
        remarks += hear_speech(ctx, [within], whole_film=args.within is None)
    chosen = _chosen(args, ctx, within, remarks)
    view = _view(args, ctx, within, chosen)
    notes: list[str] = []
    passages: list[Line] = []
    if args.notes:
        seconds = view.frames.seconds.tolist()
        spans = around(seconds, ctx.duration)
        notes, passages = notes_at(ctx, spans, args.cues, room=ROOM)
    presenter = PRESENTERS[args.presenter or ctx.presenter or "frames"]
    shown = presenter(view.frames, terms_of(ctx.vlm, view.frames, chosen))
    said = ask_vlm(ctx, shown, args, notes)
    evidence = cited_lines(ctx, said, passages, (), "overview")
    if said.relevant and said.named:
        place = len(evidence) if cites_words(said, evidence) else 0
        evidence.insert(place, _seen(view, within, said))
    beside = f"; {len(notes)} lines of words beside them" if notes else ""
    return ToolResult(
        "overview",
        args.model_dump(mode="json"),
        f"{coverage_line(view.coverage)}{beside}\n{fence('vlm', said.lines())}",
        tuple(evidence),
        view.coverage,
        said.payload(view.frames, ctx.vlm.covers(view.frames)),
        added(view.cost(said.asked), chosen.cost),
        notes=tuple(remarks),
    )


def _chosen(args: OverviewArgs, ctx: ToolContext, within: Span, remarks: list[str]) -> Selection:
    """Choose the frames: the given instants, or those that the selector takes."""
    if args.instants:
        instants = np.unique([clamp_second(ctx, second, remarks) for second in args.instants])
        count = ctx.frame_cap(len(instants))
        kept = instants[np.linspace(0, len(instants) - 1, count).round().astype(int)]
        return Selection(kept, np.zeros(len(kept)))
    count = ctx.frame_cap(args.n_frames)
    name = args.selector or ctx.selector or (USUAL if args.cues else "uniform")
    cues, roles = args.cues, [*args.roles, *["target"] * len(args.cues)]
    if not cues:
        cues, roles = [ctx.question, *ctx.options], ["target", *["option"] * len(ctx.options)]
    modalities = [*args.modalities, *[""] * len(cues)]
    # small frames need a VLM that sees several sizes; they count as frames all the same
    most = ctx.frames_left if hasattr(ctx.vlm, "most_pictures") else count
    facts = film_facts(
        ctx,
        within,
        [] if name == "uniform" else cues,
        roles=roles,
        modalities=modalities,
        scope=args.scope,
        needs=args.needs,
        most_frames=most,
    )
    chosen = SELECTORS[name](facts, count)
    if chosen.note and (args.selector or ctx.selector):
        remarks.append(f"{name}: {chosen.note}")
    return chosen


def _view(args: OverviewArgs, ctx: ToolContext, within: Span, chosen: Selection) -> View:
    """Decode the frames at the size that the budget pays for."""
    wanted = len(set(args.instants or ())) or args.n_frames
    size = ctx.frame_size(max(1, round(chosen.full_frames)))
    capped = ctx.frame_cap(wanted) < wanted
    return view_instants(ctx, [within], [chosen.seconds], capped=capped, size=size)


def _seen(view: View, within: Span, said: VlmAnswer) -> Evidence:
    """Write down the stretch that the VLM names for its answer."""
    return found(
        "frame",
        said.span(view.frames, np.arange(len(view.frames)), within),
        said.reply.text,
        "overview",
        frames=frame_refs(view.frames, said.rows),
        supports=said.supports,
        score=said.strength,
    )


OVERVIEW = Tool(
    "overview",
    "Look at up to 64 frames spread over the whole film (or a part) and answer from them.",
    OverviewArgs,
    run,
)
