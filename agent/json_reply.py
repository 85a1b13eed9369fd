"""The JSON object in a model's reply, whatever stands around it."""

from __future__ import annotations

import json
import re
from typing import Any

from ..models.client.parsing import almost_json, storable

_THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)


def first_object(text: str) -> dict[str, Any]:
    """Return the first JSON object of a text.

    Raises:
        ValueError: there is none; says why.
    """
    text = _THINKING.sub("", text)
    start = text.find("{")
    if start < 0:
        raise ValueError("there is no JSON object in it")
    try:
        value, _ = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        # a reply that was cut to its longest length still has its first parts
        value = almost_json(text[start:])
        if not isinstance(value, dict):
            raise ValueError(f"it is not valid JSON: {error!s:.120}") from error
    return storable(value)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")
