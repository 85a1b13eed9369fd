"""The baseline that every score is read beside: the same VLM on frames spread evenly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..index.video.errors import UsageError
from ..index.video.frames import empty_frames
from ..index.video.span import Span

if TYPE_CHECKING:
    from ..index.video.decode import Decoder
    from ..tools.protocols import VLM

FRAMES = 64
UNSURE = 0.5  # best frame score below which an open question is declined


@dataclass(frozen=True, slots=True)
class Glance:
    """What a VLM says in one look.

    Attributes:
        choice: index of its option; None without options.
        span: the frame that speaks most for the answer, as a span of one frame.
        abstained: whether no frame spoke for any answer; only for questions without options.
    """

    text: str
    choice: int | None
    span: Span | None
    abstained: bool
    frames: int


def uniform_glance(
    decoder: Decoder, vlm: VLM, duration: float, frames: int = FRAMES
) -> Callable[[str, Sequence[str]], Glance]:
    """Return a function that answers a question from `frames` evenly spread frames, in one call.

    The frames are decoded once and kept, since they are the same for every question. With none the
    VLM is asked blind.

    Raises:
        UsageError: the VLM does not take so many frames.
    """
    if not 0 <= frames <= vlm.max_frames:
        raise UsageError(
            f"frames = {frames}: {vlm.id} takes 0 to {vlm.max_frames} at once",
            f"give --frames {vlm.max_frames}, or --no-baseline to ask the agent alone",
        )
    seconds = [duration * (k + 0.5) / frames for k in range(frames)]
    seen = empty_frames()
    if frames:
        size = vlm.frame_size((decoder.info.width, decoder.info.height), frames)
        seen = decoder.frames(seconds, size)

    def glance(question: str, options: Sequence[str]) -> Glance:
        reply = vlm.answer(seen, question, options)
        choice = None
        if options and reply.options is not None:
            choice = max(range(len(options)), key=reply.options.__getitem__)
        scores = reply.frame_scores
        best = max(range(len(scores)), key=scores.__getitem__) if scores else None
        span = None
        if best is not None:
            start = float(seen.seconds[best])
            span = Span(start, start + 0.04)
        unsure = best is None or scores[best] < UNSURE
        return Glance(reply.text, choice, span, not options and unsure, len(seen))

    return glance
