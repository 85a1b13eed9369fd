"""Reading what a language model wrote: an object in JSON, a share, times, a box."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ...index.text.spelled_times import CLOCK, SPELT, seconds_of
from ...index.video.frames import Box

_NOTHING = re.compile(r"\W*(not visible|none|null|no box|\[\s*\])\W*", re.IGNORECASE)
_NUMBER = r"-?\d+(?:\.\d+)?"
_TAGGED = re.compile(r"<\|?box(?:_start)?\|?>(.*?)(?:<\|?/?box(?:_end)?\|?>|$)", re.DOTALL)
_NAMED = re.compile(rf"{CLOCK}|{SPELT}", re.I)
LATEST = 1e6  # seconds: no film is longer, and beyond it a span has no length
MOST_TIMES = 1000
MOST_BRACES = 1000  # that begin no object, before a reply is taken for none
LONGEST_MENDED = 100_000  # characters of a reply in which almost-JSON is looked for


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


# what no JSON holds and models write all the same: numbers that are none
_NUMBERS: dict[str, Any] = {"parse_float": _finite, "parse_constant": lambda name: None}
_DECODER = json.JSONDecoder(**_NUMBERS)


def read_object(text: str, wanted: str = "") -> dict[str, Any] | None:
    """Return the JSON object of a reply, the last one where it wrote several; None without one.

    What models write for JSON is taken for it: comments, trailing commas, single quotes, bare keys,
    a constant such as `True` or `NaN` (which is null), an object written as a text.

    Args:
        text: the reply.
        wanted: a key; the last object that has it comes before any other, also one inside another.
    """
    found = list(_objects(text))
    inside = [
        item for whole in found for item in (whole, *whole.values()) if isinstance(item, dict)
    ]
    having = [item for item in inside if wanted in item] if wanted else []
    return having[-1] if having else found[-1] if found else None


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a reply, their keys in lower case."""
    try:
        whole = read_json(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, str) and whole != text:
        yield from _objects(whole)
        return
    values = [whole] if isinstance(whole, dict) else list(_decoded(text))
    values = values or [almost_json(text)]
    yield from (_lowered(storable(value)) for value in values if isinstance(value, dict))


def _decoded(text: str) -> Iterator[Any]:
    """Yield what can be decoded from one brace on after the other."""
    at, failed = text.find("{"), 0
    while at >= 0 and failed < MOST_BRACES:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end, failed = at + 1, failed + 1
        else:
            yield value
        at = text.find("{", end)


def almost_json(text: str) -> Any:
    """Return what is almost JSON, from its first brace to its last one; None for anything else."""
    cut = text[: text.rfind("}") + 1][:LONGEST_MENDED]
    cut = cut[max(0, cut.find("{")) :]
    if not cut.startswith("{") or ":" not in cut:
        return None
    from json_repair import repair_json

    try:
        return json.loads(repair_json(cut), **_NUMBERS)
    except (ValueError, RecursionError):
        return None


def storable(value: Any) -> Any:
    """Replace lone surrogates, which a model may write as an escape and UTF-8 cannot hold.

    Args:
        value: a text, or a value of JSON with all texts in it.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def _lowered(value: Any) -> Any:
    """Return a value in which the keys of objects are in lower case, two deep."""
    if not isinstance(value, dict):
        return value
    inner = {
        name: {str(key).strip().lower(): item for key, item in part.items()}
        if isinstance(part, dict)
        else part
        for name, part in value.items()
    }
    return {str(name).strip().lower(): part for name, part in inner.items()}


def read_share(value: Any) -> float | None:
    """Return a probability, 0 to 1, out of 0.8, "0.8", 80 or "80 %"; None for anything else."""
    if isinstance(value, str):
        bare = value.strip().removesuffix("%").strip().replace(",", ".")
        if not re.fullmatch(r"\d+(\.\d+)?", bare):
            return None
        value = float(bare) / (100 if value.strip().endswith("%") else 1)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return float(value) if value <= 1 else value / 100


def read_flag(value: Any) -> bool | None:
    """Return true or false out of either or its word; None for anything else."""
    words = {"true": True, "yes": True, "false": False, "no": False}
    return value if isinstance(value, bool) else words.get(str(value).strip().lower())


def read_times(value: Any) -> tuple[float, ...]:
    """Return the seconds of times, whatever form each has; what is none is left out.

    Args:
        value: a list, a number, a text (`<12.0 seconds>`, `12s`, `12m30s`, `1:02:03`,
            `12.0 - 15.0`), or an object of such; of a span both ends are returned.
    """
    if isinstance(value, list | dict):
        items = value.values() if isinstance(value, dict) else value
        return tuple(second for item in items for second in read_times(item))[:MOST_TIMES]
    if isinstance(value, str):
        # the comma of subtitles' times
        text = re.sub(r"(:\d\d),(\d{1,3})(?![\d:])", r"\1.\2", value)
        named = [found[0] for found in _NAMED.finditer(text)]
        found = [seconds_of(name) for name in named] or [
            float(number) for number in re.findall(r"(?<![\d.])-?\d+(?:\.\d+)?", text)
        ]
    else:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        found = [float(value)] if good else []
    return tuple(second for second in found if 0 <= second <= LATEST)


def read_json(text: str) -> Any:
    """Return the JSON value of a reply, out of its code fence if it is in one.

    Raises:
        ValueError: there is none.
    """
    fenced = re.search(r"```(?:json)?\s*(.*?)```", text, re.DOTALL)
    return json.loads(fenced[1] if fenced else text, **_NUMBERS)


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
