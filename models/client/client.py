"""The client of an OpenAI-compatible server: one question in, one usable answer or one error out.

Under it lie a call, which changes and repairs its request, the retry layer, and HTTP (one attempt).
Here is what the calls of a model share: its connections and what is known of its server. A fault
that remains becomes an `EndpointProblem` with a remedy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .call import Call, ChatRequest, Fits
from .capabilities import Capabilities, recall, remember
from .completion import Completion
from .transport.address import check_model, clean_url, read_address
from .transport.credentials import Key, read_key
from .transport.deadline import current_end
from .transport.fault import Fault
from .transport.http import HttpClient
from .transport.problems import REMEDIES, EndpointProblem, TimeUp, network_settings
from .transport.retry import Breaker, Limits, Tally, persist
from .usage import Usage, spend

LATE = 0.5  # seconds before the end in which no other attempt is worth while
FIRST_LOOK = 3  # attempts at the list of models, which nothing depends on
_LENGTHS = (
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "loaded_context_length",
    "n_ctx",
)


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
        call = Call(
            self.model,
            self._http,
            self._breaker,
            self._keep,
            Tally.begin(self.limits),
            request,
            self.capabilities,
            max_tokens,
            schema,
            logprobs,
            fits,
        )
        try:
            return call.answer()
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
