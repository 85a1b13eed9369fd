"""The fields of the fault server's replies, as vLLM fills them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MODEL = "paint-vl"
OUTSIDE = 0.04  # mass that the server's model puts on no label


@dataclass
class Said:
    """A reply before it is put into fields."""

    text: str
    shares: dict[str, float] | None = None


def completion_of(
    said: Said,
    body: dict[str, Any],
    tokens: int,
    speaks: frozenset[str],
    *,
    null: bool = False,
) -> dict[str, Any]:
    """Put a reply into the fields of a chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": None if null else said.text}
    choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": "stop"}
    if "tools" in body and "tools" in speaks:
        name = body["tools"][0]["function"]["name"]
        call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}}
        message.update(content=None, tool_calls=[call])
    schema = schema_of(body, speaks)
    if schema:
        message["content"] = json.dumps(fill_schema(schema, said))
    if body.get("logprobs") and "logprobs" in speaks:
        ids = body.get("logprob_token_ids") if "token_ids" in speaks else None
        choice["logprobs"] = {"content": [token_of(said, int(body.get("top_logprobs", 1)), ids)]}
    usage: dict[str, Any] = {"prompt_tokens": tokens, "completion_tokens": 3}
    if "cached" in speaks:
        usage["prompt_tokens_details"] = {"cached_tokens": tokens // 2}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL,
        "choices": [choice], "usage": usage,
    }  # fmt: skip


def fill_schema(schema: dict[str, Any], said: Said) -> dict[str, Any]:
    """Fill an object schema: `answer` and `confidence` from the reply, a lone word from its enum."""
    sure = max((said.shares or {"": 0.5}).values())
    values = {"answer": said.text, "confidence": round(sure, 4)}
    return {
        name: values[name] if name in values else part["enum"][0]
        for name, part in schema["properties"].items()
    }


def schema_of(body: dict[str, Any], speaks: frozenset[str]) -> dict[str, Any] | None:
    """Return the schema that binds the answer, by the fields that the server knows."""
    if "json_schema" in speaks and "response_format" in body:
        return body["response_format"]["json_schema"]["schema"]
    if "structured_outputs" in speaks and "structured_outputs" in body:
        return body["structured_outputs"]["json"]
    return None


def token_of(said: Said, most: int, ids: list[int] | None = None) -> dict[str, Any]:
    """Return the first token with its alternatives: every label in three spellings, and others.

    Args:
        said: the reply.
        most: so many of the likeliest.
        ids: these tokens instead, whatever their probability.
    """
    shares = said.shares or {said.text[:5]: 1.0}
    spelt = {
        form.format(label): share * weight * (1 - OUTSIDE)
        for label, share in shares.items()
        for form, weight in (("{}", 0.7), (" {}", 0.2), ("{}.", 0.1))
    }
    spelt |= {"The": OUTSIDE / 2, " It": OUTSIDE / 4, "\n": OUTSIDE / 4}
    ranked = sorted(spelt.items(), key=lambda item: -item[1])
    # what was not asked for by its id is left out, but for what was written
    chosen = (
        [(VOCABULARY[n], spelt.get(VOCABULARY[n], 1e-9)) for n in ids] if ids else ranked[:most]
    )
    top = [{"token": t, "logprob": math.log(max(p, 1e-300))} for t, p in chosen]
    return {"token": ranked[0][0], "logprob": math.log(ranked[0][1]), "top_logprobs": top}


_WORDS = [*LETTERS, *("yes", "Yes", "YES", "no", "No", "NO", "The", "It")]
VOCABULARY = dict(enumerate([*_WORDS, *(f" {word}" for word in _WORDS), "\n", " "], 100))


def tokens_of(text: str) -> dict[str, Any]:
    """Return what vLLM's `/tokenize` returns, with tokens as a byte-level vocabulary has them."""
    ids = {token: n for n, token in VOCABULARY.items()}
    found = [token for token in re.findall(r" ?\w+|\n| ", text) if token in ids]
    written = [token.replace(" ", "Ġ").replace("\n", "Ċ") for token in found]
    return {"count": len(found), "tokens": [ids[t] for t in found], "token_strs": written}
