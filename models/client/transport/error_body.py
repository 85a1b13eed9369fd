"""What the body of a refusal says: its words, and type, code and numbers beside them."""

from __future__ import annotations

import json
import re
from typing import Any

_WORDS = (
    *("error", "message", "detail", "errors", "msg", "error_message", "status_msg", "reason"),
    "title",
)


def message_of(body: Any) -> str:
    """Return the error text in the forms that vLLM, SGLang, OpenAI, Ollama and proxies give it."""
    if isinstance(body, dict):
        parts = (body[name] for name in _WORDS if isinstance(body.get(name), str | list | dict))
        told = list(dict.fromkeys(said for part in parts if part and (said := message_of(part))))
        if not told:
            return json.dumps(body)
        # some name the kind in one field and the reason in another
        said = ": ".join(told[:2])
        where = [str(step) for step in body.get("loc") or () if step != "body"]
        said = f"{'.'.join(where)}: {said}" if where else said
        return _with_source(said, body.get("metadata"))
    if isinstance(body, list):
        return "; ".join(message_of(item) for item in body[:3])
    if isinstance(body, str):
        return re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", body, flags=re.DOTALL | re.I)
    return "" if body is None else str(body)


def _with_source(said: str, metadata: Any) -> str:
    """Add what the server behind a router said, where the router passes it on."""
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    return f"{said}: {message_of(raw)}" if raw else said


def marks_of(body: Any) -> str:
    """Return type, code and numbers of an error, which say more than its words at times."""
    body = body[0] if isinstance(body, list) and body else body
    inner = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return ""
    named = [str(inner[name]) for name in ("type", "code", "param") if inner.get(name)]
    counts = [f"{name} {n}" for name, n in inner.items() if name[:2] == "n_" and type(n) is int]
    return " ".join([*named, *counts])
