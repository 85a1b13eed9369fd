"""The fields of test servers' replies, as vLLM fills them."""

from __future__ import annotations

import math
import re
from typing import Any

from colour_model import Said

MODEL = "colour-vl"
OUTSIDE = 0.04  # mass that the server's model puts on no label


def completion_of(
    said: Said, body: dict[str, Any], tokens: int, speaks: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Put a reply into the fields of a chat completion."""
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": said.text},
        "finish_reason": "stop",
    }
    if body.get("logprobs") and "logprobs" in speaks:
        choice["logprobs"] = {"content": tokens_of(said, int(body.get("top_logprobs", 1)))}
    usage: dict[str, Any] = {"prompt_tokens": tokens, "completion_tokens": 3}
    if "cached" in speaks:
        usage["prompt_tokens_details"] = {"cached_tokens": tokens // 2}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [choice],
        "usage": usage,
    }


def tokens_of(said: Said, most: int) -> list[dict[str, Any]]:
    """Return a reply's tokens with their alternatives; a label's come in three spellings."""
    found = re.search(rf'"{said.name}": "()', said.text) if said.name else None
    at = found.start(1) if found else -1
    tokens, start = [], 0
    for piece in re.findall(r"\w+|\s+|[^\w\s]", said.text):
        top = {piece: 0.99, "~": 0.01}
        if start == at and said.shares:
            top = _spelt(said.shares)
        ranked = sorted(top.items(), key=lambda item: -item[1])[:most]
        tokens.append(
            {
                "token": piece,
                "logprob": math.log(top.get(piece, 1e-9)),
                "top_logprobs": [
                    {"token": t, "logprob": math.log(max(p, 1e-300))} for t, p in ranked
                ],
            }
        )
        start += len(piece)
    return tokens


def _spelt(shares: dict[str, float]) -> dict[str, float]:
    forms = (("{}", 0.7), (" {}", 0.2), ('"{}', 0.1))
    spelt = {
        form.format(label): share * weight * (1 - OUTSIDE)
        for label, share in shares.items()
        for form, weight in forms
    }
    return {**spelt, "The": OUTSIDE / 2, " It": OUTSIDE / 2}
