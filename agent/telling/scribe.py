"""The chat model at work on a telling: asked within a budget, its replies kept and read back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

from ...index.progress import Listener, Meter
from ...index.video.errors import EndpointError
from ...models.client.transport.deadline import ends_within
from ...models.client.transport.problems import TimeUp
from ...models.client.usage import metered, side_by_side
from ...prompts import render
from ...tools.types import Cost
from ..chat import Chat, Said, as_said, estimated_tokens
from ..cost.budget import Budget, Spent
from ..cost.rates import Rates
from ..json_reply import first_object
from .shelf import Shelf

ROLE = "planner"
AT_ONCE = 4
Item = TypeVar("Item")
Reply = dict[str, Any]


class Scribe:
    """Asks a chat model; safe to use from several threads.

    Args:
        chat: the model.
        shelf: where its replies are kept.
        budget: limits of all requests together.
        rates: what the model costs; None where nothing is known of it.

    Attributes:
        spent: what the requests of this telling used; replies that were read back cost nothing.
        stopped: what ended the asking, `budget` or `endpoint`; empty while all is well.
        reason: the same in words.
        unread: replies that held nothing that could be used.
    """

    def __init__(self, chat: Chat, shelf: Shelf, budget: Budget, rates: Rates | None) -> None:
        self._chat, self._shelf, self._budget, self._rates = chat, shelf, budget, rates
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._under_way = 0
        self.spent = Spent()
        self.stopped: Literal["", "budget", "endpoint"] = ""
        self.reason = ""
        self.unread = 0

    def ask(
        self, prompt: str, schema: Mapping[str, Any], max_tokens: int, **values: object
    ) -> Reply | None:
        """Return the model's reply to a prompt, None where there is none to be had."""
        messages = [
            {"role": "system", "content": render("tell_system")},
            {"role": "user", "content": render(prompt, **values)},
        ]
        made_from = {"chat": self._chat.id, "messages": messages, "most": max_tokens}
        kept = self._shelf.get(made_from)
        if kept is None:
            text = self._reply(messages, schema, max_tokens)
            if text is None:
                return None
            kept = {"text": text}
            self._shelf.put(made_from, kept)
        try:
            return first_object(kept["text"])
        except ValueError:
            with self._lock:
                self.unread += 1
            return None

    def ask_each(
        self,
        ask: Callable[[Item], Reply | None],
        items: Sequence[Item],
        stage: str,
        progress: Listener | None,
    ) -> list[Reply | None]:
        """Return the replies to several requests, made side by side."""
        meter = Meter(progress, stage, len(items), "requests")
        done = 0
        replies: list[Reply | None] = []
        for first in range(0, len(items), AT_ONCE):
            replies += side_by_side(ask, items[first : first + AT_ONCE], AT_ONCE)
            done = min(len(items), first + AT_ONCE)
            meter.tell(done)
        return replies

    def _reply(
        self, messages: list[dict[str, str]], schema: Mapping[str, Any], max_tokens: int
    ) -> str | None:
        with self._lock:
            spent = self._spent_by_now()
            wanted = estimated_tokens(messages)
            room = self._budget.max_tokens - spent.tokens_in - spent.tokens_out - wanted
            limit = self._budget.exhausted(spent)
            if not limit and room < max_tokens:
                limit = f"tokens: {max(0, room)} left of {self._budget.max_tokens}"
            if limit:
                self._stop("budget", f"the budget is spent ({limit})")
            if self.stopped:
                return None
            self._under_way += 1
        began = time.monotonic()
        try:
            with ends_within(self._budget.seconds_left(spent)), metered() as meter:
                reply = self._chat.complete(messages, schema=schema, max_tokens=max_tokens)
            said = reply if isinstance(reply, Said) else as_said(reply, used=meter.total)
        except EndpointError as error:
            with self._lock:
                late = isinstance(error, TimeUp)
                self._stop("budget" if late else "endpoint", error.message)
                self._under_way -= 1
            return None
        cost = Cost(0, 0, 1, said.tokens_in, said.tokens_out, said.cached)
        usd = self._rates.usd(ROLE, cost) if self._rates else None
        with self._lock:
            self._under_way -= 1
            self.spent = self.spent.charge(cost, time.monotonic() - began, usd)
        return said.text

    def _stop(self, what: Literal["budget", "endpoint"], reason: str) -> None:
        if not self.stopped:
            self.stopped, self.reason = what, reason

    def _spent_by_now(self) -> Spent:
        """Return what is spent, requests under way as calls; seconds are those of the clock."""
        calls = self.spent.model_calls + self._under_way
        return replace(self.spent, model_calls=calls, seconds=time.monotonic() - self._began)

    def usage(self) -> dict[str, Any]:
        """Return calls, tokens, seconds and US dollars of this telling."""
        spent = self.spent
        known = self._rates is not None and bool(self._rates.prices) and not self._rates.unknown
        return {
            "model_calls": spent.model_calls,
            "tokens_in": spent.tokens_in,
            "tokens_out": spent.tokens_out,
            "seconds": round(time.monotonic() - self._began, 3),
            "usd": spent.usd if known else None,
        }
