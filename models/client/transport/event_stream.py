"""Replies that come as a stream of events, though none was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .fault import Fault


def joined_events(text: str) -> dict[str, Any]:
    """Join the events of a streamed reply into one chat completion.

    Raises:
        Fault: no event holds a piece of a chat completion.
    """
    whole: dict[str, Any] = {}
    message: dict[str, Any] = {}
    joined: dict[str, Any] = {"message": message}
    tokens: list[Any] = []
    for event in _events(text):
        whole |= {name: value for name, value in event.items() if value}
        for choice in event.get("choices") or ():
            if not isinstance(choice, dict) or choice.get("index"):
                continue
            joined |= {
                name: choice[name] for name in ("finish_reason", "error") if choice.get(name)
            }
            spoken = choice.get("logprobs")
            tokens += (spoken.get("content") or ()) if isinstance(spoken, dict) else ()
            delta = choice.get("delta")
            for name, value in (delta if isinstance(delta, dict) else {}).items():
                if isinstance(value, str):
                    message[name] = message.get(name, "") + value
                elif value is not None:
                    message[name] = value
    if not whole:
        raise Fault("garbled", "status 200 with events that hold no JSON", 200)
    if not message:
        return whole
    if tokens:
        joined["logprobs"] = {"content": tokens}
    return {**whole, "choices": [joined]}


def _events(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a stream of events."""
    for line in text.splitlines():
        if not line.startswith("data:"):
            continue
        try:
            event = json.loads(line[5:])
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event
