"""The JSON schemas of a telling's replies, and how their parts are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string", "maxLength": 400}
_NUMBERS: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 12}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: Schema, most: int) -> Schema:
    return {"type": "array", "items": item, "maxItems": most}


def notes(most: int) -> Schema:
    """Return the schema of the notes on a segment."""
    note = _object(
        what=_TEXT, who=_list(_TEXT, 6), where=_TEXT, step={"type": "boolean"}, lines=_NUMBERS
    )
    return _object(notes=_list(note, most))


def chapters() -> Schema:
    """Return the schema of titles and sentences of chapters."""
    sentences = _list(_object(text=_TEXT, sources=_NUMBERS), 3)
    number: Schema = {"type": "integer", "minimum": 1}
    return _object(chapters=_list(_object(number=number, title=_TEXT, sentences=sentences), 60))


def summary(medium: int, long: int) -> Schema:
    """Return the schema of a summary at three lengths."""
    sentence = _object(text=_TEXT, sources=_NUMBERS)
    lengths = {"short": 3, "medium": medium, "long": long}
    return _object(**{name: _list(sentence, most) for name, most in lengths.items()})


def judgement(names: Sequence[str]) -> Schema:
    """Return the schema of points for a summary, by their names, and why."""
    points: Schema = {"type": "number", "minimum": 0, "maximum": 10}
    return _object(**dict.fromkeys(names, points), why=_TEXT)


def instructions() -> Schema:
    """Return the schema of better instructions."""
    return _object(instructions={"type": "string", "maxLength": 1200})


def names() -> Schema:
    """Return the schema of names with their other forms."""
    return _object(names=_list(_object(name=_TEXT, kind=_TEXT, also=_list(_TEXT, 8)), 120))


def rows_of(value: Mapping[str, Any] | None, name: str) -> list[dict[str, Any]]:
    """Return the objects in a list of a reply, none for a reply of another shape."""
    rows = value.get(name) if isinstance(value, Mapping) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def text_of(value: Any) -> str:
    """Return a text of a reply on one line; empty for what is no text."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def texts_of(value: Any) -> list[str]:
    """Return the texts in a reply's list, without empty ones; one text alone is a list of one."""
    rows = value if isinstance(value, list) else [value]
    return [text for row in rows if (text := text_of(row))]


def whole_numbers(value: Any, most: int) -> list[int]:
    """Return the whole numbers of a reply's list from 1 to `most`, each once, in order."""
    rows = value if isinstance(value, list) else []
    return sorted({row for row in rows if type(row) is int and 1 <= row <= most})
