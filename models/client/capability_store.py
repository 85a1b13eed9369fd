"""What was found out about servers, remembered for each base URL and model."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, fields
from pathlib import Path

from .capabilities import Capabilities

VERSION = 4
KEPT_SECONDS = 7 * 86400.0


def recall(base_url: str, model: str) -> Capabilities | None:
    """Return what is remembered of a server; None when it is nothing, old or unreadable."""
    try:
        kept = json.loads(_file(base_url, model).read_text(encoding="utf-8"))
        names = {part.name for part in fields(Capabilities)}
        if kept.pop("version") != VERSION or set(kept) != names:
            return None
        found = Capabilities(**{**kept, "checked": tuple(kept["checked"])})
        return found if 0 <= time.time() - found.since < KEPT_SECONDS else None
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def remember(base_url: str, model: str, found: Capabilities) -> None:
    """Keep what was found; a folder that cannot be written costs only finding it again."""
    path = _file(base_url, model)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps({"version": VERSION, **asdict(found)}), encoding="utf-8")
        aside.replace(path)
    except OSError:
        return


def forget(base_url: str, model: str) -> None:
    """Drop what is remembered, since the server has changed."""
    try:
        _file(base_url, model).unlink(missing_ok=True)
    except OSError:
        return


def _file(base_url: str, model: str) -> Path:
    import platformdirs

    name = hashlib.sha256(f"{base_url}\n{model}".encode("utf-8", "replace")).hexdigest()[:24]
    folder = Path(platformdirs.user_cache_dir("longtake", appauthor=False))
    return folder / "endpoints" / f"{name}.json"
