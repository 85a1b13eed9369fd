"""Benchmarks, scores, statistics and reports.

`simulated/` plays a video LLM over films of known truth.

Public names: `load_samples` gives the questions of a film, `run_needles` asks them, a `Report` has
the table; `wilson` and `paired_difference` are the intervals; `SimulatedServer` plays a model over
a `TruthFilm`. Each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .needles import run_needles as run_needles
    from .report import Report as Report
    from .sample import load_samples as load_samples
    from .simulated.server import SimulatedServer as SimulatedServer
    from .simulated.truth import TruthFilm as TruthFilm
    from .statistics import paired_difference as paired_difference
    from .statistics import wilson as wilson

_HOMES = {
    "Report": "report",
    "SimulatedServer": "simulated.server",
    "TruthFilm": "simulated.truth",
    "load_samples": "sample",
    "paired_difference": "statistics",
    "run_needles": "needles",
    "wilson": "statistics",
}
__all__ = [
    "Report",
    "SimulatedServer",
    "TruthFilm",
    "load_samples",
    "paired_difference",
    "run_needles",
    "wilson",
]


def __getattr__(name: str) -> Any:
    """Load a public name where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
