"""How chosen frames are laid out for the VLM, by name.

A presenter is a function `(frames) -> frames`: from the frames of a selection, in time order, to
the pictures that are sent, each with the second that is written before it. One file a presenter; a
new one is that file and a line in `PRESENTERS`.

Public names: `PRESENTERS`, `Presenter`.
"""

from __future__ import annotations

from collections.abc import Callable

from ...index.video.frames import Frames
from .frames import as_frames

__all__ = ["PRESENTERS", "Presenter"]

Presenter = Callable[[Frames], Frames]
PRESENTERS: dict[str, Presenter] = {"frames": as_frames}
