"""The key of a model server: read from the environment or a file, and kept out of everything else.

A key is never a command-line argument or a setting, never part of an `id`, and is struck out of
whatever a server sends back: error texts that echo the header it came in, answers, and the debug
logs of the HTTP libraries.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from pydantic import SecretStr

from ....index.video.errors import UsageError

STRUCK_OUT = "***"
SHORTEST = 6  # what is shorter is found in ordinary words, and is no key
# the loggers that see requests or responses; a filter acts only where a record is made
_LOGGERS = (
    "openai",
    "openai._base_client",
    "openai._response",
    "openai._legacy_response",
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
    "httpcore2.socks",
)  # fmt: skip


class Key:
    """A key, or the lack of one; its text is read in one place, where a request is signed."""

    def __init__(self, secret: SecretStr | None) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return f"Key({'none' if self._secret is None else STRUCK_OUT})"

    def __bool__(self) -> bool:
        return self._secret is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(self._secret)

    def header(self) -> str:
        """Return the value of the `Authorization` header; empty without a key."""
        return f"Bearer {self._secret.get_secret_value()}" if self._secret is not None else ""

    def strike_out(self, text: str) -> str:
        """Return the text without the key."""
        if self._secret is None:
            return text
        return text.replace(self._secret.get_secret_value(), STRUCK_OUT)


def read_key(variable: str) -> Key:
    """Read a key from an environment variable, or from the file that `VARIABLE_FILE` names.

    Args:
        variable: name of the variable; servers without keys need neither.

    Raises:
        UsageError: the name, the file or the key is unusable; never quotes the key.
    """
    if not variable.isidentifier():
        # somebody put the key itself where its variable's name belongs: do not repeat it
        raise UsageError(
            "key_env is not the name of an environment variable",
            "name the variable that holds the key, such as OPENAI_API_KEY",
        )
    secret, source = _look_up(variable)
    if not len(secret):
        return Key(None)
    if not _is_usable(secret):
        raise UsageError(
            f"{source} holds no usable key",
            f"give {SHORTEST} or more printable ASCII characters without spaces",
        )
    key = Key(secret)
    _Redaction.of_all.keys[hash(secret.get_secret_value())] = key
    _Redaction.watch()
    return key


def _look_up(variable: str) -> tuple[SecretStr, str]:
    """Return what a variable or its file holds, and which of them it was.

    Raises:
        UsageError: the file cannot be read.
    """
    found = SecretStr(os.environ.get(variable, "").strip())
    path = os.environ.get(f"{variable}_FILE", "")
    if len(found) or not path:
        return found, variable
    try:
        text = SecretStr(Path(path).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{variable}_FILE = {path!r} cannot be read: {type(error).__name__}",
            "name a text file that holds the key alone",
        ) from None
    return text, f"the file of {variable}_FILE"


def _is_usable(secret: SecretStr) -> bool:
    value = secret.get_secret_value()
    return len(value) >= SHORTEST and value.isascii() and value.isprintable() and " " not in value


class _Redaction(logging.Filter):
    """Strikes every known key out of the records of the HTTP libraries."""

    of_all: _Redaction

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[int, Key] = {}

    @classmethod
    def watch(cls) -> None:
        """Attach the one filter to the loggers; adding it again changes nothing."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(cls.of_all)

    def filter(self, record: logging.LogRecord) -> bool:
        message = said = record.getMessage()
        for key in list(self.keys.values()):
            said = key.strike_out(said)
        if said != message:
            record.msg, record.args = said, ()
        return True


_Redaction.of_all = _Redaction()
