"""What a video LLM wrote, read: an answer, a verdict, the times of frames, lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..choice_reader import KEYS, parse_choice
from ..client.parsing import read_flag, read_object, read_share, read_times
from .prompts import VERDICTS
from .reply import frame_rows

LEAST_SURE = 0.5  # of a list of frames: below it the list would contradict itself
NOT_LISTED = (1 - LEAST_SURE) / 2  # of a frame where no time was listed at all


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
    found = read_object(written, "answer")
    # a reply that was cut off, or written in words, still names its letter
    text = written if found is None else _words(_answer_in(found))
    found = found or {}
    chosen = None
    if options:
        chosen = parse_choice(text, options, letters).index
        text = "" if chosen is None else options[chosen]
    return Answer(
        chosen,
        text.strip(),
        read_times(found.get("seconds", found.get("times", []))),
        read_flag(found.get("enough")),
        read_share(found.get("confidence")),
    )


def _answer_in(found: dict[str, Any]) -> Any:
    """Return the answer of an object: under its key or one like it, else its only text."""
    for name in KEYS:
        if name in found:
            return found[name]
    texts = [value for value in found.values() if isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def _words(value: Any) -> str:
    """Return an answer in words: of a list its items, of an object its first text."""
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, dict):
        return next((item for item in value.values() if isinstance(item, str)), "")
    return "" if value is None else str(value)


def read_verdict(written: str) -> tuple[int | None, float | None]:
    """Return the place among `VERDICTS` that a reply names, None for none, and its confidence."""
    found = read_object(written, "verdict")
    said = str((found or {}).get("verdict", "")).strip().lower() if found else written.lower()
    # "unsupported" and "not supported" may mean either of the others
    named = [k for k, word in enumerate(VERDICTS) if re.search(rf"(?<!not )\b{word}\b", said)]
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
    found = read_object(written, "seconds")
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
    found = read_object(written, "lines")
    lines = None if found is None else found.get("lines")
    if not isinstance(lines, list):
        return None
    return [line for line in lines if isinstance(line, dict) and isinstance(line.get("text"), str)]
