"""Films as a benchmark opens them: one set of models a process, settings as on the command line."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import longtake
from longtake.api import Film
from longtake.config import LIMITS, ROLES, Settings

_IDENTITY = ("planning", "subtitles", "abstain_below", "media", "fps")


class FilmOpener:
    """Opens films that share their models; can be sent to another process, which loads its own.

    Args:
        settings: by name, as `longtake.open` takes them.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = dict(settings)
        self._lock = threading.Lock()
        self._first: Film | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return FilmOpener, (self.settings,)

    def __call__(self, path: Path, subtitles: Path | None) -> Film:
        """Open a film.

        Args:
            path: the film.
            subtitles: a subtitle file; None for those that the film has.

        Raises:
            InputError: it is no film.
            UsageError: a setting is off.
        """
        chosen = {} if subtitles is None else {"subtitles": str(subtitles)}
        film = longtake.open(path, **{**self.settings, **chosen})
        with self._lock:
            first = self._first = self._first or longtake.open(path, **self.settings)
            film.parts.share_models(first.parts)
        return film


def identity(settings: Settings) -> tuple[dict[str, str], dict[str, Any], dict[str, float]]:
    """Return the models by role, the settings and the budgets that an answer depends on."""
    from longtake.models.registry import load_models
    from longtake.models.runtime import Runtime
    from longtake.shipped import SHIPPED

    runtime = Runtime(settings.device, settings.key_env, settings.media == "video")
    models = load_models(settings.profile_name, settings.roles(), runtime, SHIPPED)
    named = {role: str(name) for role, name in models.names.items() if role in ROLES}
    others = {name: settings.values[name] for name in _IDENTITY}
    limits = {name: settings.values[name] for name in LIMITS if settings.values[name] is not None}
    return named, others, limits
