"""How many frames a budget of tokens pays for, with a selector and a presenter."""

from __future__ import annotations

import numpy as np

from ...index.video.frames import Frames
from ...models.vlm.laid_out import LaidOut
from ...tools.context import ToolContext
from ...tools.present import PRESENTERS, terms_of
from ...tools.select import SELECTORS, FilmFacts, Selection

MOST_FRAMES = 128


def frames_for(
    tokens: int, context: ToolContext, facts: FilmFacts, selector: str, presenter: str
) -> int:
    """Return the frames of full size whose layout costs no more than so many tokens, at least one.

    The cost is the layout's own statement, taken from blank pictures of the right sizes.
    """
    number = MOST_FRAMES
    while number > 1:
        cost = layout_cost(context, SELECTORS[selector](facts, number), presenter)
        if cost <= tokens:
            break
        number = max(1, min(number - 1, number * tokens // cost))
    return number


def layout_cost(context: ToolContext, selection: Selection, presenter: str) -> int:
    """Return what sending a selection would cost the VLM, tokens, before anything is decoded."""
    width, height = context.frame_size(max(1, round(selection.full_frames)))
    blank = np.zeros((len(selection), height, width, 3), np.uint8)
    frames = Frames(blank, selection.seconds)
    laid: LaidOut = PRESENTERS[presenter](frames, terms_of(context.vlm, frames, selection))
    return laid.tokens(context.vlm.id)
