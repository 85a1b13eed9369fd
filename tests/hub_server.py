"""A small hub: it serves one repository as the real one does, and breaks off when told to."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000  # bytes from which on a file is told with its sha256, as one kept apart is


class HubServer:
    """Serves `files` as the repository `repository` on this machine.

    Attributes:
        break_at: file name to the bytes after which one reply breaks off, once.
        served: file name to the bytes that were sent in all.
        spoilt: files whose bytes are sent with the last one changed.
    """

    def __init__(self, repository: str, files: Mapping[str, bytes]) -> None:
        self.repository, self.files = repository, dict(files)
        self.break_at: dict[str, int] = {}
        self.served: dict[str, int] = {}
        self.spoilt: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def about(self) -> dict[str, Any]:
        """Return what the hub's API says of the repository."""
        siblings = []
        for name, data in self.files.items():
            row: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": _sha1(data)}
            if len(data) >= LARGE:
                row["lfs"] = {"sha256": _sha256(data), "size": len(data), "pointerSize": 130}
            siblings.append(row)
        return {"id": self.repository, "sha": COMMIT, "siblings": siblings}

    def tree(self) -> list[dict[str, Any]]:
        """Return what the hub's API says of the repository's files."""
        rows = []
        for row in self.about()["siblings"]:
            facts = {"type": "file", "path": row["rfilename"], "oid": row["blobId"]}
            lfs = {"lfs": {**row["lfs"], "oid": row["lfs"]["sha256"]}} if "lfs" in row else {}
            rows.append({**facts, "size": row["size"], **lfs})
        return rows

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

            def do_HEAD(self) -> None:
                self.do_GET(body=False)

            def do_GET(self, body: bool = True) -> None:
                path = self.path.partition("?")[0]
                if re.fullmatch(rf"/api/models/{hub.repository}(/revision/\w+)?", path):
                    return self._send(200, json.dumps(hub.about()).encode(), {}, body)
                if re.fullmatch(rf"/api/models/{hub.repository}/tree/\w+", path):
                    return self._send(200, json.dumps(hub.tree()).encode(), {}, body)
                found = re.fullmatch(rf"/{hub.repository}/resolve/\w+/(.+)", path)
                if found is None or found[1] not in hub.files:
                    return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)
                return self._file(found[1], body)

            def _file(self, name: str, body: bool) -> None:
                data = hub.files[name]
                etag = _sha256(data) if len(data) >= LARGE else _sha1(data)
                headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
                if name in hub.spoilt:
                    data = data[:-1] + bytes([data[-1] ^ 1])
                asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
                start = int(asked[1]) if asked else 0
                if start:
                    headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
                rest = data[start:]
                stop = hub.break_at.pop(name, None) if body else None
                self._send(206 if start else 200, rest, headers, body, stop)
                if body:
                    sent = len(rest) if stop is None else stop
                    hub.served[name] = hub.served.get(name, 0) + sent

            def _send(
                self,
                status: int,
                data: bytes,
                headers: Mapping[str, str],
                body: bool,
                stop: int | None = None,
            ) -> None:
                self.send_response(status)
                for header, value in headers.items():
                    self.send_header(header, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if body:
                    self.wfile.write(data[:stop])
                if stop is not None:
                    self.wfile.flush()
                    self.close_connection = True

        return Handler


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
