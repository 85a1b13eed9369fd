"""`longtake eval needles`: the needle benchmark, on films that are rendered where missing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import Json, PerKind, Profile, Quiet, RunOut, Store, Verbose
from longtake.cli.output import OUT, show_progress


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "needles",
        cls=Command,
        epilog=examples(
            "longtake eval needles film.mp4",
            "longtake eval needles a.mp4 b.mp4 c.mp4 --out runs/needles",
        ),
    )(needles)


def needles(
    films: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILM...]", help="Rendered films; three unseen ones when left out."
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="Length of the films rendered here.")] = 60.0,
    limit: PerKind = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only this kind of question; repeat it.")
    ] = None,
    baseline: Annotated[
        bool, typer.Option(help="Also ask the VLM alone, on uniform frames.")
    ] = True,
    frames: Annotated[
        int, typer.Option(help="How many uniform frames; 0 asks the VLM blind.", min=0)
    ] = 64,
    out: RunOut = None,
    json_: Json = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Ask every question of rendered films and score the answers."""
    from longtake.batch.run import choose, run_samples
    from longtake.cli.evaluation.ending import Ticker, end
    from longtake.cli.film import report_to
    from longtake.config import cache_home
    from longtake.eval.needles import needle_films, needle_samples
    from longtake.eval.systems import systems_of

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    path = out or Path("runs") / time.strftime("needles-%Y%m%d-%H%M%S")
    with show_progress() as bars:
        paths = films or needle_films(
            cache_home() / "needles", minutes=minutes, progress=report_to(bars, "render", "seconds")
        )
    samples = choose(needle_samples(paths), kinds=kind, per_kind=limit)
    other = f"uniform:{frames}" if frames else "blind"
    systems = systems_of(["agent", other] if baseline else ["agent"])
    flags = {"profile": profile, "store": store}
    with Ticker() as ticker:
        finished = run_samples(samples, systems, path, flags, told=ticker)
    return end(finished, path, as_json=json_)
