"""What is put to the test: the agent, and the baselines that every score is read beside.

`systems_of` reads names such as `uniform:64`; `answer` lets a system answer one sample.
"""

from .film import FilmUnderTest, OpenFilm, OpensFilms
from .reply import Reply
from .spec import BASELINES, System, systems_of

__all__ = [
    "BASELINES",
    "FilmUnderTest",
    "OpenFilm",
    "OpensFilms",
    "Reply",
    "System",
    "systems_of",
]
