"""What a server was found to do, and how requests are written for it.

Names and versions of servers prove nothing, and asking for everything beforehand costs a dozen
requests. So the best form is tried with the first real question, and what the server refuses or
ignores is left out from then on (see adaptation.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

Binding = Literal["json_schema", "structured_outputs", "json_object", "plain"]
BINDINGS: tuple[Binding, ...] = ("json_schema", "structured_outputs", "json_object", "plain")
"""Ways to get a reply in JSON, the strictest first: `response_format` with a schema, vLLM's own
field, any JSON, and the words of the prompt alone."""
Media = Literal["images", "frame_list", "clip"]
TOP_LOGPROBS = (20, 5, 0)
REASONING_ROOM = (0, 2048, 8192, 32_768)
VERSION = 6
KEPT_SECONDS = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The detected capabilities of a model behind an endpoint; the defaults are what is tried.

    Attributes:
        binding: how a reply is bound to a JSON schema.
        logprobs: alternatives that are asked for with each token; 0 for no log-probabilities.
        token_field: what it calls the length of the answer.
        temperature: it takes a temperature.
        system: it takes a system message.
        stream: it gives replies only as a stream of events.
        max_images: images of one request; None for no limit met. Frames then share images.
        reasoning_tokens: room for hidden reasoning before the answer, tokens.
        max_output: the longest answer it may be asked for, tokens; None for no limit met.
        shown: frames and pixels of all of them together that went through after more had been too
            much; None where nothing was.
        context: tokens that fit, None when the server does not say.
        video: the way to send frames as a video that it was proven to read; images for none.
        counts_tokens: it reports token counts; None before the first reply.
        caches_prompts: it reports tokens of a prefix cache.
        lacking: capability to why it is not used, in the server's words where it gave any.
        checked: names of what was looked up beforehand: `context`, `video`.
        since: when it was first asked, seconds since 1970.
    """

    binding: Binding = "json_schema"
    logprobs: int = TOP_LOGPROBS[0]
    token_field: str = "max_tokens"
    temperature: bool = True
    system: bool = True
    stream: bool = False
    max_images: int | None = None
    reasoning_tokens: int = 0
    max_output: int | None = None
    shown: tuple[int, int] | None = None
    context: int | None = None
    video: Media = "images"
    counts_tokens: bool | None = None
    caches_prompts: bool = False
    lacking: Mapping[str, str] = field(default_factory=dict)
    checked: tuple[str, ...] = ()
    since: float = 0.0

    def without(self, name: str, why: str, **changes: Any) -> Capabilities:
        """Return them after a refusal: the changed values, and why."""
        return replace(self, lacking={**self.lacking, name: why}, **changes)

    def fields(
        self,
        max_tokens: int,
        *,
        schema: Mapping[str, Any] | None = None,
        logprobs: bool = False,
    ) -> dict[str, Any]:
        """Return the fields of a request beside its messages.

        Args:
            max_tokens: of the answer; room for reasoning comes on top.
            schema: JSON schema of the reply, None for words.
            logprobs: ask for log-probabilities, where the server gives them.
        """
        found: dict[str, Any] = {self.token_field: self.room(max_tokens)}
        if self.temperature:
            found["temperature"] = 0.0
        if self.stream:
            found |= {"stream": True, "stream_options": {"include_usage": True}}
        if logprobs and self.logprobs:
            found |= {"logprobs": True, "top_logprobs": self.logprobs}
        return found | (self._bound(schema) if schema is not None else {})

    def room(self, max_tokens: int) -> int:
        """Return the tokens to ask for, reasoning included."""
        wanted = max_tokens + self.reasoning_tokens
        if self.context is not None:
            # what is written takes its place from what can be shown
            wanted = min(wanted, max(max_tokens, self.context // 2))
        return wanted if self.max_output is None else min(wanted, self.max_output)

    def _bound(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if self.binding == "json_schema":
            named = {"name": "reply", "schema": dict(schema), "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        if self.binding == "structured_outputs":
            return {"structured_outputs": {"json": dict(schema)}}
        if self.binding == "json_object":
            return {"response_format": {"type": "json_object"}}
        return {}


def object_schema(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of an object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def recall(base_url: str, model: str) -> Capabilities | None:
    """Return what is remembered of a server; None when it is nothing, old or unreadable."""
    try:
        kept = json.loads(_file(base_url, model).read_text(encoding="utf-8"))
        names = {part.name for part in fields(Capabilities)}
        if kept.pop("version") != VERSION or set(kept) != names:
            return None
        kept |= {name: tuple(kept[name]) for name in ("checked", "shown") if kept[name] is not None}
        found = Capabilities(**kept)
        return found if 0 <= time.time() - found.since < KEPT_SECONDS else None
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def remember(base_url: str, model: str, found: Capabilities) -> None:
    """Keep what was found; a folder that cannot be written costs only finding it again."""
    path = _file(base_url, model)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps({"version": VERSION, **asdict(found)}), encoding="utf-8")
        aside.replace(path)
    except OSError:
        return


def forget(base_url: str, model: str) -> None:
    """Drop what is remembered, since the server has changed."""
    try:
        _file(base_url, model).unlink(missing_ok=True)
    except OSError:
        return


def _file(base_url: str, model: str) -> Path:
    import platformdirs

    name = hashlib.sha256(f"{base_url}\n{model}".encode("utf-8", "replace")).hexdigest()[:24]
    folder = Path(platformdirs.user_cache_dir("longtake", appauthor=False))
    return folder / "endpoints" / f"{name}.json"
