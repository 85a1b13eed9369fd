"""An OpenAI-compatible server that says what it is told to, and keeps every request.

It fills whatever schema it is bound to with set values, so that a test decides how sure, sceptical
or confused the model is, and then reads what it was really asked.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from longtake.eval.simulated.schema import fill

MODEL = "recorder"
ANSWERS = {"answer", "seconds", "enough", "confidence"}


class RecordingServer:
    """The server; a context manager.

    Args:
        words: what conversations without pictures are answered with; None for what fits the schema.
        context: tokens that it says it takes.
        **values: what properties of a schema are filled with, by name (`answer`, `enough`,
            `verdict`, `confidence`, `seconds`, …).

    Attributes:
        url: base URL, ending in `/v1`.
        bodies: the requests so far.
    """

    def __init__(self, words: str | None = None, *, context: int = 200_000, **values: Any) -> None:
        self.words, self.context, self.values = words, context, values
        self.bodies: list[dict[str, Any]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def name(self) -> str:
        """As a setting names the model."""
        return f"endpoint:{MODEL}@{self.url}"

    def answering(self) -> list[str]:
        """Return the texts of the requests that asked for an answer about the film."""
        bound = [body for body in self.bodies if set(_properties(body)) == ANSWERS]
        return [text_of(body) for body in bound]

    def judging(self) -> list[str]:
        """Return the texts of the requests that asked for a verdict on a claim."""
        return [text_of(body) for body in self.bodies if "verdict" in _properties(body)]

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a completion."""
        self.bodies.append(body)
        schema = _schema(body)
        text = json.dumps(fill(schema, self.values)) if schema else "a room"
        if self.words is not None and isinstance(body["messages"][-1]["content"], str):
            text = self.words
        message = {"role": "assistant", "content": text}
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": MODEL,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }


def text_of(body: dict[str, Any]) -> str:
    """Return all that a request says in words, the system turn aside."""
    parts: list[str] = []
    for message in body["messages"]:
        content = message["content"]
        if message["role"] != "system":
            rows = [{"text": content}] if isinstance(content, str) else content
            parts += [row["text"] for row in rows if "text" in row]
    return "\n".join(parts)


def letters_of(body_text: str) -> list[str]:
    """Return the lines that offer an option, as they were sent."""
    return [line for line in body_text.splitlines() if line[:1].isupper() and line[1:3] == ". "]


def _schema(body: dict[str, Any]) -> dict[str, Any] | None:
    bound = body.get("response_format", {}).get("json_schema", {}).get("schema")
    return bound or body.get("structured_outputs", {}).get("json")


def _properties(body: dict[str, Any]) -> list[str]:
    return list((_schema(body) or {}).get("properties", ()))


def _handler(server: RecordingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            row = {"id": MODEL, "object": "model", "max_model_len": server.context}
            self._send({"object": "list", "data": [row]})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            self._send(server.reply(json.loads(raw)))

        def _send(self, value: dict[str, Any]) -> None:
            content = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
