"""What a server can do, found out by asking it once, and remembered for the base URL and model.

Names and versions of servers prove nothing: each capability is one small request whose reply shows
it. What the probe did not prove is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..index.film.frames import Frames, empty_frames
from ..prompts import render
from .endpoint import EndpointClient, EndpointProblem
from .prompt import Prompt

VERSION = 1
KEPT_SECONDS = 7 * 86400.0
_WORD = "k7qx"  # nothing that a model would write of its own accord
# a capability that is lacking shows as one of these; anything else is no answer to the question
_LACKING = ("refused", "server", "unfit", "garbled", "empty", "too_large", "missing")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The proven capabilities of a model behind an endpoint.

    Attributes:
        images: image parts as data URIs.
        json_schema: `response_format` of type `json_schema` binds the answer.
        logprobs: how many alternatives a token comes with; 0 for no log-probabilities.
        cached_tokens: `usage.prompt_tokens_details.cached_tokens` is reported.
        frame_lists: frames as `data:video/jpeg`, timed by `media_io_kwargs`, all of them read.
        tools: native tool calls.
        usage: tokens are counted.
        context: tokens that fit, None when the server does not say.
        token_field: what it calls the length of the answer.
        probed: when, seconds since 1970.
    """

    images: bool = True
    json_schema: bool = False
    logprobs: int = 0
    cached_tokens: bool = False
    frame_lists: bool = False
    tools: bool = False
    usage: bool = False
    context: int | None = None
    token_field: str = "max_tokens"
    probed: float = 0.0


def dialect_of(client: EndpointClient, *, refresh: bool = False) -> Dialect:
    """Return what is remembered of the server, or probe it and remember that.

    Raises:
        EndpointProblem: it cannot be reached, or refuses us or the model.
    """
    known = None if refresh else recall(client)
    if known is None:
        known = probe(client)
        remember(client, known)
    return known


def probe(client: EndpointClient) -> Dialect:
    """Find out what the server can do, in about ten small requests.

    Raises:
        EndpointProblem: it cannot be reached, or refuses us or the model.
    """
    # a server that answers 500 to what it does not know must not be asked ten times
    limits = replace(client.limits, attempts=min(5, client.limits.attempts))
    return _Probe(client.within(limits)).run()


class _Probe:
    def __init__(self, client: EndpointClient) -> None:
        self._client = client
        self._token_field = "max_tokens"

    def run(self) -> Dialect:
        context = self._context()
        plain = self._plain()
        pictured = self._ask(_picture(1))
        twice = self._ask(_picture(1)) if pictured else None
        counted = pictured or plain
        return Dialect(
            images=pictured is not None,
            json_schema=self._binds_schema(),
            logprobs=self._logprobs(),
            cached_tokens=twice is not None and twice.cached is not None,
            frame_lists=self._reads_frame_lists(),
            tools=self._calls_tools(),
            usage=counted.has_usage and counted.tokens_in > 0,
            context=context,
            token_field=self._token_field,
            probed=time.time(),
        )

    def _context(self) -> int | None:
        try:
            models = self._client.list_models()
        except EndpointProblem as problem:
            # `transformers serve` has none of its own: the list is no proof either way
            if problem.kind not in _LACKING:
                raise
            return None
        row = next((row for row in models if row["id"] == self._client.model), {})
        lengths = (row.get(name) for name in ("max_model_len", "context_length", "context_window"))
        return next((n for n in lengths if isinstance(n, int) and n > 0), None)

    def _plain(self) -> Any:
        """Ask without a picture; some hosted models want another name for the answer's length."""
        try:
            return self._call(_picture(0))
        except EndpointProblem as problem:
            if problem.kind != "refused" or "max_completion_tokens" not in problem.message:
                raise
        self._token_field = "max_completion_tokens"
        return self._call(_picture(0))

    def _call(self, prompt: Prompt, max_tokens: int = 8, **extra: Any) -> Any:
        return self._client.complete(
            prompt,
            max_tokens=max_tokens,
            fits=lambda completion: None,
            token_field=self._token_field,
            **extra,
        )

    def _ask(self, prompt: Prompt, max_tokens: int = 8, **extra: Any) -> Any:
        """Return the answer, None when the server lacks what the request needs."""
        try:
            return self._call(prompt, max_tokens, **extra)
        except EndpointProblem as problem:
            if problem.kind not in _LACKING:
                raise
            return None

    def _binds_schema(self) -> bool:
        schema = object_schema(word={"type": "string", "enum": [_WORD]})
        answer = self._ask(Prompt("Hello."), 64, response_format=json_format(schema))
        try:
            return answer is not None and json.loads(answer.text) == {"word": _WORD}
        except ValueError:
            return False

    def _logprobs(self) -> int:
        for cap in (20, 5):
            answer = self._ask(_picture(0), 1, logprobs=True, top_logprobs=cap)
            if answer is not None:
                most = max((len(token) for token in answer.first_tokens), default=0)
                return cap if most > 1 else 0
        return 0

    def _reads_frame_lists(self) -> bool:
        few, many = (self._ask(replace(_picture(count), video=True)) for count in (2, 6))
        # a server that drops frames, or all of them, counts no more tokens for more of them
        return few is not None and many is not None and many.tokens_in > few.tokens_in

    def _calls_tools(self) -> bool:
        function = {
            "name": "note_colour",
            "description": "Notes a colour.",
            "parameters": object_schema(colour={"type": "string"}),
        }
        answer = self._ask(
            Prompt("Note the colour red by calling note_colour."),
            64,
            tools=[{"type": "function", "function": function}],
            tool_choice="auto",
        )
        return answer is not None and "note_colour" in answer.tools


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


def recall(client: EndpointClient) -> Dialect | None:
    """Return what is remembered of a server; None when it is nothing, old or unreadable."""
    try:
        kept = json.loads(_file(client).read_text(encoding="utf-8"))
        if kept.pop("version") != VERSION or set(kept) != {f.name for f in fields(Dialect)}:
            return None
        dialect = Dialect(**kept)
        age = time.time() - dialect.probed
        return dialect if 0 <= age < KEPT_SECONDS else None
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def remember(client: EndpointClient, dialect: Dialect) -> None:
    """Keep what was found; a folder that cannot be written costs only another probe."""
    path = _file(client)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps({"version": VERSION, **asdict(dialect)}), encoding="utf-8")
        aside.replace(path)
    except OSError:
        return


def forget(client: EndpointClient) -> None:
    """Drop what is remembered, since the server has changed."""
    _file(client).unlink(missing_ok=True)


def _file(client: EndpointClient) -> Path:
    import platformdirs

    name = hashlib.sha256(f"{client.base_url}\n{client.model}".encode()).hexdigest()[:24]
    folder = Path(platformdirs.user_cache_dir("longtake", appauthor=False))
    return folder / "endpoints" / f"{name}.json"


def _picture(count: int) -> Prompt:
    """Return a question about some plain frames that differ, or about none."""
    frames: Iterator[np.ndarray] = (
        np.full((64, 64, 3), (200, 40 * k, 10), np.uint8) for k in range(count)
    )
    if not count:
        return Prompt(render("served_probe"), empty_frames())
    return Prompt(render("served_probe"), Frames(np.stack(list(frames)), np.arange(count) * 1.0))
