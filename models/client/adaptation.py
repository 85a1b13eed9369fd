"""How a request is changed after a refusal, so that the next attempt can succeed.

Equal attempts help against faults that pass. A refusal wants another request: without the field
that the server does not know, with fewer or smaller frames, with frames that share an image, with
more room for reasoning. What helped is remembered as a detected capability.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .capabilities import BINDINGS, REASONING_ROOM, TOP_LOGPROBS, Capabilities
from .refusals import image_limit
from .retry import Fault

_ROLES = re.compile(
    r"system (role|message|prompt)|role\W{0,20}system|developer role"
    r"|roles must alternate",
    re.I,
)
_BINDS = re.compile(
    r"response_?format|json_?schema|json_?object|structured|guided|grammar|schema", re.I
)
_VIDEO = re.compile(r"media_io_kwargs|video", re.I)
_OUTPUT = re.compile(
    r"(max_(completion_|output_)?tokens|output tokens|completion tokens)"
    r".{0,120}?(at most|less than|maximum|max|limit|<=|up to|supports?)"
    r"\D{0,40}(?P<most>\d{3,})",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a request goes out.

    Attributes:
        capabilities: of the server, as far as they are known by now.
        schema: the reply is to be bound to one.
        logprobs: log-probabilities are wanted.
        images: how many the last attempt carried.
    """

    capabilities: Capabilities
    schema: bool = False
    logprobs: bool = False
    images: int = 0


def adapted(form: Form, fault: Fault) -> Capabilities | None:
    """Return the capabilities to go on with after a fault; None where none of them is at fault."""
    if fault.kind == "exhausted":
        return _more_room(form.capabilities)
    if fault.kind == "image_limit":
        return _fewer_images(form, fault)
    if fault.kind == "refused":
        words = f"{fault.said} {fault.marks}"
        return _named(form, words) or _unnamed(form, words)
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
    if "max_completion_tokens" in said and known.token_field == "max_tokens":
        return replace(known, token_field="max_completion_tokens")
    most = _OUTPUT.search(said)
    if most and known.max_output is None:
        return known.without("max_output", said, max_output=int(most["most"]))
    if form.logprobs and known.logprobs and re.search("logprob", said, re.I):
        # a server that takes some, but not so many, names the field of their number
        some = known.logprobs == TOP_LOGPROBS[0] and "top_logprobs" in said
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
    if form.logprobs and known.logprobs:
        return known.without("logprobs", said, logprobs=0)
    if form.schema and known.binding != "plain":
        return known.without("binding", said, binding="plain")
    return None


def looser(known: Capabilities, why: str) -> Capabilities:
    """Return them with the next way to get a reply in JSON."""
    following = BINDINGS[BINDINGS.index(known.binding) + 1]
    return known.without(known.binding, why, binding=following)
