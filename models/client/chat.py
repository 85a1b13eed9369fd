"""The served chat model: planning and understanding by an OpenAI-compatible endpoint, text only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...prompts import render
from .capabilities import Capabilities
from .client import EndpointClient
from .completion import Completion
from .parsing import read_object, storable
from .transport.address import Address


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages as they are, system first; a repair comes after them.

    Attributes:
        told: the messages, `role` and `content` in words.
        schema: JSON schema of the reply, sent in words where the server cannot be bound to it.
        turns: answers and corrections after the messages.
        added: words after the last message.
    """

    told: tuple[Mapping[str, str], ...]
    schema: Mapping[str, Any] | None = None
    turns: tuple[dict[str, Any], ...] = ()
    added: str = ""

    @property
    def view(self) -> str:
        """How much is sent."""
        return f"{len(self.told)} messages"

    @property
    def shown(self) -> tuple[int, int]:
        """No frames, no pixels."""
        return 0, 0

    def messages(self, known: Capabilities) -> list[dict[str, Any]]:
        """Return the chat messages."""
        messages = [{**message, "content": message["content"]} for message in self.told]
        added = self.added
        if self.schema is not None and known.binding in ("json_object", "plain"):
            added = f"\n{render('vlm_schema', schema=json.dumps(self.schema))}{added}"
        messages[-1]["content"] += added
        if not known.system and messages[0]["role"] == "system" and len(messages) > 1:
            system, first, *rest = messages
            messages = [{**first, "content": f"{system['content']}\n\n{first['content']}"}, *rest]
        return [storable(message) for message in (*messages, *self.turns)]

    def images(self, known: Capabilities) -> int:
        """Return 0: there are none."""
        return 0

    def extra(self, known: Capabilities) -> dict[str, Any]:
        """Return no further fields."""
        return {}

    def repaired(self, answer: str, complaint: str) -> Conversation:
        """Return it with an unusable answer and what is wrong with it."""
        words = render("vlm_repair", complaint=complaint)
        if not answer:
            # two turns of the user in a row are refused by many chat templates
            return replace(self, added=f"{self.added}\n{words}")
        said = {"role": "assistant", "content": answer[:500]}
        return replace(self, turns=(*self.turns, said, {"role": "user", "content": words}))

    def lighter(self, share: float) -> Conversation | None:
        """Return None: every message is needed."""
        return None


class ServedChat:
    """A chat model behind a server (see agent/chat.py for the contract).

    Args:
        client: the model; what its server can do is found with the first requests.
    """

    def __init__(self, client: EndpointClient) -> None:
        self.client = client
        self.id = str(Address(client.model, client.base_url))

    def __repr__(self) -> str:
        return f"ServedChat({self.id})"

    def complete(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 2048,
    ) -> Completion:
        """Return the reply to a conversation, bound to the schema as well as the server can.

        Args:
            messages: system first, then user and assistant in turn; text only.
            schema: JSON schema that the reply should fit; None for words.
            max_tokens: the longest reply; room for hidden reasoning comes on top.

        Returns:
            The reply without the reasoning before it; with a schema, its JSON object alone where
            there is one.

        Raises:
            EndpointProblem: there is no reply to be had.
        """
        conversation = Conversation(tuple(dict(message) for message in messages), schema)
        reply = self.client.complete(conversation, max_tokens=max_tokens, schema=schema)
        found = read_object(reply.text) if schema is not None else None
        return reply if found is None else replace(reply, text=json.dumps(found))
