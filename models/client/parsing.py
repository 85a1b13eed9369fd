"""Reading what a language model wrote: an object in JSON, a letter, a share, times, a box.

The rules for letters are in order of trust: a naive reading takes the T of "The answer is B".
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Sequence
from typing import Any

from ...index.video.frames import Box
from ...index.video.span import parse_seconds

_NOTHING = re.compile(r"\W*(not visible|none|null|no box|\[\s*\])\W*", re.IGNORECASE)
_NUMBER = r"-?\d+(?:\.\d+)?"
_TAGGED = re.compile(r"<\|?box(?:_start)?\|?>(.*?)(?:<\|?/?box(?:_end)?\|?>|$)", re.DOTALL)
_ALIKE = 0.6  # from here on a reply in words is taken for an option


def read_letter(text: str, letters: str, options: Sequence[str] = ()) -> str | None:
    """Return the letter that a reply chooses, None when it chooses none.

    Args:
        text: the reply.
        letters: those on offer, such as `ABCD`.
        options: the option of each letter, for replies that quote one.
    """
    one = f"[{letters}]"
    tagged = re.search(rf"(?:<answer>|\\boxed\{{)\s*\(?({one})\)?\s*(?:</answer>|\}})", text)
    if tagged:
        return tagged[1]
    says = r"(?i:answer)[\"'*]*(?i:\s+is|\s*:|\s*=)*"
    stated = re.findall(rf"{says}[\s*(\"']*({one})(?![A-Za-z'])", text)
    if stated:
        return stated[-1]
    whole = re.fullmatch(rf"[\s*(\"']*({one})[\s*)\"'.:]*", text)
    if whole:
        return whole[1]
    quoted = _by_text(text, letters, options)
    if quoted:
        return quoted
    # not the article: "A red fish" chooses nothing
    alone = re.findall(rf"(?<![A-Za-z'])({one})(?![A-Za-z'])(?!\s+[a-z])", text)
    if alone:
        return alone[-1]
    return _by_likeness(text, letters, options)


def read_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object of a reply, the last one where it wrote several; None without one."""
    try:
        whole = read_json(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict):
        return whole
    found, at, decoder = None, text.find("{"), json.JSONDecoder()
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found = value if isinstance(value, dict) else found
        at = text.find("{", end)
    return found


def read_share(value: Any) -> float | None:
    """Return a probability, 0 to 1, out of 0.8, "0.8", 80 or "80 %"; None for anything else."""
    if isinstance(value, str):
        bare = value.strip().removesuffix("%").strip()
        if not re.fullmatch(r"\d+(\.\d+)?", bare):
            return None
        value = float(bare) / (100 if value.strip().endswith("%") else 1)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return float(value) if value <= 1 else value / 100


def read_times(value: Any) -> tuple[float, ...]:
    """Return the seconds of a list of times, whatever form each has; what is none is left out."""
    found: list[float] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            # `<12.0 seconds>`, `12s`, `1:02:03`
            clock = re.search(r"\d+(?::\d+){0,2}(?:\.\d+)?", item)
            try:
                found.append(parse_seconds(clock[0]) if clock else math.nan)
            except ValueError:
                continue
        elif isinstance(item, int | float) and not isinstance(item, bool):
            found.append(float(item))
    return tuple(second for second in found if math.isfinite(second) and second >= 0)


def read_json(text: str) -> Any:
    """Return the JSON value of a reply, out of its code fence if it is in one.

    Raises:
        ValueError: there is none.
    """
    fenced = re.search(r"```(?:json)?\s*(.*?)```", text, re.DOTALL)
    return json.loads(fenced[1] if fenced else text)


def read_box(text: str, pixels: tuple[int, int] | None = None) -> Box | None:
    """Return the box of a reply, None when it says that there is none.

    Read are `<box>x0 y0 x1 y1</box>`, Qwen's `<|box_start|>(x0,y0),(x1,y1)<|box_end|>`, and JSON
    with `bbox_2d` (or `bbox`, `box`) or bare lists, all in thousandths of the frame, or as shares
    when no number is above 1.

    Args:
        text: the reply.
        pixels: (width, height) of the frame, for models whose JSON boxes are in its pixels.

    Raises:
        ValueError: it holds no box that lies in the frame.
    """
    tagged = _TAGGED.search(text)
    if tagged:
        return _box_of(re.findall(_NUMBER, tagged[1]), (1000, 1000))
    if _NOTHING.fullmatch(text):
        return None
    try:
        found = _first_list(read_json(text))
    except ValueError:
        numbers = re.search(rf"\[?\(?\s*{_NUMBER}(?:[\s,()]+{_NUMBER}){{3}}", text)
        if numbers is None:
            if "not visible" in text.lower():
                return None
            raise ValueError("it holds no box") from None
        return _box_of(re.findall(_NUMBER, numbers[0]), pixels or (1000, 1000))
    return None if found is None else _box_of(found, pixels or (1000, 1000))


def _first_list(value: Any) -> list[Any] | None:
    """Return the first box of a JSON answer: of a list the first, of an object its box."""
    if isinstance(value, list):
        if len(value) == 4 and all(isinstance(item, int | float) for item in value):
            return value
        return _first_list(value[0]) if value else None
    if isinstance(value, dict):
        for name in ("bbox_2d", "bbox", "box", "box_2d"):
            if name in value:
                return _first_list(value[name])
    if value is None:
        return None
    raise ValueError("the JSON holds no box")


def _box_of(numbers: Sequence[Any], scale: tuple[int, int]) -> Box:
    if len(numbers) != 4:
        raise ValueError(f"a box has 4 numbers, not {len(numbers)}")
    sides = [float(number) for number in numbers]
    if max(sides) <= 1:
        scale = (1, 1)
    x0, y0, x1, y1 = (min(1.0, max(0.0, side / scale[axis % 2])) for axis, side in enumerate(sides))
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _by_text(text: str, letters: str, options: Sequence[str]) -> str | None:
    said = _plain(text)
    same = [k for k, option in enumerate(options) if _plain(option) == said]
    return letters[same[0]] if len(same) == 1 else None


def _by_likeness(text: str, letters: str, options: Sequence[str]) -> str | None:
    said = _plain(text)
    alike = [difflib.SequenceMatcher(None, said, _plain(option)).ratio() for option in options]
    best = max(alike, default=0.0)
    return letters[alike.index(best)] if best > _ALIKE and alike.count(best) == 1 else None


def _plain(text: str) -> str:
    words = re.sub(r"[^0-9a-z]+", " ", text.lower()).split()
    return " ".join(word for word in words if word not in ("a", "an", "the"))
