"""How a request is changed after a refusal, so that the next attempt can succeed.

Equal attempts help against faults that pass. A refusal wants another request: without the field
that the server does not know, with fewer or smaller frames, with frames that share an image, with
more room for reasoning. What helped is remembered as a detected capability.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .capabilities import BINDINGS, REASONING_ROOM, TOP_LOGPROBS, Capabilities
from .transport.fault import Fault
from .transport.stated_limits import image_limit, output_limit

_ROLES = re.compile(r"(system|developer) (message|prompt|instruction)|\broles?\b", re.I)
_BINDS = re.compile(
    r"response_?format|json_?schema|json_?object|structured|guided|grammar|schema", re.I
)
_VIDEO = re.compile(r"media_io_kwargs|video", re.I)
_FEWER = re.compile(
    r"top_logprobs.{0,80}(most|max|less|between|range|up to|limit|<|\bto \d)", re.I | re.DOTALL
)
_STREAM = re.compile(r"(?<!up)stream", re.I)
# where these are at fault, nothing is mended by leaving out something else
_ELSE = re.compile(r"image|picture|\burl\b|\bmodel\b.{0,20}(crash|load)", re.I)
GUESSED = (200, 400, 422)
"""Statuses of a refusal that may be about a field without naming it, beside those from 500 on."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a request goes out.

    Attributes:
        capabilities: of the server, as far as they are known by now.
        schema: the reply is to be bound to one.
        logprobs: log-probabilities are wanted.
        images: how many the last attempt carried.
        room: tokens that were asked for.
    """

    capabilities: Capabilities
    schema: bool = False
    logprobs: bool = False
    images: int = 0
    room: int = 0


def adapted(form: Form, fault: Fault) -> Capabilities | None:
    """Return the capabilities to go on with after a fault; None where none of them is at fault."""
    if fault.kind == "exhausted":
        return _more_room(form.capabilities)
    if fault.kind == "image_limit":
        return _fewer_images(form, fault)
    if fault.kind == "refused":
        words = f"{fault.said} {fault.marks}"
        guess = fault.status is None or fault.status in GUESSED or fault.status >= 500
        changed = _named(form, words)
        return _unnamed(form, words) if changed is None and guess else changed
    return None


def _more_room(known: Capabilities) -> Capabilities | None:
    """Return them with more room for reasoning; None when there is no more."""
    for tokens in REASONING_ROOM:
        more = replace(known, reasoning_tokens=tokens)
        if more.room(0) > known.room(0):
            return more
    return None


def _fewer_images(form: Form, fault: Fault) -> Capabilities | None:
    most = image_limit(fault.said)
    # "too many" without a number: half of what was sent
    most = most or max(1, form.images // 2)
    if most >= form.images:
        return None
    return form.capabilities.without("max_images", fault.said, max_images=most)


def _named(form: Form, said: str) -> Capabilities | None:
    """Return them without the part of the request that the server names."""
    known = form.capabilities
    most = output_limit(said, form.room)
    if most is not None:
        return known.without("max_output", said, max_output=most)
    if re.search(r"max_(completion_)?tokens", said) and known.token_field == "max_tokens":
        return replace(known, token_field="max_completion_tokens")
    if not known.stream and _STREAM.search(said):
        return known.without("whole replies", said, stream=True)
    if form.logprobs and known.logprobs and re.search("logprob", said, re.I):
        # a server that takes some, but not so many, names the field of their number
        some = known.logprobs == TOP_LOGPROBS[0] and _FEWER.search(said)
        fewer = TOP_LOGPROBS[1] if some else 0
        return known.without("logprobs", said, logprobs=fewer)
    if form.schema and known.binding != "plain" and _BINDS.search(said):
        return looser(known, said)
    if known.temperature and "temperature" in said.lower():
        return known.without("temperature", said, temperature=False)
    if known.system and _ROLES.search(said):
        return known.without("system", said, system=False)
    if known.video != "images" and _VIDEO.search(said):
        return known.without("video", said, video="images")
    return None


def _unnamed(form: Form, said: str) -> Capabilities | None:
    """Return them without the most likely offender, where the server names none."""
    known = form.capabilities
    if _ELSE.search(said):
        return None
    if form.logprobs and known.logprobs:
        return known.without("logprobs", said, logprobs=0)
    if form.schema and known.binding != "plain":
        return known.without("binding", said, binding="plain")
    return None


def looser(known: Capabilities, why: str) -> Capabilities:
    """Return them with the next way to get a reply in JSON."""
    following = BINDINGS[BINDINGS.index(known.binding) + 1]
    return known.without(known.binding, why, binding=following)
