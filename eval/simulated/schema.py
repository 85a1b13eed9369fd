"""Filling a JSON schema as a good model does: with what it knows by name, validly by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# property name -> what the played model knows it as
NAMES = {
    "answer": ("answer", "choice", "letter", "option", "best_option", "final_answer"),
    "text": ("text", "answer_text", "description", "caption", "summary"),
    "seconds": (
        "seconds",
        "times",
        "timestamps",
        "cited",
        "cited_times",
        "cited_seconds",
        "evidence_times",
        "shown_at",
        "relevant",
        "relevant_times",
        "time",
    ),
    "frames": ("frames", "frame_numbers", "indices", "relevant_frames"),
    "enough": ("enough", "sufficient", "saw_enough", "evidence_sufficient", "can_answer"),
    "confidence": ("confidence", "probability", "certainty", "p"),
    "why": ("why", "reason", "reasoning", "rationale", "explanation", "thought"),
    "verdict": ("verdict", "judgement", "judgment", "label"),
    "verdicts": ("verdicts", "judgements", "judgments", "results"),
    "captions": ("captions", "clips", "segments"),
    "shares": ("shares", "probabilities", "option_probabilities", "scores"),
}
KEYS = "x-keys"  # in place of a schema: keys that a prompt named in words
_KNOWN_AS = {name: known for known, names in NAMES.items() for name in names}


def property_names(schema: Any) -> set[str]:
    """Return the names of all properties of a schema, at any depth."""
    if isinstance(schema, list):
        return {name for part in schema for name in property_names(part)}
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties")
    names = set(own) if isinstance(own, dict) else set(schema.get(KEYS, ()))
    return names | {name for part in schema.values() for name in property_names(part)}


def fill(schema: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """Return a value that the schema allows.

    Args:
        schema: JSON schema; `$ref` within it is followed.
        values: by property name, or by the name of `NAMES` that it goes by; what is not known is
            filled by its type: null where allowed, no item, false, the first of an enum.
    """
    if KEYS in schema:
        known = {key: values.get(key, values.get(_KNOWN_AS.get(key, ""))) for key in schema[KEYS]}
        return {key: value for key, value in known.items() if value is not None}
    return _fill(schema, values, "", schema, 0)


def _fill(part: Any, values: Mapping[str, Any], name: str, root: Any, depth: int) -> Any:
    part = _resolved(part, root)
    missing = object()
    value = values.get(name, values.get(_KNOWN_AS.get(name, ""), missing))
    if "const" in part:
        return part["const"]
    if "enum" in part:
        return _member(part["enum"], None if value is missing else value)
    ways = part.get("anyOf") or part.get("oneOf")
    if ways:
        return _one_of(ways, values, name, root, depth, known=value is not missing, value=value)
    kind = part.get("type", "object" if "properties" in part else "string")
    if isinstance(kind, list):
        ways = [{**part, "type": one} for one in kind]
        return _one_of(ways, values, name, root, depth, known=value is not missing, value=value)
    if depth > 12:
        return None
    if kind == "object":
        inner = {**values, **value} if isinstance(value, Mapping) else values
        own = part.get("properties", {})
        if not own and isinstance(value, Mapping):
            return dict(value)
        return {key: _fill(sub, inner, key, root, depth + 1) for key, sub in own.items()}
    if kind == "array":
        return _array(part, values, None if value is missing else value, root, depth)
    return _scalar(part, kind, None if value is missing else value)


def _resolved(part: Any, root: Any) -> dict[str, Any]:
    while isinstance(part, dict) and "$ref" in part:
        found = root
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    if isinstance(part, dict) and len(part.get("allOf", [])) == 1:
        return _resolved(part["allOf"][0], root)
    return part if isinstance(part, dict) else {}


def _one_of(
    ways: Sequence[Any],
    values: Mapping[str, Any],
    name: str,
    root: Any,
    depth: int,
    *,
    known: bool,
    value: Any,
) -> Any:
    """Fill the way that suits the value; null where it is allowed and nothing is known."""
    plain = [_resolved(way, root) for way in ways]
    null = any(way.get("type") == "null" for way in plain)
    if null and (not known or value is None):
        return None
    real = [way for way in plain if way.get("type") != "null"]
    suiting = [way for way in real if known and _suits(way, value)]
    return _fill((suiting or real)[0], values, name, root, depth + 1)


def _suits(part: Mapping[str, Any], value: Any) -> bool:
    if "enum" in part:
        return value in part["enum"]
    kinds = {
        "string": str,
        "number": (int, float),
        "integer": int,
        "boolean": bool,
        "array": (list, tuple),
        "object": Mapping,
    }
    return isinstance(value, kinds.get(part.get("type", "object"), object))


def _member(allowed: Sequence[Any], value: Any) -> Any:
    """Return the value where it is allowed, else the nearest word, else the first."""
    if value in allowed:
        return value
    said = str(value).lower()
    near = (one for one in allowed if value is not None and str(one).lower() in (said, said[:1]))
    return next(near, allowed[0])


def _array(
    part: Mapping[str, Any], values: Mapping[str, Any], value: Any, root: Any, depth: int
) -> list[Any]:
    item = part.get("items", {})
    if value is None:
        value = []
    elif not isinstance(value, list | tuple):
        value = [value]
    fewest, most = int(part.get("minItems", 0)), part.get("maxItems")
    filled = []
    shape = _resolved(item, root)
    for one in value:
        if "enum" in shape and one not in shape["enum"]:
            continue
        filled.append(_fill(item, {**values, **_named(one, shape)}, "", root, depth + 1))
    while len(filled) < fewest:
        filled.append(_fill(item, {**values, "": None}, "", root, depth + 1))
    return filled if most is None else filled[: int(most)]


def _named(item: Any, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item by the names that its schema may have for it; a time may be a span."""
    if isinstance(item, Mapping):
        return dict(item)
    if isinstance(item, int | float) and shape.get("type") == "array":
        return {"": [item, item]}
    if isinstance(item, int | float):
        names = ("", "start", "end", "second", "seconds", "time", "t", "from", "to")
        return dict.fromkeys(names, item)
    return {"": item}


def _scalar(part: Mapping[str, Any], kind: str, value: Any) -> Any:
    if kind == "null":
        return None
    if kind == "boolean":
        return bool(value)
    if kind == "string":
        text = "" if value is None else str(value)
        text = text.ljust(int(part.get("minLength", 0)), ".")
        return text[: int(part.get("maxLength", len(text)))]
    number = float(value) if isinstance(value, int | float) else 0.0
    low, high = part.get("minimum"), part.get("maximum")
    number = max(number, low) if low is not None else number
    number = min(number, high) if high is not None else number
    return round(number) if kind == "integer" else round(number, 4)
