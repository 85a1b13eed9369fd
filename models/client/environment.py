"""Settings of the environment that the HTTP library reads itself: proxies and certificates."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit

from ...index.video.errors import UsageError

_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "SSLKEYLOGFILE")


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
