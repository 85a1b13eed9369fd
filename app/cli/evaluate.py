"""`longtake eval needles`: how often the answers are true, on films whose truth is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longtake.cli.evaluation.compare import compare
from longtake.cli.helptext import Command, Group, examples
from longtake.cli.options import Json, Profile, Quiet, Store, Verbose
from longtake.cli.output import OUT, show_progress

if TYPE_CHECKING:
    from longtake.eval.needles import Subject
    from longtake.index.build import Progress


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
            "longtake eval needles a.mp4 b.mp4 c.mp4 --out needles.jsonl",
        ),
    )(needles)
    group.command(
        "compare",
        cls=Command,
        epilog=examples(
            "longtake eval compare truth/film.mp4 --selectors uniform,topk,mixed --frames 32",
            "longtake eval compare a.mp4 b.mp4 --selectors all --presenters all --plot pareto.png",
        ),
    )(compare)
    app.add_typer(group, name="eval")


def needles(
    films: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILM...]", help="Rendered films; three unseen ones when left out."
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="Length of the films rendered here.")] = 60.0,
    limit: Annotated[
        int | None, typer.Option(help="The most questions of a kind and film.", min=1)
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only this kind of question; repeat it.")
    ] = None,
    baseline: Annotated[
        bool, typer.Option(help="Also ask the VLM alone, on uniform frames.")
    ] = True,
    frames: Annotated[
        int, typer.Option(help="How many uniform frames; 0 asks the VLM blind.", min=0)
    ] = 64,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Result lines; what a file has already is not asked again."
        ),
    ] = None,
    json_: Json = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Ask every question of rendered films and score the answers."""
    from longtake.cli.film import report_to
    from longtake.config import cache_home
    from longtake.eval.needles import needle_films, run_needles

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    lines = out or Path("runs") / time.strftime("needles-%Y%m%d-%H%M%S.jsonl")
    with show_progress() as bars:
        paths = films or needle_films(
            cache_home() / "needles", minutes=minutes, progress=report_to(bars, "render", "seconds")
        )
        report = run_needles(
            _subjects(paths, frames if baseline else None, bars, profile, store),
            lines,
            limit=limit,
            kinds=kind,
            progress=report_to(bars, "ask", "questions"),
        )
    if json_:
        OUT.document(report.to_json())
    else:
        OUT.say(report.table())
    OUT.note(f"result lines: {lines}")


def _subjects(
    films: Sequence[Path],
    frames: int | None,
    progress: Callable[[Progress], None],
    profile: str | None,
    store: Path | None,
) -> Iterator[Subject]:
    """Open and index one film after the other."""
    import longtake
    from longtake.eval.baseline import uniform_glance
    from longtake.eval.needles import Subject

    for path in films:
        with longtake.open(path, profile=profile, store=store) as film:
            film.index(progress=progress)
            parts = film.parts
            glance = None
            if frames is not None:
                glance = uniform_glance(parts.decoder, parts.models.vlm, film.info.duration, frames)
            yield Subject(path, film.ask, glance, frames or 0)
