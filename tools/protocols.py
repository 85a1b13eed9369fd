"""What tools need of a video LLM: the protocols `VLM` and `Reply`.

Implementations satisfy it by shape: `models/vlm` (served and local) and the
models that ship with the package. One conformance suite runs them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..index.video.frames import Box, Frames


class Reply(Protocol):
    """What a VLM says about frames."""

    @property
    def text(self) -> str:
        """The answer in words (the option's text when options were given); empty for none."""
        ...

    @property
    def options(self) -> tuple[float, ...] | None:
        """Probability of each option, by position, summing to 1; None without options."""
        ...

    @property
    def method(self) -> str:
        """How the probabilities came about: `logprob`, `stated`, `samples`, `similarity`."""
        ...

    @property
    def cited(self) -> tuple[float, ...]:
        """Seconds that the answer rests on, as the model named them; may be empty."""
        ...

    @property
    def enough(self) -> bool | None:
        """Whether the model said that it saw enough to answer; None when it did not say."""
        ...

    @property
    def confidence(self) -> float | None:
        """The model's own probability that its answer in words is right; None when unsaid."""
        ...

    @property
    def frame_scores(self) -> tuple[float, ...]:
        """How strongly each frame supports the answer, [N], 0 to 1; may be empty."""
        ...

    @property
    def tokens_in(self) -> int:
        """Tokens read; 0 for models without tokens."""
        ...

    @property
    def tokens_out(self) -> int:
        """Tokens written; 0 for models without tokens."""
        ...


class VLM(Protocol):
    """A video LLM. Frames come in time order; times are seconds of the film."""

    @property
    def id(self) -> str:
        """Name and version, as written into answers and run records."""
        ...

    @property
    def max_frames(self) -> int:
        """The most frames of one call."""
        ...

    def frame_size(self, source: tuple[int, int], count: int) -> tuple[int, int]:
        """Return the (width, height) in pixels that frames are best decoded at.

        Args:
            source: (width, height) of the film as displayed; its aspect is kept where possible.
            count: how many frames one call will show: more frames are shown smaller.
        """
        ...

    def answer(
        self,
        frames: Frames,
        question: str,
        options: Sequence[str] = (),
        notes: Sequence[str] = (),
        letters: str = "",
    ) -> Reply:
        """Answer a question about the frames.

        Args:
            frames: what is shown; may be none where the notes are to answer.
            question: verbatim, as the user put it, or a self-contained part of it.
            options: the choices; empty for an open question.
            notes: words of the film (speech, screen text, captions), a line each with its time;
                they are fenced as data.
            letters: one an option, where they are not A, B, …: a question that is asked again with
                fewer options keeps their letters.
        """
        ...

    def judge(self, clips: Sequence[Frames], claim: str, notes: Sequence[str] = ()) -> list[float]:
        """Return for each clip the probability that the claim is true of it, 0 to 1.

        Args:
            clips: frames; a clip of none is judged by the notes alone.
            claim: a statement, or a question with a proposed answer.
            notes: words of the film, as in `answer`.
        """
        ...

    def find(self, frames: Frames, what: str) -> list[float]:
        """Return how surely each frame shows what is asked for, [N], 0 to 1, in one request."""
        ...

    def caption(self, frames: Frames, *, dense: bool = False, focus: str | None = None) -> Reply:
        """Describe the frames in words, briefly or in detail; `focus` says what matters most."""
        ...

    def locate(self, frames: Frames, phrase: str) -> list[Box | None]:
        """Return for each frame where the named thing is, None where it is not visible."""
        ...

    def covers(self, frames: Frames) -> float | None:
        """Return the share of frames of a kind the model was made for; None: it cannot tell."""
        ...


def note_room(vlm: Any, wanted: int, *, frames: bool) -> int:
    """Return how many characters of notes a VLM takes, where it knows, `wanted` at most.

    Args:
        vlm: one with `note_room(frames=…)` knows, or None where its server did not say.
        wanted: characters.
        frames: frames go along.
    """
    find = getattr(vlm, "note_room", None)
    known = None if find is None else find(frames=frames)
    return wanted if known is None else min(wanted, known)
