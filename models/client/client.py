"""The client of an OpenAI-compatible server: one question in, one usable answer or one error out.

Under it lie HTTP (one attempt) and the retry layer. Here a request is written by the detected
capabilities of the server, changed where the server refuses it, sent back once for repair where the
answer is none, and what remains becomes an `EndpointProblem` with a remedy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .adaptation import Form, adapted, looser
from .address import check_model, clean_url, read_address
from .capabilities import Capabilities, recall, remember
from .completion import Completion, read_completion
from .credentials import Key, read_key
from .deadline import current_end
from .http import HttpClient
from .parsing import read_object
from .problems import REMEDIES, EndpointProblem, TimeUp, network_settings
from .refusals import overflow
from .retry import Breaker, Fault, Limits, Tally, persist
from .usage import Usage, note, spend

LATE = 0.5  # seconds before the end in which no other attempt is worth while
EMPTIES = 3  # empty replies before the model is told that they were empty
FIRST_LOOK = 3  # attempts at the list of models, which nothing depends on
PLAIN_AFTER = 2  # server faults in a row before optional fields are left out
SHOWN = 120  # characters of an unusable answer that a message shows
Fits = Callable[[Completion], str | None]
_LENGTHS = (
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "loaded_context_length",
    "n_ctx",
)


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
class _Call:
    """A logical request on its way."""

    request: ChatRequest
    known: Capabilities
    max_tokens: int
    schema: Mapping[str, Any] | None
    logprobs: bool
    fits: Fits | None
    tally: Tally
    usage: Usage = field(default_factory=Usage)
    empties: int = 0
    server_faults: int = 0
    lightened: int = 0

    @property
    def form(self) -> Form:
        """How it goes out."""
        images, room = self.request.images(self.known), self.known.room(self.max_tokens)
        return Form(self.known, self.schema is not None, self.logprobs, images, room)

    def complaint(self, completion: Completion) -> str:
        """Return what is wrong with an answer, empty for nothing."""
        return (self.fits(completion) or "") if self.fits is not None else ""


class EndpointClient:
    """One model behind one base URL; safe to share between threads.

    Args:
        base_url: as the server documents it, most often ending in `/v1`.
        model: its name there.
        key: signs the requests.
        limits: timeouts and attempts.
        known: what the server can do; recalled, or found with the first requests, when None.

    Raises:
        UsageError: the URL is none.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        key: Key | None = None,
        limits: Limits | None = None,
        known: Capabilities | None = None,
    ) -> None:
        self.base_url = clean_url(base_url)
        self.model = check_model(model)
        self.limits = limits or Limits()
        self._known = known
        self._lock = threading.RLock()
        self._breaker = Breaker(self.limits.breaker_after, self.limits.breaker_rest)
        self._http = HttpClient(self.base_url, key or Key(None), self.limits)

    def __repr__(self) -> str:
        return f"EndpointClient({self.model} at {self.base_url})"

    @property
    def capabilities(self) -> Capabilities:
        """What the server was found to do so far; the first time its context length is looked up.

        Raises:
            EndpointProblem: it cannot be reached.
        """
        with self._lock:
            if self._known is None:
                kept = recall(self.base_url, self.model)
                self._known = kept or Capabilities(context=self._context(), since=time.time())
            return self._known

    def learn(self, **found: Any) -> None:
        """Remember what was found out about the server (see `Capabilities`)."""
        with self._lock:
            before = self.capabilities
            self._known = replace(before, **found)
            if self._known != before:
                remember(self.base_url, self.model, self._known)

    def complete(
        self,
        request: ChatRequest,
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        logprobs: bool = False,
        fits: Fits | None = None,
    ) -> Completion:
        """Return the model's answer.

        Args:
            request: what is asked.
            max_tokens: the longest answer; room for hidden reasoning comes on top.
            schema: JSON schema that the reply is bound to, as well as the server can.
            logprobs: ask for log-probabilities, where the server gives them.
            fits: says what is wrong with an answer, None when nothing is.

        Raises:
            EndpointProblem: there is no usable answer within the limits.
        """
        call = _Call(
            request,
            self.capabilities,
            max_tokens,
            schema,
            logprobs,
            fits,
            Tally.begin(self.limits),
        )
        try:
            return self._answer(call)
        except Fault as fault:
            problem = self._problem(fault, call.tally)
        finally:
            spend(call.usage + Usage(requests=1, attempts=call.tally.attempts))
        # outside the handler, so that nothing below is chained to it
        raise problem

    def list_models(self, attempts: int | None = None) -> list[dict[str, Any]]:
        """Return what the server says of its models, a dict with an `id` each.

        Args:
            attempts: the most attempts, the client's own limit when None.

        Raises:
            EndpointProblem: it does not say.
        """
        limits = self.limits if attempts is None else replace(self.limits, attempts=attempts)
        tally = Tally.begin(limits)
        try:
            listed = persist(
                lambda: self._http.list_models(tally.seconds_left),
                tally,
                self._breaker,
                by_model=False,
            )
        except Fault as fault:
            problem = self._problem(fault, tally)
        else:
            if isinstance(listed, dict):
                listed = listed.get("data") or listed.get("models")
            rows = [row for row in listed or () if isinstance(row, dict)] if listed else []
            rows = [{"id": row.get("name"), **row} for row in rows]
            return [row for row in rows if isinstance(row["id"], str)]
        raise problem

    def transcribe(self, fields: dict[str, Any], sound: bytes) -> dict[str, Any]:
        """Return what the server hears in a WAV file, as its reply says it.

        Args:
            fields: of the form beside `model` and the file, see `/v1/audio/transcriptions`.
            sound: the file.

        Raises:
            EndpointProblem: there is no usable reply within the limits.
        """
        tally = Tally.begin(self.limits)
        form = {"model": self.model, **fields}

        def attempt() -> dict[str, Any]:
            reply = self._http.transcribe(form, sound, tally.seconds_left)
            if not isinstance(reply, dict) or not isinstance(reply.get("text"), str):
                raise Fault("garbled", "status 200 without a transcription's text", 200)
            return reply

        try:
            return persist(attempt, tally, self._breaker)
        except Fault as fault:
            problem = self._problem(fault, tally)
        finally:
            spend(Usage(requests=1, attempts=tally.attempts))
        raise problem

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._http.close()

    def _context(self) -> int | None:
        """Return how many tokens fit, None where the server does not say."""
        try:
            rows = self.list_models(attempts=min(FIRST_LOOK, self.limits.attempts))
        except EndpointProblem as problem:
            # the list is no proof either way: some keys may not read it, some servers have none
            if problem.kind in ("connection", "open") or isinstance(problem, TimeUp):
                raise
            return None
        row = next((row for row in rows if row["id"] == self.model), {})
        # one level deeper in llama.cpp and OpenRouter
        rows = [row, *(row[name] for name in ("meta", "top_provider") if name in row)]
        rows = [row for row in rows if isinstance(row, dict)]
        lengths = (row.get(name) for row in rows for name in _LENGTHS)
        return next((n for n in lengths if type(n) is int and n > 0), None)

    def _answer(self, call: _Call) -> Completion:
        complaint, said = "it was empty", ""
        completion = self._try(call)
        if completion is not None:
            complaint, said = call.complaint(completion), completion.text
        if completion is not None and not complaint:
            return completion
        call.request = call.request.repaired(said, complaint)
        completion = self._try(call)
        again = "it was empty" if completion is None else call.complaint(completion)
        if completion is None or again:
            wrote = f"; it wrote {completion.text[:SHOWN]!r}" if completion else ""
            raise Fault("unfit", f"no usable answer, asked twice: {again}{wrote}")
        return completion

    def _try(self, call: _Call) -> Completion | None:
        """Return an answer of whatever worth, None for nothing but empty ones.

        Raises:
            Fault: there is none.
        """
        while True:
            call.empties = call.server_faults = 0
            try:
                found = persist(lambda: self._attempt(call), call.tally, self._breaker)
            except Fault as fault:
                if not self._changed(call, fault) or call.tally.spent:
                    raise
            else:
                if call.lightened and call.request.shown[0]:
                    call.known = replace(call.known, shown=call.request.shown)
                self._keep(call.known)
                return found

    def _changed(self, call: _Call, fault: Fault) -> bool:
        """Change a request so that it may succeed; False where there is nothing to change."""
        if fault.kind == "too_large":
            return self._lightened(call, fault)
        known = adapted(call.form, fault)
        if known is None:
            return False
        call.known = known
        call.tally.changed += 1
        return True

    def _lightened(self, call: _Call, fault: Fault) -> bool:
        found = overflow(f"{fault.said} {fault.marks}")
        # a server that names the same numbers again does not count what was left out
        share = 0.5 ** max(1, call.lightened)
        if found is not None:
            call.known = replace(call.known, context=found[0])
            told = max(0.02, 0.9 * found[0] / found[1])
            share = min(told, share) if call.lightened else told
        call.lightened += 1
        lighter = call.request.lighter(share)
        if lighter is None:
            return False
        note(f"{call.request.view} are too much for {self.model}: {lighter.view} were shown")
        call.request = lighter
        return True

    def _attempt(self, call: _Call) -> Completion | None:
        began, known = time.monotonic(), call.known
        if call.server_faults >= PLAIN_AFTER:
            # some servers fail over fields that they do not know
            known = replace(known, logprobs=0, binding="plain")
        fields = known.fields(call.max_tokens, schema=call.schema, logprobs=call.logprobs)
        body = {"model": self.model, **fields, **call.request.extra(known)}
        body["messages"] = call.request.messages(known)
        images = call.request.images(known)
        try:
            reply = self._http.complete(body, call.tally.seconds_left, images)
            completion = read_completion(reply, images)
        except Fault as fault:
            call.server_faults = call.server_faults + 1 if fault.kind == "server" else 0
            call.empties += fault.kind == "empty"
            if call.empties >= EMPTIES:
                return None
            raise
        completion = replace(completion, seconds=time.monotonic() - began)
        call.usage += Usage(
            tokens_in=completion.tokens_in,
            tokens_out=completion.tokens_out,
            cached=completion.cached,
        )
        self._look_at(call, known, completion)
        return completion

    def _look_at(self, call: _Call, sent: Capabilities, completion: Completion) -> None:
        """Learn from a reply what the server did with the request.

        Raises:
            Fault: `exhausted`: its length was used up before there was an answer.
        """
        known = call.known
        bound = call.schema is not None
        unread = bound and read_object(completion.text) is None
        # with more room too it was cut, but only after the part that is wanted
        begun = known.reasoning_tokens > 0 and completion.text.startswith("{")
        begun = begun and call.fits is not None and not call.complaint(completion)
        if completion.finish == "length" and (not completion.text or (unread and not begun)):
            written = "reasoning" if completion.reasoning else "an unfinished answer"
            said = f"{sent.room(call.max_tokens)} tokens were all spent on {written}"
            raise Fault("exhausted", f"{said} (finish_reason length)", 200)
        if completion.reasoning and not known.reasoning_tokens:
            known = replace(known, reasoning_tokens=2048)
        alternatives = max((len(told) for _, told in completion.tokens), default=0)
        if call.logprobs and sent.logprobs and alternatives < 2:
            why = "none came with the reply"
            known = known.without("logprobs", why, logprobs=0)
        if unread and sent.binding != "plain" and sent.binding == known.binding:
            known = looser(known, f"it wrote {completion.text[:20]!r} instead of the JSON")
        call.known = replace(
            known,
            counts_tokens=completion.has_usage,
            caches_prompts=known.caches_prompts or completion.has_cached,
        )

    def _keep(self, known: Capabilities) -> None:
        """Remember what a call that succeeded found out, beside what others found meanwhile."""
        names = known.__slots__
        before = self.capabilities
        found = {n: getattr(known, n) for n in names if getattr(known, n) != getattr(before, n)}
        if found:
            self.learn(**found)

    def _problem(self, fault: Fault, tally: Tally) -> EndpointProblem:
        if fault.passing and current_end() <= time.monotonic() + LATE:
            return TimeUp(f"{self.model} at {self.base_url}: the question's time is up")
        tried = f" ({tally.attempts} attempts)" if tally.attempts > 1 else ""
        return EndpointProblem(
            f"{self.model or 'the server'} at {self.base_url}: {fault.said}{tried}",
            fault.remedy or REMEDIES[fault.kind].format(url=self.base_url),
            fault.kind,
            fault.said,
        )


_CLIENTS: dict[tuple[str, Key, tuple[str | None, ...]], EndpointClient] = {}
_LOCK = threading.Lock()


def open_client(name: str, key_variable: str) -> EndpointClient:
    """Return the client of `endpoint:MODEL@URL`; the models of a process share its connections.

    A key, a proxy or a certificate that has changed in the environment brings a new client.

    Raises:
        UsageError: the name, the URL or the key is unusable.
    """
    address, key = read_address(name), read_key(key_variable)
    known = (str(address), key, network_settings())
    with _LOCK:
        if known not in _CLIENTS:
            _CLIENTS[known] = EndpointClient(address.url, address.model, key, Limits())
        return _CLIENTS[known]
