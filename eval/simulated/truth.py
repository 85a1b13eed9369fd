"""What is true of a film: facts with their spans, questions in many wordings, its thumbnails."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from ...index.video.errors import InputError

FactKind = Literal["seen", "said", "written"]
THUMB = (64, 36)  # pixels
THUMBS_A_SECOND = 4


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Fact(_Record):
    """Something that the film shows, says or writes.

    Attributes:
        id: unique in the film.
        kind: `seen`, `said` or `written`.
        text: what is shown, in words; the line that is said; the text that is written.
        spans: when, [start, end) in seconds.
        box: x0, y0, x1, y1 as shares of the frame; None for the whole picture and for speech.
        pixels: height in pixels that an image must give the box before the fact can be made out.
    """

    id: str
    kind: FactKind
    text: str
    spans: tuple[tuple[float, float], ...]
    box: tuple[float, float, float, float] | None = None
    pixels: float = 0.0


class Group(_Record):
    """Facts of which at least so many are needed."""

    facts: tuple[str, ...]
    at_least: int = 1


class Wording(_Record):
    """A way to ask; `tuning` ones may be looked at while the agent is worked on."""

    text: str
    open: str
    tuning: bool


class Cue(_Record):
    """What a reader of the question would look for; never holds the answer."""

    text: str
    modality: FactKind
    role: Literal["anchor", "target"] = "target"


class Question(_Record):
    """A question with its truth.

    Attributes:
        id: unique in the film.
        kind: `colour`, `after`, `count` and so on.
        options: four, in the order they are asked in.
        right: index of the right option.
        accepted: answers that are right without options.
        evidence: all of these groups are needed.
        cues: what a good reader of the question looks for.
        statement: what an option claims; `{}` stands for the option.
    """

    id: str
    kind: str
    wordings: tuple[Wording, ...]
    options: tuple[str, ...]
    right: int
    accepted: tuple[str, ...]
    evidence: tuple[Group, ...]
    cues: tuple[Cue, ...]
    statement: str

    def shown_by(self, facts: Iterable[str]) -> bool:
        """Say whether these facts are all the evidence that the question needs."""
        return all(self.groups_shown(facts))

    def groups_shown(self, facts: Iterable[str]) -> list[bool]:
        """Say of each group of the evidence whether these facts hold enough of it."""
        have = set(facts)
        return [len(have.intersection(g.facts)) >= g.at_least for g in self.evidence]

    def accepts(self, text: str) -> bool:
        """Say whether an open answer names an accepted one, in whatever sentence, and no other."""
        said, best = f" {_plain(text)} ", _plain(self.accepted[0])
        wrong = [_plain(o) for k, o in enumerate(self.options) if k != self.right]
        return any(f" {_plain(answer)} " in said for answer in self.accepted) and not any(
            f" {option} " in said and option not in best for option in wrong
        )


class TruthFilm(_Record):
    """A film and everything that is true of it.

    Attributes:
        film: name of the video file beside the truth file.
        duration: seconds.
        size: width and height, pixels.
        sources: media files that the pictures were cut from.
    """

    film: str
    seed: int
    duration: float
    size: tuple[int, int]
    sources: tuple[str, ...]
    facts: tuple[Fact, ...]
    questions: tuple[Question, ...]
    folder: Path = Path()

    @cached_property
    def by_id(self) -> dict[str, Fact]:
        """The facts by their ids."""
        return {fact.id: fact for fact in self.facts}

    @property
    def path(self) -> Path:
        """The video file."""
        return self.folder / self.film

    @cached_property
    def thumbs(self) -> np.ndarray:
        """Grey pictures of the film, uint8 [N, 36, 64], `THUMBS_A_SECOND` a second from 0 on."""
        return np.load(thumbs_path(self.path), allow_pickle=False)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def truth_path(film: Path) -> Path:
    """Return where a film's truth is kept."""
    return film.with_suffix(".truth.json")


def thumbs_path(film: Path) -> Path:
    """Return where a film's thumbnails are kept."""
    return film.with_suffix(".thumbs.npy")


def save_truth(truth: TruthFilm) -> Path:
    """Write a film's truth beside it, without its thumbnails; return the file."""
    path = truth_path(truth.path)
    path.write_text(truth.model_dump_json(indent=1, exclude={"folder"}), encoding="utf-8")
    return path


def load_truth(film: Path) -> TruthFilm:
    """Read the truth of a film.

    Raises:
        InputError: there is none beside it, or it cannot be read.
    """
    path = truth_path(film)
    remedy = "make one: python -m longtake.eval.simulated.films --out FOLDER --minutes 30"
    try:
        truth = TruthFilm.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: no truth beside the film: {error.strerror}", remedy) from error
    except (ValidationError, ValueError) as error:
        raise InputError(f"{path}: not a truth file: {str(error)[:200]}", remedy) from error
    return truth.model_copy(update={"folder": film.parent})
