"""The served chat model: the planning side of an OpenAI-compatible endpoint, text only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .address import Address
from .capabilities import Dialect
from .client import EndpointClient
from .completion import Completion
from .known import dialect_of
from .media import JpegCache
from .prompt import Prompt


@dataclass(frozen=True)
class Conversation(Prompt):
    """Messages as they are, system first; a repair comes after them.

    Attributes:
        told: the messages, `role` and `content` in words.
    """

    told: tuple[dict[str, str], ...] = ()

    def messages(self, jpegs: JpegCache) -> list[dict[str, Any]]:
        """Return the chat messages."""
        *before, last = self.told
        return [*before, {**last, "content": last["content"] + self.asked}, *self.turns]


class ServedChat:
    """A chat model behind a server (see agent/chat.py for the contract).

    Args:
        client: the model.
        dialect: what it was proven to do; probed or recalled when it is first needed.
    """

    def __init__(self, client: EndpointClient, dialect: Dialect | None = None) -> None:
        self.client = client
        self.id = str(Address(client.model, client.base_url))
        if dialect is not None:
            self.dialect = dialect

    def __repr__(self) -> str:
        return f"ServedChat({self.id})"

    @cached_property
    def dialect(self) -> Dialect:
        """What the server was proven to do."""
        return dialect_of(self.client)

    def complete(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any], max_tokens: int
    ) -> Completion:
        """Return the reply to a conversation, bound to the schema where the server can do that.

        Raises:
            EndpointProblem: there is no usable reply.
        """
        return self.client.complete(
            Conversation("", told=tuple(dict(message) for message in messages)),
            max_tokens=max_tokens,
            token_field=self.dialect.token_field,
            **self.dialect.bound(dict(schema)),
        )
