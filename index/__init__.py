"""From a film to something that can be searched.

Public names: `build_index` makes or opens a `FilmIndex` in a `Store`; `Decoder` gives `Frames` of a
film, `FilmInfo` says what it is, `Span` is a stretch of it. Each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .build import build_index as build_index
    from .film_index import FilmIndex as FilmIndex
    from .storage.store import Store as Store
    from .video.decode import Decoder as Decoder
    from .video.frames import Frames as Frames
    from .video.probing.probe import FilmInfo as FilmInfo
    from .video.span import Span as Span

_HOMES = {
    "Decoder": "video.decode",
    "FilmIndex": "film_index",
    "FilmInfo": "video.probing.probe",
    "Frames": "video.frames",
    "Span": "video.span",
    "Store": "storage.store",
    "build_index": "build",
}
__all__ = [
    "Decoder",
    "FilmIndex",
    "FilmInfo",
    "Frames",
    "Span",
    "Store",
    "build_index",
]


def __getattr__(name: str) -> Any:
    """Load a public name where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
