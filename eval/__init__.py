"""Benchmarks, baselines, scores, statistics and reports.

`simulated/` plays a video LLM over films of known truth.

Public names: `load_dataset` reads a benchmark, `load_samples` the questions of a needle film;
`systems_of` names what is tested, `run_benchmark` asks it, `load_run` scores the run and
`write_report` reports it, `compare_runs` sets two beside each other; `wilson`, `cluster_interval`
and `paired_difference` are the intervals; `SimulatedServer` plays a model over a `TruthFilm`. Each
is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .datasets.own.needles import load_samples as load_samples
    from .datasets.registry import load_dataset as load_dataset
    from .reports import compare_runs as compare_runs
    from .reports import load_run as load_run
    from .reports import write_report as write_report
    from .runner import run_benchmark as run_benchmark
    from .simulated.server import SimulatedServer as SimulatedServer
    from .simulated.truth import TruthFilm as TruthFilm
    from .statistics import cluster_interval as cluster_interval
    from .statistics import paired_difference as paired_difference
    from .statistics import wilson as wilson
    from .systems import systems_of as systems_of

_HOMES = {
    "SimulatedServer": "simulated.server",
    "TruthFilm": "simulated.truth",
    "cluster_interval": "statistics",
    "compare_runs": "reports",
    "load_dataset": "datasets.registry",
    "load_run": "reports",
    "load_samples": "datasets.own.needles",
    "paired_difference": "statistics",
    "run_benchmark": "runner",
    "systems_of": "systems",
    "wilson": "statistics",
    "write_report": "reports",
}
__all__ = [
    "SimulatedServer",
    "TruthFilm",
    "cluster_interval",
    "compare_runs",
    "load_dataset",
    "load_run",
    "load_samples",
    "paired_difference",
    "run_benchmark",
    "systems_of",
    "wilson",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Load a public name where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
