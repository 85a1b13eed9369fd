"""Where a served model is: `endpoint:NAME@URL`, read without loading anything."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from ....index.video.errors import UsageError

SERVED = "endpoint:"
_FORM = re.compile(r"endpoint:(?P<model>.+?)@(?P<url>[A-Za-z][A-Za-z0-9+.-]*://.*)", re.DOTALL)
_BARE_FORM = re.compile(r"endpoint:(?P<model>.+)@(?P<url>[^@]+)", re.DOTALL)
# a base URL is often copied with the path of one call behind it
_CALLS = ("/chat/completions", "/audio/transcriptions", "/models", "/completions")
_EXAMPLE = "give one such as http://127.0.0.1:8000/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """A model and the base URL of the server that has it."""

    model: str
    url: str

    def __str__(self) -> str:
        return f"{SERVED}{self.model}@{self.url}"


def read_address(name: str) -> Address:
    """Read `endpoint:NAME@URL`.

    Raises:
        UsageError: the name has another form, or the URL is none.
    """
    found = _FORM.fullmatch(name.strip()) or _BARE_FORM.fullmatch(name.strip())
    if found is None:
        raise UsageError(
            "a model behind an endpoint needs a name and a URL, as endpoint:NAME@URL",
            "such as endpoint:Qwen/Qwen3-VL-8B-Instruct@http://127.0.0.1:8000/v1",
        )
    return Address(check_model(found["model"]), clean_url(found["url"]))


def check_model(name: str) -> str:
    """Return a model's name.

    Raises:
        UsageError: it holds control characters or bytes that are not text.
    """
    if not name.isprintable():
        raise UsageError(f"endpoint model = {name!a}: not printable text", "give the model's name")
    return name


def clean_url(url: str) -> str:
    """Return a server's base URL without a slash at its end.

    A local address without a scheme (`localhost:8000/v1`) is taken as http.

    Raises:
        UsageError: it is not http(s), has no host, or carries a password, a query or a fragment.
    """
    text = url.strip()
    if not text.isprintable() or " " in text:
        raise UsageError("endpoint: the URL holds spaces or unprintable characters", _EXAMPLE)
    parts = _split(text if "://" in text else _with_scheme(text))
    if parts.username or parts.password:
        # do not repeat it: it may hold the key
        raise UsageError(
            "endpoint: the URL carries a user name or password",
            "put the key into an environment variable and name it in key_env",
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        said = f"endpoint = {parts.scheme}://{parts.netloc}{parts.path}"
        raise UsageError(f"{said}: not the base URL of a server", _EXAMPLE)
    path = without_call(parts.path.rstrip("/")).rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def without_call(path: str) -> str:
    """Return the path of a server's base URL, without that of a call behind it."""
    for call in _CALLS:
        path = path.removesuffix(call)
    return path


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read late: a port that is no number raises here
    except ValueError as error:
        reason = str(error).partition(" as integer")[0]
        raise UsageError(f"endpoint: the URL cannot be read: {reason}", _EXAMPLE) from None
    return parts


def _with_scheme(text: str) -> str:
    """Return an address with the scheme that it lacks.

    Raises:
        UsageError: it is not clear which: a key must not go to the internet unencrypted.
    """
    parts = _split(f"//{text}")
    host = parts.hostname or ""
    if "@" in parts.netloc:
        return f"http://{text}"  # refused afterwards, without repeating it
    where = f"{parts.netloc}{parts.path}"
    if not host or host in ("http", "https"):
        raise UsageError(f"endpoint = {where}: not the base URL of a server", _EXAMPLE)
    if _is_local(host):
        return f"http://{text}"
    raise UsageError(
        f"endpoint = {where}: the URL has no scheme",
        f"write https://{where}, or http:// for a server without encryption",
    )


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan"))
