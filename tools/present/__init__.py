"""How chosen frames are laid out for the VLM, by name.

A presenter is a function `(frames, terms) -> LaidOut`: from the frames of a selection, in time
order, to the pictures that are sent, each with the words before it; `LaidOut.tokens(model)` says
what that costs before anything is sent. `terms` names the model, how many pictures a request may
carry, and the size that the selector wants of each frame (`terms_of`). It keeps the aspect of every
frame and enlarges none. One file a presenter; a new one is that file and a line in `PRESENTERS`.

Public names: `PRESENTERS`, `PresenterName`, `Presenter`, `Terms`, `terms_of`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

from .clips import as_clips
from .frames import as_frames
from .grid import as_grid
from .slowfast import as_slowfast
from .stamped import as_stamped
from .terms import Presenter, Terms, terms_of
from .thumbnail import as_thumbnail

__all__ = ["PRESENTERS", "Presenter", "PresenterName", "Terms", "terms_of"]

PRESENTERS: dict[str, Presenter] = {
    "frames": as_frames,
    "grid": as_grid,
    "thumbnail": as_thumbnail,
    "slowfast": as_slowfast,
    "stamped": as_stamped,
    "clips": as_clips,
}

PresenterName = Annotated[
    str, GetPydanticSchema(lambda _type, _handler: core_schema.literal_schema([*PRESENTERS]))
]
"""A name in `PRESENTERS`, as an argument."""
