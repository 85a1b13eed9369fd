"""What a video LLM is told and asked, in one place: training and inference must use the same words.

A request is a system line, the frames with the time text before each, and last what is asked, so
that questions about the same frames share all that comes before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from ..prompts import digest, render

Task = Literal[
    "choice", "yesno", "relevant", "verify", "short", "moment", "box", "caption", "focus", "dense"
]

PROMPTS = tuple(sorted([*get_args(Task), "note", "system", "time"]))
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
YES, NO = "yes", "no"
NOT_VISIBLE = "not visible"
_HOLE = {
    "choice": "question",
    "yesno": "question",
    "short": "question",
    "moment": "question",
    "relevant": "subject",
    "verify": "subject",
    "box": "subject",
    "focus": "subject",
}


def system_line() -> str:
    """Return the system turn."""
    return render("system")


def time_text(second: float) -> str:
    """Return the text before a frame, `<12.0 seconds>`: Qwen3-VL's own form for videos."""
    return render("time", seconds=f"{second:.1f}")


def ask_text(
    task: Task,
    subject: str = "",
    options: Sequence[str] = (),
    notes: Sequence[str] = (),
    letters: str = LETTERS,
) -> str:
    """Return what comes after the frames.

    Args:
        task: the kind of answer that is wanted.
        subject: the question, or the thing or statement it is about; empty for captions.
        options: for `choice`, up to 26, without letters.
        notes: subtitles or on-screen text, a line each; they stand before the question.
        letters: of the options, in their order.

    Raises:
        ValueError: more options than letters, or options for another task than `choice`.
    """
    if len(options) > len(LETTERS) or (bool(options) != (task == "choice")):
        raise ValueError(
            f"options = {tuple(options)!r} for task = {task!r}: `choice` takes 1 to {len(LETTERS)}"
        )
    values = {_HOLE[task]: subject} if task in _HOLE else {}
    if options:
        lines = (f"{letter}. {text}" for letter, text in zip(letters, options, strict=False))
        values["options"] = "\n".join(lines)
    said = [render("note", words=" ".join(note.split())) for note in notes]
    return "\n".join([*said, render(task, **values)])


def with_not_visible(options: Sequence[str], letters: str = "") -> tuple[list[str], str]:
    """Return options and letters with one more, `not visible`, where a letter is left for it.

    What that one takes is how little the frames have to do with the question. Options that offer
    it themselves stay as they are: two of a kind would share what belongs to one.
    """
    letters = letters or LETTERS[: len(options)]
    offered = any(option.strip().lower() == NOT_VISIBLE for option in options)
    spare = "" if offered else next((letter for letter in LETTERS if letter not in letters), "")
    return [*options, *([NOT_VISIBLE] if spare else [])], letters + spare


def chat(seconds: Sequence[float], asked: str) -> list[dict[str, Any]]:
    """Return the turns for a processor's chat template; the frames are passed beside it.

    Args:
        seconds: time of each frame.
        asked: from `ask_text`.
    """
    parts: list[dict[str, Any]] = []
    for second in seconds:
        parts += [{"type": "text", "text": time_text(second)}, {"type": "image"}]
    parts.append({"type": "text", "text": asked})
    return [
        {"role": "system", "content": [{"type": "text", "text": system_line()}]},
        {"role": "user", "content": parts},
    ]


def prompts_digest() -> str:
    """Return one digest of all these prompts, for calibration files and run records."""
    return "-".join(digest(name)[:4] for name in PROMPTS)
