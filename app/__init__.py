"""Ask questions of hour-long films.

    import longtake

    film = longtake.open("film.mp4")
    answer = film.ask("When does the red fish appear?")
    print(answer.answer, answer.evidence)

Importing this package is cheap: every name below is loaded when it is first used. It sets
`OMP_WAIT_POLICY=PASSIVE` in the environment of the process where that is not set already: threads
of OpenMP (torch, faiss) then sleep while they wait for each other. Spinning makes a question take
several times as long where another process keeps a core busy. It counts only for libraries that are
loaded afterwards; set `OMP_WAIT_POLICY=ACTIVE` to have it otherwise.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longtake.api import Film as Film
    from longtake.api import open_film as open  # noqa: A004
    from longtake.index.search import Hit as Hit
    from longtake.index.video.errors import EndpointError as EndpointError
    from longtake.index.video.errors import IndexCorrupt as IndexCorrupt
    from longtake.index.video.errors import IndexLocked as IndexLocked
    from longtake.index.video.errors import IndexMissing as IndexMissing
    from longtake.index.video.errors import InputError as InputError
    from longtake.index.video.errors import LongtakeError as LongtakeError
    from longtake.index.video.errors import UsageError as UsageError
    from longtake.index.video.frames import Frames as Frames
    from longtake.index.video.span import Span as Span
    from longtake.notebook import Answer as Answer

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_ERRORS = "longtake.index.video.errors"
_HOMES = {
    "Answer": ("longtake.notebook", "Answer"),
    "EndpointError": (_ERRORS, "EndpointError"),
    "Film": ("longtake.api", "Film"),
    "Frames": ("longtake.index.video.frames", "Frames"),
    "Hit": ("longtake.index.search", "Hit"),
    "IndexCorrupt": (_ERRORS, "IndexCorrupt"),
    "IndexLocked": (_ERRORS, "IndexLocked"),
    "IndexMissing": (_ERRORS, "IndexMissing"),
    "InputError": (_ERRORS, "InputError"),
    "LongtakeError": (_ERRORS, "LongtakeError"),
    "Span": ("longtake.index.video.span", "Span"),
    "UsageError": (_ERRORS, "UsageError"),
    "open": ("longtake.api", "open_film"),
}

__all__ = [
    "Answer",
    "EndpointError",
    "Film",
    "Frames",
    "Hit",
    "IndexCorrupt",
    "IndexLocked",
    "IndexMissing",
    "InputError",
    "LongtakeError",
    "Span",
    "UsageError",
    "open",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"longtake has no public name {name!r}; it has: {', '.join(__all__)}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
