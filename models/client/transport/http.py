"""One attempt at an OpenAI-compatible server: bytes out, decoded JSON in, or a `Fault`.

Attempts run on an event loop in a thread of its own, for one reason: only a cancelled task ends a
server that drips a byte a second, be it in the headers or in the body.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit

from .address import without_call
from .credentials import Key
from .error_body import marks_of, message_of
from .event_stream import joined_events
from .fault import Fault
from .problems import setting_problem
from .refusals import kind_of, retry_after
from .retry import Limits

Result = TypeVar("Result")
MAX_REPLY_BYTES = 16 * 1024**2
MAX_WORDS = 4000  # characters of a refusal that are read
_WANTS_TLS = re.compile(r"HTTP request\b.{0,20}\bto (an )?HTTPS", re.I)


class HttpClient:
    """The HTTP side of a server; safe to share between threads.

    Args:
        base_url: as `address.clean_url` returns it.
        key: signs the requests; an empty one sends no header.
        limits: its timeouts.
    """

    def __init__(self, base_url: str, key: Key, limits: Limits) -> None:
        self.base_url = base_url
        self._key = key
        self._limits = limits
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None

    def __repr__(self) -> str:
        return f"HttpClient({self.base_url})"

    def complete(self, body: dict[str, Any], seconds: float, images: int = 0) -> Any:
        """Post a chat completion and return the decoded reply.

        Args:
            body: the request as JSON.
            seconds: at most this long, beside the limits' own timeout.
            images: how many it carries, to tell what a refusal is about.

        Raises:
            Fault: anything but decoded JSON with status 200.
            UsageError: a setting of the environment keeps the connection from being set up.
        """

        def begin(client: Any) -> Any:
            # `extra_body` replaces the empty messages: what goes by an argument is walked through
            # part by part against its types, which costs more than all the rest
            return client.chat.completions.with_streaming_response.create(
                model=body["model"], messages=[], extra_body=body
            )

        return self._json_of(self._attempt(begin, seconds, images))

    def transcribe(self, fields: dict[str, Any], sound: bytes, seconds: float) -> Any:
        """Post a WAV file for transcription and return the decoded reply.

        Args:
            fields: of the form, beside the file.
            sound: the file.
            seconds: at most this long, beside the limits' own timeout.

        Raises:
            Fault: see `complete`.
        """

        def begin(client: Any) -> Any:
            create = client.audio.transcriptions.with_streaming_response.create
            return create(file=("sound.wav", sound, "audio/wav"), **fields)

        return self._json_of(self._attempt(begin, seconds))

    def list_models(self, seconds: float) -> Any:
        """Return the decoded list of the server's models.

        Raises:
            Fault: see `complete`.
        """
        return self._json_of(
            self._attempt(lambda client: client.models.with_streaming_response.list(), seconds)
        )

    def close(self) -> None:
        """Close connections and end the thread; a later call starts anew."""
        with self._lock:
            loop, client, self._loop, self._client = self._loop, self._client, None, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(client.close(), loop).result(5)
            loop.call_soon_threadsafe(loop.stop)

    def _attempt(self, begin: Any, seconds: float, images: int = 0) -> bytes:
        loop, client = self._running()
        work = self._read(begin, client, min(seconds, self._limits.attempt), images)
        outcome = _wait(work, loop)
        if isinstance(outcome, Fault):
            # raised here, where no exception that holds the signed request is being handled
            raise outcome
        return outcome

    async def _read(self, begin: Any, client: Any, seconds: float, images: int) -> bytes | Fault:
        import httpx2
        import openai

        try:
            async with asyncio.timeout(seconds), begin(client) as response:
                return await _body(response.iter_bytes(65536))
        except (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException):
            return Fault("timeout", "it did not answer in time")
        except openai.APIStatusError as error:
            return self._refusal(error, images)
        except openai.APIConnectionError as error:
            words = self._words(error.__cause__ or error)
            # a server without TLS answers the greeting in plain HTTP
            plain = "WRONG_VERSION_NUMBER" in words or "RECORD_LAYER" in words
            bare = self.base_url.replace("https://", "http://", 1)
            remedy = f"if the server speaks no TLS, give {bare} as the endpoint" if plain else ""
            return Fault("connection", f"no connection: {words}", remedy=remedy)
        except httpx2.RequestError as error:
            return Fault("connection", f"the reply broke off: {self._words(error)}")
        except Fault as fault:
            return fault

    def _refusal(self, error: Any, images: int) -> Fault:
        """Return what a status outside 200 means; the body is the server's, the words ours."""
        status, headers = int(error.status_code), error.response.headers
        if 300 <= status < 400 and headers.get("location"):
            return self._moved(status, headers["location"])
        body = _decoded(error.response.text)
        told = message_of(body) or error.response.reason_phrase
        words = self._words(told)
        marks = self._words(marks_of(body)) if marks_of(body) else ""
        if _WANTS_TLS.search(told):
            remedy = f"give {self.base_url.replace('http://', 'https://', 1)} as the endpoint"
            return Fault("moved", f"status {status}: {words}", status, None, remedy)
        # what is read is more than what is shown: the reason may stand far behind
        told = " ".join(told.split())[:MAX_WORDS]
        kind = kind_of(status, headers, f"{told} {marks}", images)
        wait = retry_after(headers, told)
        if wait is not None and wait > self._limits.patience and "retry-after" in headers:
            words = f"{words} (it asks to wait {wait:.0f} s)"
        return Fault(kind, f"status {status}: {words}", status, wait, marks=marks)

    def _moved(self, status: int, location: str) -> Fault:
        """Return the fault of a redirect, naming where it leads without query or credentials."""
        try:
            parts = urlsplit(urljoin(f"{self.base_url}/", location))
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return Fault("moved", f"status {status}: redirected to no valid URL", status)
        host, path = f"{parts.hostname or ''}{port}", without_call(parts.path)
        target = self._words(urlunsplit((parts.scheme, host, path, "", "")))
        remedy = f"if that is the server you mean, give {target} as the endpoint"
        return Fault("moved", f"status {status}: redirected to {target}", status, None, remedy)

    def _json_of(self, raw: bytes) -> Any:
        text = self._key.strike_out(raw.decode("utf-8", "replace")).lstrip("\ufeff \t\r\n")
        if text[:1] == "<":
            said = self._words(message_of(text))[:80]
            raise Fault("garbled", f"status 200 with a web page instead of JSON: {said!r}", 200)
        if text.startswith(("data:", "event:", ": ")):
            return joined_events(text)
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            fault = Fault("garbled", f"status 200 with no valid JSON ({len(raw)} bytes)", 200)
        raise fault

    def _words(self, said: object) -> str:
        """Return a server's words fit for a message: no key, no control characters, one line."""
        text = self._key.strike_out(str(said) or type(said).__name__)
        return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:300]

    def _running(self) -> tuple[asyncio.AbstractEventLoop, Any]:
        with self._lock:
            if self._loop is None:
                self._client = self._open()
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(self._loop,), daemon=True).start()
            return self._loop, self._client

    def _open(self) -> Any:
        """Set up the connections.

        Raises:
            UsageError: a proxy or certificate setting of the environment is unusable.
        """
        import httpx2
        import openai

        key, limits = self._key, self._limits

        def sign(request: Any) -> Any:
            # the key meets the request here and nowhere else: `api_key` is kept in the open
            if key:
                request.headers["Authorization"] = key.header()
            else:
                request.headers.pop("Authorization", None)
            return request

        try:
            http = httpx2.AsyncClient(
                auth=sign,
                # a redirect could lead the key to another host
                follow_redirects=False,
                timeout=httpx2.Timeout(limits.read, connect=limits.connect),
                limits=httpx2.Limits(max_connections=256, max_keepalive_connections=64),
            )
            return openai.AsyncOpenAI(
                base_url=self.base_url, api_key="none", max_retries=0, http_client=http
            )
        except (ImportError, OSError, ValueError, httpx2.InvalidURL, openai.OpenAIError) as error:
            problem = setting_problem(error)
        raise problem


def _decoded(text: str) -> Any:
    """Return what a refusal holds, JSON or words; the library shows no more than its `error`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


def _wait(work: Coroutine[Any, Any, Result], loop: asyncio.AbstractEventLoop) -> Result:
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()  # Ctrl-C ends the attempt too
        raise


async def _body(chunks: AsyncIterator[bytes]) -> bytes:
    """Read a reply up to the size that no honest one reaches.

    Raises:
        Fault: it is larger.
    """
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MAX_REPLY_BYTES:
            raise Fault("garbled", f"a reply of more than {MAX_REPLY_BYTES} bytes", 200)
        parts.append(chunk)
    return b"".join(parts)
