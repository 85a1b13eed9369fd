"""What a model server was proven to do, in the doctor's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from longtake.doctor import Check
from longtake.index.video.errors import UsageError

if TYPE_CHECKING:
    from longtake.models.client.capabilities import Dialect

SHOWN = 12  # models named in a message
SAID = 240  # characters of a server's refusal


def check_endpoint(url: str, model: str | None, key_variable: str) -> Iterator[Check]:
    """Probe a server anew, remember what was found, and say it.

    Args:
        url: its base URL.
        model: one of its models; may be None when it has only one.
        key_variable: environment variable that holds its key, set or not.

    Raises:
        UsageError: the URL or the key is unusable, or the model must be named.
        EndpointError: the server cannot be reached, or refuses us.
    """
    from longtake.models.client.client import EndpointClient
    from longtake.models.client.credentials import read_key
    from longtake.models.client.known import dialect_of

    key = read_key(key_variable)
    client = EndpointClient(url, model or "", key)
    try:
        if not model:
            client.model = _only_model(client.list_models())
        signed = f"signed with {key_variable}" if key else f"no key in {key_variable}"
        yield Check("endpoint", "ok", f"{client.base_url}, {signed}")
        yield Check("model", "ok", client.model)
        found = dialect_of(client, refresh=True)
    finally:
        client.close()
    if found.images:
        yield Check("images", "ok", "taken as data URIs")
    else:
        why = _because(found, "images")
        yield Check(
            "images",
            "warn",
            f"not taken{why}",
            "it can plan; an eye must be a vision-language model",
        )
    yield _probabilities(found.logprobs, bool(found.label_tokens), found.binds)
    yield from _others(found)
    yield _cost(client.model, found.context)


def _only_model(listed: list[dict[str, object]]) -> str:
    names = [str(row["id"]) for row in listed]
    if len(names) == 1:
        return names[0]
    has = f"has {', '.join(names[:SHOWN])}" if names else "lists no models"
    raise UsageError(f"model: the server {has}", "name one with --model")


def _probabilities(logprobs: int, labels: bool, schema: bool) -> Check:
    if logprobs and labels:
        said = f"from log-probabilities of every letter; else {logprobs} a token"
        return Check("probabilities", "ok", said)
    if logprobs:
        return Check("probabilities", "ok", f"from log-probabilities, {logprobs} a token")
    if schema:
        return Check(
            "probabilities", "warn", "from the model's own word for its confidence",
            "a server with logprobs gives better ones",
        )  # fmt: skip
    return Check(
        "probabilities", "warn", "from agreement over samples, several requests a question",
        "a server with logprobs gives better ones at a fifth of the cost",
    )  # fmt: skip


def _others(found: Dialect) -> Iterator[Check]:
    named = {
        "json schema": "json_schema",
        "frame lists": "frame_lists",
        "mp4 clips": "clips",
        "tool calls": "tools",
        "usage": "usage",
        "cached tokens": "cached_tokens",
    }
    for name, field in named.items():
        said = "yes" if getattr(found, field) else f"no{_because(found, field)}"
        if field == "json_schema" and found.structured_outputs:
            said = "yes, by structured_outputs"
        elif field == "clips" and found.frame_lists:
            said = "not asked for: frame lists say when each frame is"
        yield Check(name, "ok", said)


def _because(found: Dialect, field: str) -> str:
    """Return why a capability was not proven, as the end of a sentence."""
    why = found.lacking.get(field, "")
    return f": {why[:SAID]}" if why else ""


def _cost(model: str, context: int | None) -> Check:
    from longtake.models.client.token_cost import (
        FRAME_SIZE,
        UNKNOWN,
        family_of,
        frames_that_fit,
        prompt_tokens,
    )
    from longtake.models.vlm.served import RESERVE

    family = family_of(model)
    width, height = FRAME_SIZE
    each = f"{prompt_tokens(family, 1, FRAME_SIZE)} tokens a frame of {width}x{height}"
    if family is UNKNOWN:
        each = f"about {each} (the name tells no family)"
    if context is None:
        return Check("context", "ok", f"unknown length; {each}")
    fit = frames_that_fit(family, max(0, context - RESERVE), FRAME_SIZE)
    return Check("context", "ok", f"{context} tokens, {fit} frames fit; {each}")
