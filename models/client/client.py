"""The client of an OpenAI-compatible server: one question in, one usable answer or one error out.

Under it lie the wire (one attempt) and the retry layer; here an answer that is none is sent back
once for repair, a request that is too large is made lighter, and what remains becomes an
`EndpointProblem` with a remedy.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...index.video.errors import EndpointError
from .address import clean_url
from .completion import Completion, read_completion
from .credentials import Key
from .deadline import current_end
from .http import Wire
from .media import JpegCache
from .prompt import Prompt
from .retry import Breaker, Fault, FaultKind, Limits, Tally, persist
from .usage import Usage, note, spend

LATE = 0.5  # seconds before the end in which no other attempt is worth while
EMPTIES = 3  # replies with nothing in them before the model is told so
Fits = Callable[[Completion], str | None]
_REMEDIES: dict[FaultKind, str] = {
    "connection": "see that the server runs and the URL is right: longtake doctor --endpoint {url}",
    "timeout": "see whether the server is overloaded: longtake doctor --endpoint {url}",
    "busy": "wait a while, or ask less at a time",
    "server": "look into the server's log",
    "garbled": "see that the URL is that of the API, most often ending in /v1",
    "empty": "try another model, or look into the server's log",
    "refused": "see what this server can do: longtake doctor --endpoint {url}",
    "denied": "put a valid key into the environment variable that endpoint_key_env names",
    "missing": "see which models it has and that the URL ends in /v1: longtake doctor --endpoint {url}",
    "too_large": "ask about less of the film, or serve the model with a longer context",
    "unfit": "try another model",
    "open": "wait, and see that the server runs: longtake doctor --endpoint {url}",
}


class EndpointProblem(EndpointError):
    """A model server gave no usable answer.

    Attributes:
        kind: what went wrong (see `retry.FaultKind`).
        said: the message without the model's and the server's names.
    """

    def __init__(self, message: str, remedy: str, kind: FaultKind, said: str = "") -> None:
        super().__init__(message, remedy)
        self.kind: FaultKind = kind
        self.said = said or message


class TimeUp(EndpointProblem):
    """The time of the question that a request was made for was up before there was an answer."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message, "give the question more max_seconds, or ask a faster model", "timeout"
        )


@dataclass
class _Request:
    """A logical request on its way."""

    prompt: Prompt
    fields: dict[str, Any]
    fits: Fits
    tally: Tally
    usage: Usage = field(default_factory=Usage)
    empties: int = 0


class EndpointClient:
    """One model behind one base URL; safe to share between threads.

    Args:
        base_url: as the server documents it, most often ending in `/v1`.
        model: its name there.
        key: signs the requests.
        limits: timeouts and attempts.
        jpegs: encoded frames; a cache of its own when None.

    Raises:
        UsageError: the URL is none.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        key: Key | None = None,
        limits: Limits | None = None,
        jpegs: JpegCache | None = None,
    ) -> None:
        self.base_url = clean_url(base_url)
        self.model = model
        self.limits = limits or Limits()
        self.jpegs = jpegs or JpegCache()
        self._breaker = Breaker(self.limits.breaker_after, self.limits.breaker_rest)
        self._wire = Wire(self.base_url, key or Key(None), self.limits)

    def __repr__(self) -> str:
        return f"EndpointClient({self.model} at {self.base_url})"

    def complete(
        self,
        prompt: Prompt,
        *,
        max_tokens: int,
        fits: Fits | None = None,
        temperature: float = 0.0,
        token_field: str = "max_tokens",
        **extra: Any,
    ) -> Completion:
        """Return the model's answer.

        Args:
            prompt: frames and question.
            max_tokens: the longest answer.
            fits: says what is wrong with an answer, None when nothing is; without it an answer
                that was cut off by its length is wrong.
            temperature: 0 for the likeliest answer.
            token_field: what the server calls `max_tokens`.
            extra: more fields of the request, as the server takes them.

        Raises:
            EndpointProblem: there is no usable answer within the limits.
        """
        fields = {"model": self.model, "temperature": temperature, token_field: max_tokens, **extra}
        request = _Request(prompt, fields, fits or _whole, Tally.begin(self.limits))
        try:
            return self._answer(request)
        except Fault as fault:
            problem = self._problem(fault, request.tally)
        finally:
            spend(request.usage + Usage(requests=1, attempts=request.tally.attempts))
        # outside the handler, so that nothing below is chained to it
        raise problem

    def within(self, limits: Limits) -> EndpointClient:
        """Return the same client, connections and all, with other limits on its attempts."""
        other = copy.copy(self)
        other.limits = limits
        return other

    def list_models(self) -> list[dict[str, Any]]:
        """Return what the server says of its models, a dict with an `id` each.

        Raises:
            EndpointProblem: it does not say.
        """
        listed = self._told(self._wire.list_models)
        rows = listed.get("data") if isinstance(listed, dict) else None
        rows = rows if isinstance(rows, list) else []
        return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]

    def tokens_of(self, text: str) -> dict[str, int]:
        """Return the tokens of a text as the model's vocabulary writes them, with their ids.

        Empty when the server has no `/tokenize` that names them; vLLM's stands beside `/v1`.

        Raises:
            EndpointProblem: the server does not say.
        """
        url = f"{self.base_url.removesuffix('/v1')}/tokenize"
        body = {
            "model": self.model, "prompt": text, "add_special_tokens": False,
            "return_token_strs": True,
        }  # fmt: skip
        told = self._told(lambda seconds: self._wire.post(url, body, seconds))
        found = (
            [told.get(name) for name in ("token_strs", "tokens")] if isinstance(told, dict) else []
        )
        if not all(isinstance(part, list) for part in found):
            return {}
        pairs = zip(*found, strict=False)
        return {name: n for name, n in pairs if isinstance(name, str) and isinstance(n, int)}

    def _told(self, ask: Callable[[float], Any]) -> Any:
        """Return what the server tells of itself, by a call that is given the seconds left."""
        tally = Tally.begin(self.limits)
        try:
            return persist(lambda: ask(tally.seconds_left), tally, self._breaker)
        except Fault as fault:
            problem = self._problem(fault, tally)
        raise problem

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._wire.close()

    def _answer(self, request: _Request) -> Completion:
        complaint, said = "it was empty", ""
        completion = self._try(request)
        if completion is not None:
            complaint, said = request.fits(completion) or "", completion.text
        if completion is not None and not complaint:
            return completion
        request.prompt = request.prompt.repaired(said, complaint)
        completion = self._try(request)
        again = "it was empty" if completion is None else request.fits(completion)
        if completion is None or again:
            raise Fault("unfit", f"no usable answer, asked twice: {again}")
        return completion

    def _try(self, request: _Request) -> Completion | None:
        """Return an answer of whatever worth, None for nothing but empty ones.

        Raises:
            Fault: there is none.
        """
        while True:
            request.empties = 0
            try:
                return persist(lambda: self._attempt(request), request.tally, self._breaker)
            except Fault as fault:
                if fault.kind != "too_large" or request.tally.spent:
                    raise
                lighter = request.prompt.lighter()
                if lighter is None:
                    raise
            note(f"{request.prompt.view} are too much for {self.model}: {lighter.view} were shown")
            request.prompt = lighter

    def _attempt(self, request: _Request) -> Completion | None:
        prompt = request.prompt
        body = {**request.fields, **prompt.extra(), "messages": prompt.messages(self.jpegs)}
        reply = self._wire.complete(body, request.tally.seconds_left)
        try:
            completion = read_completion(reply)
        except Fault as fault:
            request.empties += fault.kind == "empty"
            if request.empties >= EMPTIES:
                return None
            raise
        request.usage += Usage(
            tokens_in=completion.tokens_in,
            tokens_out=completion.tokens_out,
            cached=completion.cached or 0,
        )
        return completion

    def _problem(self, fault: Fault, tally: Tally) -> EndpointProblem:
        if fault.passing and current_end() <= time.monotonic() + LATE:
            return TimeUp(f"{self.model} at {self.base_url}: the question's time is up")
        tried = f" ({tally.attempts} attempts)" if tally.attempts > 1 else ""
        return EndpointProblem(
            f"{self.model or 'the server'} at {self.base_url}: {fault.said}{tried}",
            _REMEDIES[fault.kind].format(url=self.base_url),
            fault.kind,
            fault.said,
        )


def _whole(completion: Completion) -> str | None:
    """Refuse an answer that was cut off."""
    return "it was cut off by its length" if completion.finish == "length" else None
