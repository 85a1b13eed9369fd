"""Asking the eye: one question about some frames, and what every visual tool makes of the reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from ..index.video.frames import Frames
from .context import ToolContext
from .evidence import options_line
from .frame_sampling import strongest
from .option_order import ask_in_turns
from .types import Reply, ToolRetry, supports_of

RELEVANT = 0.35  # the frame score from which frames have to do with the question

TURNS: Any = Field(
    [0], min_length=1, max_length=4,
    description="orders to offer the choices in, each turned by so many places",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, taken apart.

    Attributes:
        reply: what the eye said.
        shares: probability by letter; empty without options.
        best: the likeliest letter, None without options.
        rows: the frames that support it best, in time order.
        strength: score of the strongest frame; 1 when the eye gives none.
        asked: how many times the eye was asked.
    """

    reply: Reply
    shares: dict[str, float]
    best: str | None
    rows: list[int]
    strength: float
    asked: int = 1

    @property
    def peak(self) -> int:
        """The row of the strongest frame."""
        scores = self.reply.frame_scores
        return max(self.rows, key=lambda row: scores[row] if scores else 0.0)

    @property
    def relevant(self) -> bool:
        """Whether the frames have to do with the question."""
        return bool(self.reply.text) and self.strength >= RELEVANT

    @property
    def data(self) -> dict[str, Any]:
        """The keys that every answering tool shares: `answer`, `options`, `method`."""
        return {
            "answer": self.reply.text,
            "options": dict(self.shares),
            "method": self.reply.method,
        }

    def lines(self) -> list[str]:
        """Say the answer and its probabilities in words."""
        lines = [f"answer: {self.reply.text or 'none'}"]
        return [*lines, f"options: {options_line(self.shares)}"] if self.shares else lines


def ask_eye(
    ctx: ToolContext,
    frames: Frames,
    question: str,
    *,
    with_options: bool,
    only: Sequence[str] = (),
    turns: Sequence[int] = (0,),
    most: int = 3,
) -> Answered:
    """Ask the eye about frames, with the user's choices if wanted.

    Args:
        ctx: the call's context.
        frames: at least one.
        question: self-contained.
        with_options: show the eye the question's choices.
        only: letters of the choices to show; empty for all.
        turns: the orders in which to offer them (see orders.py).
        most: how many strongest frames to name.

    Raises:
        ToolRetry: `only` names letters that are not among the choices', or just one.
    """
    letters = tuple(ctx.letters) if with_options else ()
    if only and letters:
        unknown = sorted(set(only) - set(letters))
        if unknown or len(set(only)) < 2:
            raise ToolRetry(f"only = {list(only)}: name two or more of {', '.join(letters)}")
        letters = tuple(letter for letter in letters if letter in only)
    options = [ctx.options[ctx.letters.index(letter)] for letter in letters]

    def offer(order: Sequence[str]) -> Reply:
        return ctx.eye.answer(frames, question, order, letters="".join(letters))

    plain = len(options) < 2 or tuple(turns) == (0,)
    heard = None if plain else ask_in_turns(offer, options, turns)
    reply = heard or offer(options)
    shares = dict(supports_of(reply.options, letters)) if options else {}
    scores = reply.frame_scores
    rows = strongest(scores, len(frames), most)
    strength = max(scores, default=0.0) if len(scores) == len(frames) else 1.0
    best = max(shares, key=lambda letter: shares[letter], default=None)
    return Answered(reply, shares, best, rows, float(strength), heard.asked if heard else 1)


def supports_of(options: Sequence[float] | None, letters: Sequence[str]) -> Mapping[str, float]:
    """Pair option probabilities with their letters; empty without options."""
    return dict(zip(letters, options, strict=True)) if options is not None else {}
