"""What a video LLM wrote, read: an answer, a verdict, the times of frames, lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..client.parsing import read_letter, read_object, read_share, read_times
from .prompts import VERDICTS
from .reply import frame_rows

LEAST_SURE = 0.5  # of a list of frames: below it the list would contradict itself


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a model wrote it.

    Attributes:
        chosen: place of the option; None for an open question, or for a reply that chose none.
        text: the answer in words.
        cited: seconds that it names, in its order.
        enough: whether what was shown suffices; None when it does not say.
        confidence: 0 to 1; None when it does not say.
    """

    chosen: int | None
    text: str
    cited: tuple[float, ...] = ()
    enough: bool | None = None
    confidence: float | None = None


def read_answer(written: str, options: Sequence[str], letters: Sequence[str]) -> Answer:
    """Read an answer, whether in the JSON that was asked for or in words.

    Args:
        written: the reply.
        options: the choices; empty for an open question.
        letters: of the options, in their order.
    """
    found = read_object(written) or {}
    said = found.get("answer") if "answer" in found else "" if found else written
    text = said if isinstance(said, str) else "" if said is None else str(said)
    chosen = None
    if options:
        # a reply that was cut off, or written in words, still names its letter
        letter = read_letter(text or written, "".join(letters), options)
        chosen = None if letter is None else list(letters).index(letter)
        text = "" if chosen is None else options[chosen]
    enough = found.get("enough")
    return Answer(
        chosen,
        text.strip(),
        read_times(found.get("seconds", found.get("times", []))),
        enough if isinstance(enough, bool) else None,
        read_share(found.get("confidence")),
    )


def read_verdict(written: str) -> tuple[int | None, float | None]:
    """Return the place among `VERDICTS` that a reply names, None for none, and its confidence."""
    found = read_object(written)
    said = str((found or {}).get("verdict", "")).strip().lower() if found else written.lower()
    named = [place for place, verdict in enumerate(VERDICTS) if verdict in said]
    place = named[0] if len(named) == 1 else None
    return place, read_share((found or {}).get("confidence"))


def true_share(shares: Sequence[float]) -> float:
    """Return how probable it is that a claim is true, by `VERDICTS`; unclear counts half."""
    return float(shares[0] + shares[2] / 2)


def read_found(written: str, seconds: np.ndarray) -> list[float] | None:
    """Return how surely each frame shows what was looked for; None for a reply without times.

    Args:
        written: the reply.
        seconds: float64 [N], of the frames.
    """
    found = read_object(written)
    listed = None if found is None else found.get("seconds", found.get("times"))
    if listed is None:
        return None
    stated = read_share((found or {}).get("confidence"))
    sure = LEAST_SURE if stated is None else stated
    # a frame that the model left out is less likely than not, however unsure it is of its list
    scores = np.full(len(seconds), (1 - sure) / 2)
    scores[frame_rows(seconds, read_times(listed))] = sure
    return scores.tolist()


def read_lines(written: str) -> list[dict[str, Any]] | None:
    """Return the lines of text of a reply, a dict with `text` each; None for no such list."""
    found = read_object(written)
    lines = None if found is None else found.get("lines")
    if not isinstance(lines, list):
        return None
    return [line for line in lines if isinstance(line, dict) and isinstance(line.get("text"), str)]
