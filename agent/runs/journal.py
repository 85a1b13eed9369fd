"""The journal of a chat model: a reply is kept before it is used, and read back after a kill."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ...index.video.errors import EndpointError
from ...models.client.transport.problems import TimeUp
from ...models.client.usage import metered
from ..chat import Chat, Message, Said, as_said
from .events import Events
from .trace import Trace


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
            return Said(**{name: told[name] for name in Said.__slots__})
        began = time.monotonic()
        try:
            with metered() as meter:
                reply = self.chat.complete(messages, schema=schema, max_tokens=max_tokens)
        except EndpointError as error:
            # for a replay; a run that is taken up again asks once more
            late = isinstance(error, TimeUp)
            self.events.emit("chat.failed", key=key, message=error.message, late=late)
            raise
        said = as_said(reply, round(time.monotonic() - began, 3), meter.total)
        self.events.emit("chat.reply", key=key, **asdict(said))
        return said


def request_key(messages: Sequence[Message], schema: Mapping[str, Any], max_tokens: int) -> str:
    """Name a request by the first 16 hex of the sha256 of its content."""
    value = json.dumps([list(messages), schema, max_tokens], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(value.encode()).hexdigest()[:16]
