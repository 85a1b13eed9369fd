"""The chat model behind the LLM planner, and the journal that makes its replies repeatable.

`Chat` is the seam: an endpoint client satisfies it by shape. Whatever a model says is cut to a
bounded length and made storable before anything else looks at it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..index.video.errors import EndpointError
from ..models.client.client import TimeUp
from ..models.client.usage import Usage, metered
from .runs.events import Events
from .runs.trace import Trace

Message = dict[str, str]
"""`role` (system, user or assistant) and `content`."""

LONGEST_REPLY = 16_000
"""Characters of a reply that are kept; a plan is a few hundred."""


class ChatReply(Protocol):
    """What a chat model says, and what it cost."""

    @property
    def text(self) -> str:
        """The reply in words: JSON where a schema was given."""
        ...

    @property
    def tokens_in(self) -> int:
        """Tokens read, cached ones included."""
        ...

    @property
    def tokens_out(self) -> int:
        """Tokens written, hidden reasoning included."""
        ...


class Chat(Protocol):
    """A language model that plans. Retries, time-outs and keys are its own affair."""

    @property
    def id(self) -> str:
        """Name and version, as written into answers and run records."""
        ...

    def complete(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any], max_tokens: int
    ) -> ChatReply:
        """Return the reply to a conversation.

        Args:
            messages: system first, then user and assistant in turn; text only.
            schema: JSON schema that the reply should fit. It is checked again afterwards, so a
                server that cannot constrain its output may leave it aside.
            max_tokens: the most tokens to write.

        Raises:
            EndpointError: there is no reply to be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A reply as kept: text of bounded length, tokens, and the seconds it took.

    Attributes:
        tokens_in, tokens_out: of this reply and of those that its client sent back for repair.
        cached: tokens of `tokens_in` that came from the server's prefix cache.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float = 0.0
    cached: int = 0


@dataclass(frozen=True, slots=True)
class JournaledChat:
    """Writes every reply to the trace before it is used, and reads it back after a kill.

    A run that is taken up again therefore plans as it would have without the kill, and pays for
    no reply twice.
    """

    chat: Chat
    trace: Trace
    events: Events

    @property
    def id(self) -> str:
        """The chat's own."""
        return self.chat.id

    def complete(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any], max_tokens: int
    ) -> Said:
        """Return the journal's reply to this very request, else ask the chat."""
        key = request_key(messages, schema, max_tokens)
        told = self.trace.recall_reply(key)
        if told is not None:
            return Said(
                told["text"], told["tokens_in"], told["tokens_out"], told["seconds"],
                told.get("cached", 0),
            )  # fmt: skip
        began = time.monotonic()
        try:
            with metered() as meter:
                reply = self.chat.complete(messages, schema=schema, max_tokens=max_tokens)
        except EndpointError as error:
            # for a replay; a run that is taken up again asks once more
            late = isinstance(error, TimeUp)
            self.events.emit("planner.failed", key=key, message=error.message, late=late)
            raise
        said = as_said(reply, round(time.monotonic() - began, 3), meter.total)
        self.events.emit(
            "planner.reply", key=key, text=said.text, tokens_in=said.tokens_in,
            tokens_out=said.tokens_out, seconds=said.seconds, cached=said.cached,
        )  # fmt: skip
        return said


def as_said(reply: ChatReply, seconds: float = 0.0, used: Usage | None = None) -> Said:
    """Return a reply cut to its longest length, in characters that can be written down.

    Args:
        reply: as it came.
        seconds: how long it took.
        used: what its client metered, replies that it sent back for repair included.
    """
    used = used or Usage()
    text = str(reply.text or "")[:LONGEST_REPLY]
    return Said(
        storable(text),
        max(0, int(reply.tokens_in), used.tokens_in),
        max(0, int(reply.tokens_out), used.tokens_out),
        seconds,
        used.cached,
    )


def storable(text: str) -> str:
    """Replace lone surrogates, which a model may write as an escape and UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def request_key(messages: Sequence[Message], schema: Mapping[str, Any], max_tokens: int) -> str:
    """Name a request by the first 16 hex of the sha256 of its content."""
    value = json.dumps([list(messages), schema, max_tokens], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(value.encode()).hexdigest()[:16]
