"""The tools as a planning model sees them: a JSON schema, and signatures for the prompt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from ....tools import TOOLS

BATCH = 4
"""The most calls of one turn."""

_BEST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "answer": {"anyOf": [{"type": "string", "maxLength": 2000}, {"type": "null"}]},
        "choice": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]},
        "evidence_ids": {"type": "array", "items": {"type": "string"}, "maxItems": 64},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["answer", "choice", "evidence_ids", "confidence"],
    "additionalProperties": False,
}


@cache
def reply_schema(last: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a reply; two in all, so that servers compile each once.

    Args:
        last: of the last turn, which takes nothing but `finish`.
    """
    calls = [
        {
            "type": "object",
            "properties": {"tool": {"const": name}, "args": args_schema(name)},
            "required": ["tool", "args"],
            "additionalProperties": False,
        }
        for name in (["finish"] if last else TOOLS)
    ]
    most = 1 if last else BATCH
    return {
        "type": "object",
        "properties": {
            "why": {"type": "string", "maxLength": 300},
            "so_far": {"anyOf": [{"type": "null"}, _BEST]},
            "calls": {"type": "array", "minItems": 1, "maxItems": most, "items": {"anyOf": calls}},
        },
        "required": ["why", "so_far", "calls"],
        "additionalProperties": False,
    }


@cache
def args_schema(tool: str) -> dict[str, Any]:
    """Return the JSON schema of a tool's arguments without references, titles and its heading."""
    schema = _inlined(TOOLS[tool].args.model_json_schema())
    schema.pop("description", None)
    return schema


@cache
def signature(tool: str) -> str:
    """Return a tool on one line, as a prompt has room for: name, arguments, what it does."""
    schema = args_schema(tool)
    required = schema.get("required", ())
    parts = []
    for name, field in schema["properties"].items():
        text = f"{name}: {_kind(field)}"
        if name not in required:
            text += f" = {json.dumps(field.get('default', []))}"
        if "description" in field:
            text += f" ({field['description']})"
        parts.append(text)
    return f"{tool}({'; '.join(parts)}). {TOOLS[tool].description}"


def _kind(field: Mapping[str, Any]) -> str:
    """Say in a few words what an argument may be."""
    if "anyOf" in field:
        return " or ".join(_kind(item) for item in field["anyOf"])
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    kind = field["type"]
    if kind == "object":
        return "{" + ", ".join(field["properties"]) + "}"
    if kind == "array":
        low, high = field.get("minItems", 0), field.get("maxItems")
        return f"list of {low} to {high} {_kind(field['items'])}"
    limits = [field.get(key) for key in ("minimum", "maximum")]
    limits[0] = field.get("exclusiveMinimum", limits[0])
    if kind in ("number", "integer"):
        word = "whole number" if kind == "integer" else kind
        return f"{word} {limits[0]} to {limits[1]}" if None not in limits else word
    words = {"string": "text", "boolean": "true | false", "null": "null"}
    return words[kind]


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its definitions put where they are referred to, titles dropped."""
    definitions = schema.get("$defs", {})

    def walk(node: Any, names: bool = False) -> Any:
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            found = dict(definitions[node["$ref"].removeprefix("#/$defs/")])
            found.pop("description", None)
            return walk(found)
        # among properties a key is a name: one called `title` would not be a heading
        dropped = () if names else ("title", "$defs")
        return {
            key: walk(item, key == "properties") for key, item in node.items() if key not in dropped
        }

    return walk(schema)
