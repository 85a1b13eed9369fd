"""One logical request to a model server, from its first attempt to a usable answer or a fault.

A request is written by the detected capabilities of the server, changed where the server refuses
it, and sent back once for repair where the answer is none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .adaptation import Form, adapted, looser
from .capabilities import Capabilities
from .completion import Completion, read_completion
from .parsing import read_object
from .transport.fault import Fault
from .transport.http import HttpClient
from .transport.retry import Breaker, Tally, persist
from .transport.stated_limits import overflow
from .usage import Usage, note

EMPTIES = 3  # empty replies before the model is told that they were empty
PLAIN_AFTER = 2  # server faults in a row before optional fields are left out
SHOWN = 120  # characters of an unusable answer that a message shows
Fits = Callable[[Completion], str | None]


class ChatRequest(Protocol):
    """What is asked, in a form that can be made lighter or sent back for repair."""

    @property
    def view(self) -> str:
        """How much is shown, in words."""
        ...

    @property
    def shown(self) -> tuple[int, int]:
        """How many frames are shown, and how many pixels together."""
        ...

    def messages(self, known: Capabilities) -> list[dict[str, Any]]:
        """Return the chat messages, as a server with these capabilities takes them."""
        ...

    def images(self, known: Capabilities) -> int:
        """Return how many images the messages carry."""
        ...

    def extra(self, known: Capabilities) -> dict[str, Any]:
        """Return the request fields that the messages need beside them."""
        ...

    def repaired(self, answer: str, complaint: str) -> ChatRequest:
        """Return it with an unusable answer and what is wrong with it."""
        ...

    def lighter(self, share: float) -> ChatRequest | None:
        """Return it with about this share of its size, None where it has no smaller form."""
        ...


@dataclass
class Call:
    """A logical request on its way.

    Attributes:
        model: its name on the server.
        http: one attempt at the server.
        breaker: of the server.
        keep: remembers what a request that succeeded found out about the server.
        tally: attempts so far.
        request: what is asked, as it goes out next.
        known: what the server can do, as far as known.
        max_tokens: the longest answer.
        schema: JSON schema that the reply is bound to.
        logprobs: ask for log-probabilities.
        fits: says what is wrong with an answer, None when nothing is.
        usage: what was used up so far.
    """

    model: str
    http: HttpClient
    breaker: Breaker
    keep: Callable[[Capabilities], None]
    tally: Tally
    request: ChatRequest
    known: Capabilities
    max_tokens: int
    schema: Mapping[str, Any] | None
    logprobs: bool
    fits: Fits | None
    usage: Usage = field(default_factory=Usage)
    _empties: int = 0
    _server_faults: int = 0
    _lightened: int = 0

    def answer(self) -> Completion:
        """Return an answer that fits.

        Raises:
            Fault: there is none within the limits.
        """
        complaint, said = "it was empty", ""
        completion = self._try()
        if completion is not None:
            complaint, said = self._complaint(completion), completion.text
        if completion is not None and not complaint:
            return completion
        self.request = self.request.repaired(said, complaint)
        completion = self._try()
        again = "it was empty" if completion is None else self._complaint(completion)
        if completion is None or again:
            wrote = f"; it wrote {completion.text[:SHOWN]!r}" if completion else ""
            raise Fault("unfit", f"no usable answer, asked twice: {again}{wrote}")
        return completion

    def _complaint(self, completion: Completion) -> str:
        """Return what is wrong with an answer, empty for nothing."""
        return (self.fits(completion) or "") if self.fits is not None else ""

    def _try(self) -> Completion | None:
        """Return an answer of whatever worth, None for nothing but empty ones.

        Raises:
            Fault: there is none.
        """
        while True:
            self._empties = self._server_faults = 0
            try:
                found = persist(self._attempt, self.tally, self.breaker)
            except Fault as fault:
                if not self._changed(fault) or self.tally.spent:
                    raise
            else:
                if self._lightened and self.request.shown[0]:
                    self.known = replace(self.known, shown=self.request.shown)
                self.keep(self.known)
                return found

    def _changed(self, fault: Fault) -> bool:
        """Change the request so that it may succeed; False where there is nothing to change."""
        if fault.kind == "too_large":
            return self._made_lighter(fault)
        images, room = self.request.images(self.known), self.known.room(self.max_tokens)
        form = Form(self.known, self.schema is not None, self.logprobs, images, room)
        known = adapted(form, fault)
        if known is None:
            return False
        self.known = known
        self.tally.changed += 1
        return True

    def _made_lighter(self, fault: Fault) -> bool:
        found = overflow(f"{fault.said} {fault.marks}")
        # a server that names the same numbers again does not count what was left out
        share = 0.5 ** max(1, self._lightened)
        if found is not None:
            self.known = replace(self.known, context=found[0])
            told = max(0.02, 0.9 * found[0] / found[1])
            share = min(told, share) if self._lightened else told
        self._lightened += 1
        lighter = self.request.lighter(share)
        if lighter is None:
            return False
        note(f"{self.request.view} are too much for {self.model}: {lighter.view} were shown")
        self.request = lighter
        return True

    def _attempt(self) -> Completion | None:
        began, known = time.monotonic(), self.known
        if self._server_faults >= PLAIN_AFTER:
            # some servers fail over fields that they do not know
            known = replace(known, logprobs=0, binding="plain")
        fields = known.fields(self.max_tokens, schema=self.schema, logprobs=self.logprobs)
        body = {"model": self.model, **fields, **self.request.extra(known)}
        body["messages"] = self.request.messages(known)
        images = self.request.images(known)
        try:
            reply = self.http.complete(body, self.tally.seconds_left, images)
            completion = read_completion(reply, images)
        except Fault as fault:
            self._server_faults = self._server_faults + 1 if fault.kind == "server" else 0
            self._empties += fault.kind == "empty"
            if self._empties >= EMPTIES:
                return None
            raise
        completion = replace(completion, seconds=time.monotonic() - began)
        self.usage += Usage(
            tokens_in=completion.tokens_in,
            tokens_out=completion.tokens_out,
            cached=completion.cached,
        )
        self._look_at(known, completion)
        return completion

    def _look_at(self, sent: Capabilities, completion: Completion) -> None:
        """Learn from a reply what the server did with the request.

        Raises:
            Fault: `exhausted`: its length was used up before there was an answer.
        """
        known = self.known
        bound = self.schema is not None
        unread = bound and read_object(completion.text) is None
        # with more room too it was cut, but only after the part that is wanted
        begun = known.reasoning_tokens > 0 and completion.text.startswith("{")
        begun = begun and self.fits is not None and not self._complaint(completion)
        if completion.finish == "length" and (not completion.text or (unread and not begun)):
            written = "reasoning" if completion.reasoning else "an unfinished answer"
            said = f"{sent.room(self.max_tokens)} tokens were all spent on {written}"
            raise Fault("exhausted", f"{said} (finish_reason length)", 200)
        if completion.reasoning and not known.reasoning_tokens:
            known = replace(known, reasoning_tokens=2048)
        alternatives = max((len(told) for _, told in completion.tokens), default=0)
        if self.logprobs and sent.logprobs and alternatives < 2:
            why = "none came with the reply"
            known = known.without("logprobs", why, logprobs=0)
        if unread and sent.binding != "plain" and sent.binding == known.binding:
            known = looser(known, f"it wrote {completion.text[:20]!r} instead of the JSON")
        self.known = replace(
            known,
            counts_tokens=completion.has_usage,
            caches_prompts=known.caches_prompts or completion.has_cached,
        )
