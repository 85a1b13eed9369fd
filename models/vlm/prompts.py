"""What a video LLM is asked: the texts of `prompts/vlm_*.md`, filled in.

A request is a system line, the frames with the time before each, and last what is asked, so that
questions about the same frames share all that comes before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...index.video.errors import UsageError
from ...prompts import digest, names, render
from ..client.capabilities import object_schema

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VERDICTS = ("supported", "refuted", "unclear")
_NUMBER = {"type": "number"}
_SECONDS = {"type": "array", "items": _NUMBER}
_EVIDENCE = {"seconds": _SECONDS, "enough": {"type": "boolean"}, "confidence": _NUMBER}

OPEN_SCHEMA = object_schema(answer={"type": "string"}, **_EVIDENCE)
FIND_SCHEMA = object_schema(seconds=_SECONDS, confidence=_NUMBER)
JUDGE_SCHEMA = object_schema(verdict={"type": "string", "enum": list(VERDICTS)}, confidence=_NUMBER)
_BOX = {"type": "array", "items": _NUMBER}
BOX_SCHEMA = object_schema(bbox_2d=_BOX)
READ_SCHEMA = object_schema(
    lines={
        "type": "array",
        "items": object_schema(text={"type": "string"}, bbox_2d=_BOX, confidence=_NUMBER),
    }
)


def choice_schema(letters: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of an answer by letter; the letter comes first."""
    return object_schema(answer={"type": "string", "enum": list(letters)}, **_EVIDENCE)


def system_text(*, reads: bool = False) -> str:
    """Return the system turn; `reads`: there are words of the film and no frames."""
    return render("read_system" if reads else "vlm_system")


def time_text(second: float) -> str:
    """Return the text before a frame, `<12.0 seconds>`: Qwen3-VL's own form for videos."""
    return render("vlm_time", seconds=f"{second:.1f}")


def choice_text(
    question: str,
    options: Sequence[str],
    notes: Sequence[str],
    letters: Sequence[str],
    *,
    reads: bool = False,
) -> str:
    """Return what comes after the frames of a multiple choice; question and options verbatim.

    `reads`: there are words of the film and no frames.
    """
    lines = (f"{letter}. {option}" for letter, option in zip(letters, options, strict=True))
    asked = render(
        "read_choice" if reads else "vlm_choice",
        question=question,
        options="\n".join(lines),
        letters=", ".join(letters),
    )
    return after_notes(notes, asked)


def open_text(question: str, notes: Sequence[str], *, reads: bool = False) -> str:
    """Return what comes after the frames of an open question; `reads` as of `choice_text`."""
    return after_notes(notes, render("read_open" if reads else "vlm_open", question=question))


def judge_text(claim: str, notes: Sequence[str]) -> str:
    """Return what comes after the frames that a claim is checked against."""
    return after_notes(notes, render("vlm_judge", claim=claim))


def caption_text(dense: bool, focus: str | None) -> str:
    """Return what comes after the frames that are to be described."""
    if dense:
        return render("vlm_caption_dense")
    return render("vlm_caption_focus", focus=focus) if focus else render("vlm_caption")


def notes_text(notes: Sequence[str]) -> str:
    """Return words of the film, a line each, fenced as data; empty for none."""
    if not notes:
        return ""
    # the film must not be able to write the fence's end
    lines = [" ".join(note.split()).replace("film-data", "film data") for note in notes]
    return render("vlm_notes", lines="\n".join(lines))


def option_letters(options: Sequence[str], letters: str, model: str) -> tuple[str, ...]:
    """Return a letter for each option: those given, else the alphabet's first.

    Raises:
        UsageError: more options than letters.
        ValueError: letters were given, but not one for each option.
    """
    if len(options) > len(LETTERS):
        raise UsageError(
            f"options: {len(options)} given, {model} takes at most {len(LETTERS)}",
            "ask with fewer choices",
        )
    found = tuple(letters or LETTERS[: len(options)])
    if len(found) != len(options) or len(set(found)) != len(found):
        raise ValueError(f"letters = {letters!r}: give {len(options)} different ones")
    return found


def chat_turns(seconds: Sequence[float], asked: str) -> list[dict[str, Any]]:
    """Return the turns for a processor's chat template; the frames are passed beside it.

    Args:
        seconds: time of each frame.
        asked: what comes after the frames.
    """
    return picture_turns([time_text(second) for second in seconds], asked)


def picture_turns(words: Sequence[str], asked: str) -> list[dict[str, Any]]:
    """Return the turns as `chat_turns` does, from the words before each picture."""
    parts: list[dict[str, Any]] = []
    for before in words:
        parts += [{"type": "text", "text": before}, {"type": "image"}]
    parts.append({"type": "text", "text": asked})
    return [
        {"role": "system", "content": [{"type": "text", "text": system_text()}]},
        {"role": "user", "content": parts},
    ]


def prompts_digest() -> str:
    """Return one digest of all these prompts, for calibration files and run records."""
    mine = [name for name in names() if name.startswith("vlm_")]
    return "-".join(digest(name)[:4] for name in mine)


def after_notes(notes: Sequence[str], asked: str) -> str:
    """Return what is asked behind words of the film."""
    fenced = notes_text(notes)
    return f"{fenced}\n{asked}" if fenced else asked
