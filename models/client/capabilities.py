"""What a server can do, and how requests are written for it.

Names and versions of servers prove nothing: what the probe did not prove (see probe.py) is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .prompt import Media


@dataclass(frozen=True, slots=True)
class Dialect:
    """The proven capabilities of a model behind an endpoint.

    Attributes:
        images: image parts as data URIs.
        json_schema: `response_format` of type `json_schema` binds the answer.
        structured_outputs: vLLM's field of that name binds it; asked only where the other does not.
        logprobs: how many alternatives a token comes with; 0 for no log-probabilities.
        label_tokens: ids of the tokens that write a label, where `logprob_token_ids` brings their
            log-probabilities, however unlikely they are; empty where it does not.
        cached_tokens: `usage.prompt_tokens_details.cached_tokens` is reported.
        frame_lists: frames as `data:video/jpeg`, timed by `media_io_kwargs`, all of them read.
        clips: frames as an mp4 that we encoded, all of them read; asked only where lists are not.
        tools: native tool calls.
        usage: tokens are counted.
        context: tokens that fit, None when the server does not say.
        token_field: what it calls the length of the answer.
        lacking: attribute to why it was not proven, in the server's words where it gave any.
        probed: when, seconds since 1970.
    """

    images: bool = True
    json_schema: bool = False
    structured_outputs: bool = False
    logprobs: int = 0
    label_tokens: Mapping[str, int] = field(default_factory=dict)
    cached_tokens: bool = False
    frame_lists: bool = False
    clips: bool = False
    tools: bool = False
    usage: bool = False
    context: int | None = None
    token_field: str = "max_tokens"
    lacking: Mapping[str, str] = field(default_factory=dict)
    probed: float = 0.0

    @property
    def binds(self) -> bool:
        """Whether an answer can be bound to a JSON schema."""
        return self.json_schema or self.structured_outputs

    @property
    def video(self) -> Media:
        """The best way to send frames as a video; images where there is none."""
        return "frame_list" if self.frame_lists else "clip" if self.clips else "images"

    def bound(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the request fields that bind the answer to a schema; none where nothing does."""
        if self.json_schema:
            return {"response_format": json_format(schema)}
        return structured(schema) if self.structured_outputs else {}


def object_schema(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of an object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def json_format(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the `response_format` that binds an answer to a schema."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }


def structured(schema: dict[str, Any]) -> dict[str, Any]:
    """Return vLLM's field that binds an answer to a schema."""
    return {"structured_outputs": {"json": schema}}
