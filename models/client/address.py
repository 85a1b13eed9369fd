"""Where a served model is: `endpoint:MODEL@URL`, read without loading anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ...index.video.errors import UsageError

SERVED = "endpoint:"
_FORM = re.compile(r"endpoint:(?P<model>.+?)@(?P<url>[A-Za-z]+://.+)")


@dataclass(frozen=True, slots=True)
class Address:
    """A model and the base URL of the server that has it."""

    model: str
    url: str

    def __str__(self) -> str:
        return f"{SERVED}{self.model}@{self.url}"


def read_address(name: str) -> Address:
    """Read `endpoint:MODEL@URL`.

    Raises:
        UsageError: the name has another form, or the URL is none.
    """
    found = _FORM.fullmatch(name.strip())
    if found is None:
        raise UsageError(
            "an eye behind an endpoint needs a model and a URL, as endpoint:MODEL@URL",
            "such as endpoint:Qwen/Qwen3-VL-8B-Instruct@http://127.0.0.1:8000/v1",
        )
    return Address(found["model"], clean_url(found["url"]))


def clean_url(url: str) -> str:
    """Return a server's base URL without a slash at its end.

    Raises:
        UsageError: it is not http(s), has no host, or carries a password, a query or a fragment.
    """
    parts = urlsplit(url.strip())
    if parts.username or parts.password:
        # do not repeat it: it may hold the key
        raise UsageError(
            "endpoint: the URL carries a user name or password",
            "put the key into an environment variable and name it in endpoint_key_env",
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(
            f"endpoint = {parts.scheme}://{parts.netloc}{parts.path}: not the base URL of a server",
            "give one such as http://127.0.0.1:8000/v1",
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
