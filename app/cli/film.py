"""`longtake film make`: render a film of the small world, and questions with known answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longtake.cli.helptext import Command, Group, examples
from longtake.cli.options import Quiet, Verbose
from longtake.cli.output import OUT, show_progress
from longtake.safe import spare_film

if TYPE_CHECKING:
    from longtake.index.build import Progress


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        cls=Group,
        help="Render films to try and measure with.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(lambda: None)
    group.command(
        "make",
        cls=Command,
        epilog=examples(
            "longtake film make --minutes 60 --seed 7 --out demo.mp4",
            "longtake film make --minutes 10 --haystack holiday.mp4 --out needles.mp4",
        ),
    )(make)
    app.add_typer(group, name="film")


def make(
    out: Annotated[Path, typer.Option("--out", "-o", help="The .mp4 to write.")],
    minutes: Annotated[float, typer.Option(help="Length, 0.5 to 600.")] = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same film.")] = 7,
    haystack: Annotated[Path | None, typer.Option(help="A real film to use as background.")] = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Render a film and write its questions beside it."""
    from longtake.world.render import make_film, question_path

    OUT.configure(quiet=quiet, verbose=verbose)
    spare_film(out, haystack)
    with show_progress() as progress:
        film = make_film(minutes, seed, out, haystack, report_to(progress, "render", "seconds"))
    OUT.say(str(film))
    OUT.say(str(question_path(film)))


def report_to(
    progress: Callable[[Progress], None], stage: str, unit: str
) -> Callable[[float, float], None]:
    """Return a callback (done, total) that reports as a stage of progress."""
    from longtake.index.build import Progress

    began = time.monotonic()
    return lambda done, total: progress(
        Progress(stage, round(done), round(total), unit, time.monotonic() - began)
    )
