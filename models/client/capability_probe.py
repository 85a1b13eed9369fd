"""Finding out what a server can do: each capability is one small request whose reply shows it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ...index.video.frames import Frames, empty_frames
from ...prompts import render
from .capabilities import Dialect, json_format, object_schema, structured
from .client import EndpointClient, EndpointProblem
from .clips import MOST_FRAMES
from .completion import Completion
from .labels import LABEL_TEXT, LABELS, asking_for, label_of
from .prompt import Media, Prompt

_WORD = "k7qx"  # nothing that a model would write of its own accord
_SCHEMA = object_schema(word={"type": "string", "enum": [_WORD]})
# of a few small frames many processors make larger ones, so that two are as many tokens as six
_SIDES: dict[Media, int] = {"frame_list": 256, "clip": 64}
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
        self._lacking: dict[str, str] = {}

    def run(self) -> Dialect:
        context = self._context()
        plain = self._plain()
        pictured = self._ask("images", _picture(1))
        counted = pictured or plain
        # asked twice, what was read before is in the cache, where there is one
        again = self._ask("cached_tokens", _picture(1 if pictured else 0))
        json_schema = self._binds("json_schema", {"response_format": json_format(_SCHEMA)})
        logprobs = self._logprobs()
        video = self._video(plain) if pictured else None
        return Dialect(
            images=pictured is not None,
            json_schema=json_schema,
            structured_outputs=not json_schema
            and self._binds("structured_outputs", structured(_SCHEMA)),
            logprobs=logprobs,
            label_tokens=self._label_tokens() if logprobs else {},
            cached_tokens=again is not None and again.cached is not None,
            frame_lists=video == "frame_list",
            clips=video == "clip",
            tools=self._calls_tools(),
            usage=counted.has_usage and counted.tokens_in > 0,
            context=context,
            token_field=self._token_field,
            lacking=self._lacking,
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
        # llama.cpp's stands one level deeper
        row |= row["meta"] if isinstance(row.get("meta"), dict) else {}
        names = ("max_model_len", "context_length", "context_window", "n_ctx")
        lengths = (row.get(name) for name in names)
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

    def _ask(self, name: str, prompt: Prompt, max_tokens: int = 8, **extra: Any) -> Any:
        """Return the answer, None when the server lacks the capability that the request needs."""
        try:
            return self._call(prompt, max_tokens, **extra)
        except EndpointProblem as problem:
            if problem.kind not in _LACKING:
                raise
            self._lacking[name] = problem.said
            return None

    def _binds(self, name: str, fields: dict[str, Any]) -> bool:
        answer = self._ask(name, Prompt("Hello."), 64, **fields)
        if answer is None:
            return False
        try:
            if json.loads(answer.text) == {"word": _WORD}:
                return True
        except ValueError:
            pass
        cut = " that was cut off" if answer.finish == "length" else ""
        self._lacking[name] = f"it wrote {answer.text.strip()[:20]!r}{cut} instead of the JSON"
        return False

    def _logprobs(self) -> int:
        for cap in (20, 5):
            answer = self._ask("logprobs", _picture(0), 1, logprobs=True, top_logprobs=cap)
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
        answer = (
            self._ask("label_tokens", _picture(0), 1, **asking_for(rare.values())) if rare else None
        )
        # who ignores the field brings the likeliest tokens, or one of them
        came = answer.first_tokens[0] if answer is not None and answer.first_tokens else {}
        proven = {label_of(token, "QXZ") for token in came} >= set("QXZ")
        return ids if proven and len(came) <= len(rare) + 1 else {}

    def _video(self, plain: Completion) -> Media | None:
        """Return the better of the ways of sending a video that the server reads, if any."""
        if self._reads("frame_lists", "frame_list", (2, 6), plain):
            return "frame_list"
        most = (MOST_FRAMES // 4, MOST_FRAMES)
        return "clip" if self._reads("clips", "clip", most, plain) else None

    def _reads(self, name: str, media: Media, counts: tuple[int, int], plain: Completion) -> bool:
        """Say whether videos of few and of many frames are read to their end."""
        read: list[int] = []
        for count in counts:
            try:
                answer = self._ask(name, replace(_picture(count, _SIDES[media]), media=media))
            except ValueError:  # this PyAV was built without an encoder for clips
                return False
            if answer is None:
                return False
            read.append(answer.tokens_in - plain.tokens_in)
        # a server that drops frames, or all of them, counts few more tokens for more of them
        if read[1] >= 2 * read[0] > 0:
            return True
        few, many = counts
        self._lacking[name] = f"{few} frames are {read[0]} tokens, {many} are only {read[1]}"
        return False

    def _calls_tools(self) -> bool:
        function = {
            "name": "note_colour",
            "description": "Notes a colour.",
            "parameters": object_schema(colour={"type": "string"}),
        }
        answer = self._ask(
            "tools",
            Prompt("Note the colour red by calling note_colour."),
            64,
            tools=[{"type": "function", "function": function}],
            tool_choice="auto",
        )
        called = answer is not None and "note_colour" in answer.tools
        if answer is not None and not called:
            self._lacking["tools"] = "it did not call the tool that it was told to call"
        return called


def _picture(count: int, side: int = 64) -> Prompt:
    """Return a question about some plain frames that differ, or about none."""
    frames: Iterator[np.ndarray] = (
        np.full((side, side, 3), (200, 40 * k % 256, 10), np.uint8) for k in range(count)
    )
    if not count:
        return Prompt(render("served_probe"), empty_frames())
    return Prompt(render("served_probe"), Frames(np.stack(list(frames)), np.arange(count) * 1.0))
