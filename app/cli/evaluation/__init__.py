"""`longtake eval`: run a benchmark, score it, report it, compare two runs."""

from __future__ import annotations

import typer

from longtake.cli.evaluation import compare, datasets, fragments, needles, results, run
from longtake.cli.helptext import Group


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        cls=Group,
        help="Measure how true the answers are: benchmarks, baselines, error bars.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(lambda: None)
    for part in (run, results, compare, datasets, needles, fragments):
        part.register(group)
    app.add_typer(group, name="eval")
