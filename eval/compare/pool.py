"""The frames that several ways to choose want of one question, decoded once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...index.video.errors import LongtakeError
from ...index.video.frames import Frames
from ...tools.context import ToolContext
from ...tools.select import Selection


class FramePool:
    """The frames that several selections want, decoded once.

    Attributes:
        asked: frames of all selections together, those that are shared counted each time.
    """

    def __init__(
        self,
        context: ToolContext,
        selections: Sequence[Selection],
        size: tuple[int, int],
        decode: bool,
    ) -> None:
        self.asked = sum(len(selection) for selection in selections)
        self._timeline = context.decoder.timeline
        wanted = np.unique(np.concatenate([selection.seconds for selection in selections]))
        self._problem: LongtakeError | None = None
        try:
            self._frames = context.decoder.frames(wanted if decode else [], size)
        except LongtakeError as error:
            self._problem = error

    def frames(self, selection: Selection) -> Frames:
        """Return the frames on screen at a selection's instants, less those that do not decode.

        Raises:
            LongtakeError: the film could not be decoded.
        """
        if self._problem is not None:
            raise self._problem
        shown = self._timeline.seconds[self._timeline.rows(selection.seconds)]
        there = self._frames.seconds
        places = np.searchsorted(there, shown).clip(max=max(0, len(there) - 1))
        return self._frames.take(places[there[places] == shown] if len(there) else [])
