"""`longtake eval needles`: how often the answers are true, on films whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longtake.cli.helptext import Command, Group, examples
from longtake.cli.options import Json, Profile, Quiet, Store, Verbose
from longtake.cli.output import OUT


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        cls=Group,
        help="Measure how true the answers are.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(lambda: None)
    group.command(
        "needles",
        cls=Command,
        epilog=examples(
            "longtake eval needles film.mp4",
            "longtake eval needles a.mp4 b.mp4 c.mp4 --out needles.json",
        ),
    )(needles)
    app.add_typer(group, name="eval")


def needles(
    films: Annotated[
        list[Path], typer.Argument(metavar="FILM...", help="Rendered films, questions beside them.")
    ],
    limit: Annotated[
        int | None, typer.Option(help="The most questions of a kind and film.", min=1)
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only this kind of question; repeat it.")
    ] = None,
    baseline: Annotated[
        bool, typer.Option(help="Also ask the same eye on 64 uniform frames.")
    ] = True,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write every record into this .json.")
    ] = None,
    json_: Json = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Ask every question of rendered films and score answers, times and abstentions."""
    from longtake.cli.scoring import score_films

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    report = score_films(
        films, limit=limit, kinds=kind, baseline=baseline, out=out, profile=profile, store=store
    )
    if json_:
        OUT.document(report.to_json())
    else:
        OUT.say(report.table())
