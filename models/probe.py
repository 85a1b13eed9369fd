"""Finding out what a server can do: each capability is one small request whose reply shows it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ..index.film.frames import Frames, empty_frames
from ..prompts import render
from .clips import MOST_FRAMES
from .completion import Completion
from .dialect import Dialect, json_format, object_schema, structured
from .endpoint import EndpointClient, EndpointProblem
from .labels import LABEL_TEXT, LABELS, asking_for, label_of
from .prompt import Media, Prompt

_WORD = "k7qx"  # nothing that a model would write of its own accord
_SCHEMA = object_schema(word={"type": "string", "enum": [_WORD]})
# a capability that is lacking shows as one of these; anything else is no answer to the question
_LACKING = ("refused", "server", "unfit", "garbled", "empty", "too_large", "missing")


def probe(client: EndpointClient) -> Dialect:
    """Find out what the server can do, in about a dozen small requests.

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
        json_schema = self._binds({"response_format": json_format(_SCHEMA)})
        logprobs = self._logprobs()
        frame_lists = self._reads("frame_list", (2, 6), plain)
        return Dialect(
            images=pictured is not None,
            json_schema=json_schema,
            structured_outputs=not json_schema and self._binds(structured(_SCHEMA)),
            logprobs=logprobs,
            label_tokens=self._label_tokens() if logprobs else {},
            cached_tokens=twice is not None and twice.cached is not None,
            frame_lists=frame_lists,
            clips=not frame_lists and self._reads("clip", (MOST_FRAMES // 4, MOST_FRAMES), plain),
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

    def _binds(self, fields: dict[str, Any]) -> bool:
        answer = self._ask(Prompt("Hello."), 64, **fields)
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

    def _label_tokens(self) -> dict[str, int]:
        """Return the ids of the tokens that write labels; none unless their probabilities come."""
        try:
            known = self._client.tokens_of(LABEL_TEXT)
        except EndpointProblem as problem:
            if problem.kind not in _LACKING:
                raise
            return {}
        ids = {token: n for token, n in known.items() if label_of(token, LABELS)}
        rare = {token: n for token, n in ids.items() if label_of(token, "QXZ")}
        answer = self._ask(_picture(0), 1, **asking_for(rare.values())) if rare else None
        # who ignores the field brings the likeliest tokens, or one of them
        came = answer.first_tokens[0] if answer is not None and answer.first_tokens else {}
        proven = {label_of(token, "QXZ") for token in came} >= set("QXZ")
        return ids if proven and len(came) <= len(rare) + 1 else {}

    def _reads(self, media: Media, counts: tuple[int, int], plain: Completion) -> bool:
        """Say whether videos of few and of many frames are read to their end."""
        read: list[int] = []
        for count in counts:
            try:
                answer = self._ask(replace(_picture(count), media=media))
            except ValueError:  # this PyAV was built without an encoder for clips
                return False
            if answer is None:
                return False
            read.append(answer.tokens_in - plain.tokens_in)
        # a server that drops frames, or all of them, counts few more tokens for more of them
        return read[1] >= 2 * read[0] > 0

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


def _picture(count: int) -> Prompt:
    """Return a question about some plain frames that differ, or about none."""
    frames: Iterator[np.ndarray] = (
        np.full((64, 64, 3), (200, 40 * k % 256, 10), np.uint8) for k in range(count)
    )
    if not count:
        return Prompt(render("served_probe"), empty_frames())
    return Prompt(render("served_probe"), Frames(np.stack(list(frames)), np.arange(count) * 1.0))
