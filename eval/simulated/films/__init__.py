"""Truth films: real clips cut anew, with drawn events, narration, questions and their truth."""

from .make import CLIPS, make_film

__all__ = ["CLIPS", "make_film"]
