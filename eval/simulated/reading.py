"""What a chat request holds: pictures with their times, words, options, and the form of the answer.

Requests are read by their structure, not by the words of any prompt: text before a picture names
its times, lines such as `A. a kite` are options, a JSON schema says what is wanted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from .schema import KEYS

LIST = "data:video/jpeg;base64,"
_CLOCK = r"(?:(?P<h>\d+):)?(?P<m>\d{1,3}):(?P<s>\d{2}(?:\.\d+)?)"
_SECONDS = r"(?P<n>\d+(?:\.\d+)?)\s*(?:s|sec|secs|seconds?)\b"
_TIME = re.compile(rf"(?<![\d.:])(?:{_CLOCK}|{_SECONDS}|t\s*=\s*(?P<t>\d+(?:\.\d+)?))")
_OPTION = re.compile(r"^\s*\(?([A-Z])[.):]\s+(\S.*?)\s*$", re.MULTILINE)
_TOKEN_SIDE = 28  # pixels of a token's side, as Qwen's processors have it


class BadRequest(ValueError):
    """A request that a server of this kind refuses, with status 400."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as it was sent, and the times named beside it."""

    picture: Image.Image
    times: tuple[float, ...]
    digest: str


@dataclass(frozen=True)
class Sent:
    """A request.

    Attributes:
        shots: pictures in their order.
        words: all text of the user and of tools.
        tail: the text after the last picture.
        options: letter to text.
        schema: JSON schema of the answer; None for free text.
        alternatives: how many likeliest tokens are wanted; None for no log-probabilities.
        tokens: prompt tokens, estimated.
        digest: of all that the reply may depend on.
    """

    shots: tuple[Shot, ...]
    words: str
    tail: str
    options: dict[str, str]
    schema: dict[str, Any] | None
    alternatives: int | None
    most: int
    tokens: int
    digest: str


def read_request(body: dict[str, Any], *, schemas: bool = True, lists: bool = False) -> Sent:
    """Read a chat completion request.

    Args:
        body: as it came.
        schemas: honour `response_format`, `structured_outputs` and `guided_json`.
        lists: accept frames as one `data:video/jpeg`, timed by `media_io_kwargs`.

    Raises:
        BadRequest: it is malformed, or holds media that this server does not take.
    """
    shots: list[Shot] = []
    words: list[str] = []
    after: list[str] = []
    try:
        for message in body["messages"]:
            if message["role"] not in ("user", "tool"):
                continue
            before = ""
            for part in _parts(message):
                if part["type"] == "text":
                    before = part["text"]
                    words.append(before)
                    after.append(before)
                    continue
                shots += _shots(part, before, body, lists)
                before = ""
                after = []
    except (KeyError, TypeError, IndexError) as error:
        raise BadRequest(f"malformed request: {error!r}") from error
    tail = "\n".join(after)
    schema = _schema(body) if schemas else None
    if not (schema or {}).get("properties") and not (schema or {}).get("$ref"):
        schema = _keys_in(tail) or schema
    return Sent(
        shots=tuple(shots),
        words="\n".join(words),
        tail=tail,
        options=dict(_OPTION.findall(tail)),
        schema=schema,
        alternatives=int(body.get("top_logprobs") or 0) if body.get("logprobs") else None,
        most=int(body.get("max_tokens") or body.get("max_completion_tokens") or 4096),
        tokens=_tokens(shots, words),
        digest=hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest(),
    )


def read_times(text: str) -> tuple[float, ...]:
    """Return the times that a text names, seconds, in their order and without repeats."""
    found: dict[float, None] = {}
    for match in _TIME.finditer(text):
        part = match.groupdict()
        if part["n"] or part["t"]:
            second = float(part["n"] or part["t"])
        else:
            second = int(part["h"] or 0) * 3600 + int(part["m"]) * 60 + float(part["s"])
        found[second] = None
    return tuple(found)


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content") or ""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _shots(part: dict[str, Any], before: str, body: dict[str, Any], lists: bool) -> list[Shot]:
    if part["type"] == "image_url":
        url = part["image_url"]["url"]
        if not url.startswith("data:image/"):
            raise BadRequest("only data URIs of images are taken")
        return [_shot(url.split(",", 1)[1], read_times(before))]
    url = part.get("video_url", {}).get("url", "")
    if not (lists and url.startswith(LIST)):
        raise BadRequest(f"this server takes no {part['type']}")
    timing = body["media_io_kwargs"]["video"]
    times = [index / timing["fps"] for index in timing["frames_indices"]]
    frames = url.removeprefix(LIST).split(",")
    return [_shot(text, (time,)) for text, time in zip(frames, times, strict=True)]


def _shot(text: str, times: tuple[float, ...]) -> Shot:
    try:
        raw = base64.b64decode(text, validate=True)
        picture = Image.open(io.BytesIO(raw))
        picture.load()
    except (binascii.Error, UnidentifiedImageError, OSError) as error:
        raise BadRequest(f"an image cannot be read: {error}") from error
    return Shot(picture.convert("RGB"), times, hashlib.sha1(raw).hexdigest())


def _schema(body: dict[str, Any]) -> dict[str, Any] | None:
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        return form["json_schema"]["schema"]
    if form.get("type") == "json_object":
        return {"type": "object"}
    return (body.get("structured_outputs") or {}).get("json") or body.get("guided_json")


def _keys_in(tail: str) -> dict[str, Any] | None:
    """Return the keys of a JSON object that a prompt describes in words, None for none."""
    keys = list(dict.fromkeys(re.findall(r'"(\w+)"\s*:', tail)))
    return {KEYS: keys} if keys and "json" in tail.lower() else None


def _tokens(shots: list[Shot], words: list[str]) -> int:
    sides = ((-(-n // _TOKEN_SIDE) for n in shot.picture.size) for shot in shots)
    return 30 + sum(len(text) for text in words) // 4 + sum(w * h for w, h in sides)
