"""What a model server was found to do, in the doctor's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from longtake.doctor import Check
from longtake.index.video.errors import UsageError

if TYPE_CHECKING:
    from longtake.models.client.capabilities import Capabilities
    from longtake.models.client.client import EndpointClient

SHOWN = 12  # models named in a message
PLANS = "it can plan; a VLM must take pictures"
SAID = 240  # characters of a server's refusal
QUESTION, COLOURS = "Which colour fills the frames?", ("green", "red")
_TOLD = ({"role": "system", "content": "You help."}, {"role": "user", "content": "Say hello."})


def check_endpoint(url: str, model: str | None, key_variable: str) -> Iterator[Check]:
    """Ask a server a small question anew, remember what was found, and say it.

    One look at the list of models and one question, as they are asked of a film; another one where
    the model takes no pictures, or one more for each part of the request that it refuses.

    Args:
        url: its base URL.
        model: one of its models; may be None when it has only one.
        key_variable: environment variable that holds its key, set or not.

    Raises:
        UsageError: the URL, the key or a proxy setting is unusable, or the model must be named.
        EndpointError: the server cannot be reached, or refuses us.
    """
    from longtake.models.client.capabilities import forget
    from longtake.models.client.client import FIRST_LOOK, EndpointClient
    from longtake.models.client.transport.credentials import read_key

    key = read_key(key_variable)
    client = EndpointClient(url, model or "", key)
    try:
        if not model:
            client.model = _only_model(client.list_models(FIRST_LOOK))
        forget(client.base_url, client.model)
        signed = f"signed with {key_variable}" if key else f"no key in {key_variable}"
        yield Check("endpoint", "ok", f"{client.base_url}, {signed}")
        yield Check("model", "ok", client.model)
        pictures = _pictures(client)
        yield pictures
        found = client.capabilities
    finally:
        client.close()
    if pictures.remedy != PLANS:
        yield _probabilities(found)
        yield _json_replies(found)
    yield from _others(found)
    yield _cost(client.model, found)


def _pictures(client: EndpointClient) -> Check:
    """Show two red frames and ask for their colour; without pictures, ask a word of it."""
    import numpy as np

    from longtake.index.video.frames import Frames
    from longtake.models.client.chat import ServedChat
    from longtake.models.client.transport.problems import EndpointProblem
    from longtake.models.vlm.served import ServedVLM

    red = np.full((2, 128, 128, 3), (220, 20, 20), np.uint8)
    try:
        reply = ServedVLM(client).answer(Frames(red, np.array([0.0, 2.0])), QUESTION, COLOURS)
    except EndpointProblem as problem:
        if problem.kind != "no_images":
            raise
        ServedChat(client).complete(_TOLD, max_tokens=64)
        said = f"not taken: {problem.said[:SAID]}"
        return Check("images", "warn", said, PLANS)
    if reply.text != "red":
        return Check(
            "images",
            "warn",
            f"two red frames were called {reply.text}",
            "it may not look at pictures: serve a vision-language model",
        )
    most = client.capabilities.max_images
    limit = "" if most is None else f", at most {most} a request: frames share them as grids"
    return Check("images", "ok", f"taken as data URIs, the colour of two was told{limit}")


def _only_model(listed: list[dict[str, object]]) -> str:
    names = [str(row["id"]) for row in listed]
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    has = f"has {', '.join(names[:SHOWN])}{more}" if names else "lists no models"
    raise UsageError(f"model: the server {has}", "name one with --model")


def _probabilities(found: Capabilities) -> Check:
    if found.logprobs:
        return Check("probabilities", "ok", f"from log-probabilities, {found.logprobs} a token")
    return Check(
        "probabilities",
        "warn",
        f"from the model's own word for its confidence{_because(found, 'logprobs')}",
        "a server with logprobs gives better ones",
    )


def _json_replies(found: Capabilities) -> Check:
    ways = {
        "json_schema": "bound by a JSON schema",
        "structured_outputs": "bound by structured_outputs",
        "json_object": "bound to be JSON",
        "plain": "asked for in words",
    }
    refused = "; ".join(
        f"{name}: {found.lacking[name][:SAID]}" for name in ways if name in found.lacking
    )
    return Check("JSON replies", "ok", ways[found.binding] + (f" ({refused})" if refused else ""))


def _others(found: Capabilities) -> Iterator[Check]:
    room = found.reasoning_tokens
    yield Check("reasoning", "ok", f"yes, {room} tokens are kept for it" if room else "none seen")
    yield Check("usage", "ok", "yes" if found.counts_tokens else "no: costs cannot be counted")
    yield Check("cached tokens", "ok", "yes" if found.caches_prompts else "not reported")


def _because(found: Capabilities, name: str) -> str:
    """Return why a capability is not used, as the end of a sentence."""
    why = found.lacking.get(name, "")
    return f": {why[:SAID]}" if why else ""


def _cost(model: str, found: Capabilities) -> Check:
    from longtake.models.client.token_cost import (
        UNKNOWN,
        RequestRoom,
        family_of,
        frame_size,
        prompt_tokens,
    )
    from longtake.models.vlm.served import MAX_FRAMES

    family = family_of(model)
    size = frame_size(family, (1920, 1080), MAX_FRAMES, RequestRoom(family, found).tokens)
    tokens = prompt_tokens(family, MAX_FRAMES, size)
    about = "about " if family is UNKNOWN else ""
    name = " (the name tells no family)" if family is UNKNOWN else ""
    each = f"{MAX_FRAMES} frames of {size[0]}x{size[1]} are {about}{tokens} tokens{name}"
    known = "unknown length" if found.context is None else f"{found.context} tokens"
    return Check("context", "ok", f"{known}; {each}")
