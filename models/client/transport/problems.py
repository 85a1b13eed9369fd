"""What users are told: why a server gave no answer, or why connections cannot be set up at all."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit

from ....index.video.errors import EndpointError, UsageError
from .fault import FaultKind

_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "SSLKEYLOGFILE")

REMEDIES: dict[FaultKind, str] = {
    "connection": "see that the server runs and the URL is right: longtake doctor --endpoint {url}",
    "timeout": "see whether the server is overloaded: longtake doctor --endpoint {url}",
    "busy": "wait a while, or ask less at a time",
    "server": "look into the server's log",
    "garbled": "see that the URL is that of the API, most often ending in /v1",
    "empty": "try another model, or look into the server's log",
    "refused": "see what this server can do: longtake doctor --endpoint {url}",
    "denied": "put a valid key, one that may use this model, into the environment variable that "
    "key_env names",
    "missing": "see which models it has and that the URL ends in /v1: "
    "longtake doctor --endpoint {url}",
    "too_large": "ask about less of the film, or serve the model with a longer context",
    "image_limit": "serve the model with a higher limit of images",
    "no_images": "serve a vision-language model, such as Qwen3-VL, or load its image projector",
    "quota": "add credit to the account of the key, or name another server; waiting does not help",
    "moved": "give the address it names as the endpoint",
    "exhausted": "raise the server's limit on answers, or switch the model's reasoning off",
    "unfit": "try another model",
    "open": "wait, and see that the server runs: longtake doctor --endpoint {url}",
}


class EndpointProblem(EndpointError):
    """A model server gave no usable answer.

    Attributes:
        kind: what went wrong (see `fault.FaultKind`).
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


def setting_problem(error: Exception) -> UsageError:
    """Return what keeps connections from being set up, with the variable that is at fault.

    Args:
        error: as the HTTP library raised it while it read the environment.
    """
    if isinstance(error, ssl.SSLError | OSError):
        named = _set(_CERTIFICATES)
        reason = getattr(error, "strerror", None) or str(error)
        return UsageError(
            f"{named or 'the certificates of this machine'} cannot be used: {reason}",
            "point it at a file of PEM certificates, or unset it",
        )
    if isinstance(error, ImportError):
        return UsageError(
            f"{_socks() or _set(_PROXIES)}: a SOCKS proxy needs the package socksio",
            "pip install socksio, use an http:// proxy, or unset the variable",
        )
    return UsageError(
        f"{_set(_PROXIES) or 'the proxy setting'} cannot be used: {_reason(error)}",
        "write http://HOST:PORT or socks5://HOST:PORT, or unset it",
    )


def network_settings() -> tuple[str | None, ...]:
    """Return the values of the variables that an HTTP client reads when it is made."""
    return tuple(os.environ.get(name) for name in _both_cases(_PROXIES + _CERTIFICATES))


def _set(names: tuple[str, ...]) -> str:
    """Return those of the variables that are set, with values that hold no password."""
    found = [(name, os.environ.get(name, "")) for name in _both_cases(names)]
    return ", ".join(f"{name} = {_shown(value)}" for name, value in found if value)


def _socks() -> str:
    names = [n for n in _both_cases(_PROXIES) if os.environ.get(n, "").startswith("socks")]
    return _set(tuple(names))


def _both_cases(names: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(form for name in names for form in (name, name.lower())))


def _shown(value: str) -> str:
    """Return a value as ASCII in quotes, without the user and password of a URL."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "(not shown)" if "@" in value else ascii(value)
    if "@" in parts.netloc:
        value = f"{parts.scheme}://***@{parts.netloc.rpartition('@')[2]}"
    return ascii(value[:200])


def _reason(error: Exception) -> str:
    """Return the first line of an error without a URL that could hold a password."""
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return line.partition(" URL(")[0] if "URL(" in line else line.partition("@")[0]
