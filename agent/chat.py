"""The chat model that reads the question and may plan.

`Chat` is the seam: an endpoint client satisfies it by shape. Whatever a model says is cut to a
bounded length and made storable before anything else looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..models.client.parsing import storable
from ..models.client.usage import Usage

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


def estimated_tokens(messages: Sequence[Message]) -> int:
    """Return more tokens than a prompt has: two bytes each, where text has three to four."""
    return sum(len(message["content"].encode()) // 2 + 16 for message in messages)


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
