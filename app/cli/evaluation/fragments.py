"""`longtake eval fragments`: questions of order, speed and direction about pieces of any film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import Quiet
from longtake.cli.output import OUT


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "fragments",
        cls=Command,
        epilog=examples("longtake eval fragments film.mp4 --out fragments --count 20"),
    )(fragments)


def fragments(
    film: Annotated[Path, typer.Argument(metavar="FILM", help="Any film in which things move.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the clips and questions.")],
    count: Annotated[int, typer.Option(help="How many clips.", min=1, max=1000)] = 20,
    seed: Annotated[int, typer.Option(help="Of what is done to which clip.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Show pieces of a film twice, the second time changed, and ask how: clips and questions."""
    from longtake.eval.fragments import make_fragments

    OUT.configure(quiet=quiet)
    path = make_fragments(film, out, count, seed)
    OUT.say(str(path))
    OUT.note(f"ask with: longtake eval run {path} --system uniform:64 --no-baselines")
