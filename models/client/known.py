"""What probes found out about servers, remembered for each base URL and model."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, fields
from pathlib import Path

from .capabilities import Dialect
from .capability_probe import probe
from .client import EndpointClient

VERSION = 3
KEPT_SECONDS = 7 * 86400.0


def dialect_of(client: EndpointClient, *, refresh: bool = False) -> Dialect:
    """Return what is remembered of the server, or probe it and remember that.

    Raises:
        EndpointProblem: it cannot be reached, or refuses us or the model.
    """
    known = None if refresh else recall(client)
    if known is None:
        known = probe(client)
        remember(client, known)
    return known


def recall(client: EndpointClient) -> Dialect | None:
    """Return what is remembered of a server; None when it is nothing, old or unreadable."""
    try:
        kept = json.loads(_file(client).read_text(encoding="utf-8"))
        if kept.pop("version") != VERSION or set(kept) != {f.name for f in fields(Dialect)}:
            return None
        dialect = Dialect(**kept)
        age = time.time() - dialect.probed
        return dialect if 0 <= age < KEPT_SECONDS else None
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def remember(client: EndpointClient, dialect: Dialect) -> None:
    """Keep what was found; a folder that cannot be written costs only another probe."""
    path = _file(client)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps({"version": VERSION, **asdict(dialect)}), encoding="utf-8")
        aside.replace(path)
    except OSError:
        return


def forget(client: EndpointClient) -> None:
    """Drop what is remembered, since the server has changed."""
    _file(client).unlink(missing_ok=True)


def _file(client: EndpointClient) -> Path:
    import platformdirs

    name = hashlib.sha256(f"{client.base_url}\n{client.model}".encode()).hexdigest()[:24]
    folder = Path(platformdirs.user_cache_dir("longtake", appauthor=False))
    return folder / "endpoints" / f"{name}.json"
