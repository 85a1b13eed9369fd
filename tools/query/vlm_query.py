"""Asking the VLM: the user's question about some frames, and what every tool makes of the reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from ...index.video.frames import Frames
from ...index.video.span import Span
from ...prompts import render
from ..context import ToolContext
from ..evidence import options_line
from ..frame_sampling import span_around, strongest
from ..protocols import Reply
from ..results import Answered
from ..tool import Args, ToolRetry
from .option_order import ask_in_turns

RELEVANT = 0.35  # the frame score from which frames have to do with the question
NEAR_CITED = 2.0  # seconds between a time that the model names and a frame that it means by it
UNSCORED = 0.5  # strength of an open answer of a model that scores no frames


class AnswerArgs(Args):
    """What every tool that answers takes. The user's question and its options always go along."""

    question: str | None = Field(
        None,
        max_length=600,
        description="what to attend to in these frames, added to the user's question",
    )
    only: list[str] = Field(
        default_factory=list,
        max_length=26,
        description="letters of the choices to offer; default: all",
    )
    turns: list[int] = Field(
        default_factory=lambda: [0],
        min_length=1,
        max_length=4,
        description="orders to offer the choices in, each turned by so many places",
    )
    notes: bool = Field(
        False, description="also pass what is said and written on screen at these times"
    )


@dataclass(frozen=True, slots=True)
class VlmAnswer:
    """A reply about frames, taken apart.

    Attributes:
        reply: what the VLM said.
        shares: probability by letter; empty without options.
        best: the likeliest letter, None without options.
        rows: the frames that support it best, in time order.
        named: whether the model itself said which frames support it (by scores or cited times).
        strength: how strongly the best frame supports it, 0 to 1.
        asked: how many times the VLM was asked.
    """

    reply: Reply
    shares: dict[str, float]
    best: str | None
    rows: list[int]
    named: bool
    strength: float
    asked: int = 1

    @property
    def supports(self) -> str | None:
        """What evidence for this answer speaks for: the letter, or the answer in words."""
        return self.best or self.reply.text or None

    @property
    def relevant(self) -> bool:
        """Whether the frames have to do with the question."""
        if not self.reply.text:
            return False
        if self.reply.frame_scores:
            return self.strength >= RELEVANT
        return self.reply.enough is not False

    def peak(self, frames: Frames) -> int:
        """Return the row of the frame that supports the answer best."""
        scores = self.reply.frame_scores
        if len(scores) == len(frames):
            return max(self.rows, key=lambda row: scores[row])
        return self.rows[0] if self.named else self.rows[len(self.rows) // 2]

    def span(self, frames: Frames, rows: np.ndarray, whole: Span) -> Span:
        """Return the stretch that supports the answer, among the frames taken from a span.

        Args:
            frames: all that were shown.
            rows: of the frames taken from the span, in time order.
            whole: the span; returned where nothing in it stands out.
        """
        scores = self.reply.frame_scores
        if len(scores) != len(frames):
            scores = self._cited_scores(len(frames))
        return span_around(frames.seconds[rows], [scores[row] for row in rows], whole)

    def _cited_scores(self, count: int) -> list[float]:
        """Return 1 for frames that a model without scores cites, and for one between two such."""
        cited = set(self.rows) if self.named else set()
        cited |= {row + 1 for row in cited if row + 2 in cited}
        return [float(row in cited) for row in range(count)]

    def payload(self, frames: Frames, known: float | None = None) -> Answered:
        """Return what the tool hands on.

        Args:
            frames: those that were shown.
            known: share of them of a kind that the VLM was made for.
        """
        second = float(frames.seconds[self.peak(frames)]) if len(frames) else None
        return Answered(
            self.reply.text,
            dict(self.shares),
            self.reply.method,
            tuple(float(s) for s in self.reply.cited),
            self.reply.enough,
            self.reply.confidence,
            second,
            self.relevant,
            known,
        )

    def lines(self) -> list[str]:
        """Say the answer and its probabilities in words."""
        lines = [f"answer: {self.reply.text or 'none'}"]
        if self.shares:
            lines.append(f"options: {options_line(self.shares)}")
        if self.reply.enough is not None:
            lines.append(f"saw enough to answer: {'yes' if self.reply.enough else 'no'}")
        return lines


def ask_vlm(
    ctx: ToolContext,
    frames: Frames,
    args: AnswerArgs,
    notes: Sequence[str] = (),
    *,
    most: int = 3,
) -> VlmAnswer:
    """Ask the VLM the user's question about frames, with its options.

    Args:
        ctx: the call's context.
        frames: at least one.
        args: the focus, which options, and their orders.
        notes: words of the film, a line each.
        most: how many supporting frames to name.

    Raises:
        ToolRetry: there is no question, or `only` names letters that are not among the choices',
            or just one.
    """
    question = question_text(ctx, args.question)
    letters = _letters(ctx, args.only)
    options = [ctx.options[ctx.letters.index(letter)] for letter in letters]

    def offer(order: Sequence[str]) -> Reply:
        return ctx.vlm.answer(frames, question, order, list(notes), "".join(letters))

    plain = len(options) < 2 or tuple(args.turns) == (0,)
    heard = None if plain else ask_in_turns(offer, options, args.turns)
    reply = heard or offer(options)
    shares = dict(zip(letters, reply.options or (), strict=True)) if options else {}
    best = max(shares, key=lambda letter: shares[letter], default=None)
    rows, named = _supporting(reply, frames, most)
    strength = shares[best] if best else UNSCORED
    if len(reply.frame_scores) == len(frames):
        strength = max(reply.frame_scores, default=0.0)
    return VlmAnswer(reply, shares, best, rows, named, float(strength), heard.asked if heard else 1)


def question_text(ctx: ToolContext, focus: str | None) -> str:
    """Return the user's question verbatim, with what to attend to after it.

    Raises:
        ToolRetry: there is neither.
    """
    own, extra = ctx.question.strip(), (focus or "").strip()
    if not own and not extra:
        raise ToolRetry("question is missing: say what to answer from these frames")
    if not own or not extra or extra == own:
        return own or extra
    return render("question_focus", question=own, focus=extra)


def _letters(ctx: ToolContext, only: Sequence[str]) -> tuple[str, ...]:
    """Return the letters to offer, in their order."""
    if not only or not ctx.letters:
        return tuple(ctx.letters)
    unknown = sorted(set(only) - set(ctx.letters))
    if unknown or len(set(only)) < 2:
        raise ToolRetry(f"only = {list(only)}: name two or more of {', '.join(ctx.letters)}")
    return tuple(letter for letter in ctx.letters if letter in only)


def _supporting(reply: Reply, frames: Frames, most: int) -> tuple[list[int], bool]:
    """Return the rows of the frames that support a reply, and whether the model named them."""
    if len(reply.frame_scores) == len(frames):
        return strongest(reply.frame_scores, len(frames), most), True
    rows: list[int] = []
    for second in reply.cited:
        gaps = np.abs(frames.seconds - second)
        near = int(gaps.argmin())
        if gaps[near] <= NEAR_CITED and near not in rows:
            rows.append(near)
    if rows:
        return sorted(rows[:most]), True
    return strongest((), len(frames), most), False
