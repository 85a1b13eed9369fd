"""`longtake eval compare`: selectors and presenters side by side, on films whose truth is known."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import Json, PerKind, Profile, Quiet, Store, Verbose
from longtake.cli.output import OUT, show_progress
from longtake.index.video.errors import UsageError

if TYPE_CHECKING:
    from longtake.eval.compare import Row

ALL = "all"
LIMITS = {"--frames": (1, 512), "--tokens": (64, 1_000_000)}


Films = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILM...", help="Truth films of real clips (the VLM is simulated), or drawn."
    ),
]
Names = Annotated[str, typer.Option(help="Names, by commas; or all.")]
Every = Annotated[bool, typer.Option("--every", help="Each selector with each presenter.")]
Frames = Annotated[str, typer.Option(help="Budgets, frames of full size.")]
Tokens = Annotated[
    str | None, typer.Option(help="Budgets in tokens of the VLM's input, instead of frames.")
]
Answers = Annotated[bool, typer.Option(help="Also ask the VLM; else only the search is scored.")]
Recall = Annotated[
    float,
    typer.Option(help="Of the simulated encoder, among the first 5; 0: no encoder.", min=0, max=1),
]
Plot = Annotated[Path | None, typer.Option(help="Where to draw right against cost.")]
RowsOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Result lines; what a file has already is not asked again."),
]


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "compare",
        cls=Command,
        epilog=examples(
            "longtake eval compare truth/film.mp4 --selectors uniform,topk,cues --frames 32",
            "longtake eval compare a.mp4 b.mp4 --selectors all --presenters all --plot pareto.png",
        ),
    )(compare)


def compare(
    films: Films,
    selectors: Names = ALL,
    presenters: Names = "frames",
    every: Every = False,
    frames: Frames = "8,16,32,64",
    tokens: Tokens = None,
    answers: Answers = True,
    recall: Recall = 0.7,
    limit: PerKind = None,
    plot: Plot = None,
    out: RowsOut = None,
    json_: Json = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Compare ways to choose and lay out frames, within equal budgets."""
    from longtake.batch.subject import open_subject
    from longtake.cli.film import report_to
    from longtake.eval.compare import compare_film, draw_pareto, tables
    from longtake.eval.compare.run import pairs_of
    from longtake.tools.present import PRESENTERS
    from longtake.tools.select import SELECTORS

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    chosen = named("--selectors", selectors, list(SELECTORS))
    laid = named("--presenters", presenters, list(PRESENTERS))
    budgets = numbers("--frames", frames) if tokens is None else numbers("--tokens", tokens)
    pairs = pairs_of(chosen, laid, every=every)
    lines = out or Path("runs") / time.strftime("compare-%Y%m%d-%H%M%S.jsonl")
    lines.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    with show_progress() as bars:
        told = report_to(bars, "compare", "questions")
        for path in films:
            with open_subject(path, profile, store, recall, limit, bars) as subject:
                rows += compare_film(
                    subject,
                    pairs,
                    budgets,
                    lines,
                    answers=answers,
                    told=told,
                    unit="frames" if tokens is None else "tokens",
                )
    if json_:
        OUT.document({"rows": [row.model_dump() for row in rows]})
    else:
        OUT.say(tables(rows))
    if plot is not None:
        OUT.note(f"plot: {draw_pareto(rows, plot)}")
    OUT.note(f"result lines: {lines}")


def named(option: str, given: str, known: Sequence[str]) -> list[str]:
    """Return the names of a list with commas, `all` for all that there are.

    Raises:
        UsageError: a name is not known.
    """
    names = list(known) if given.strip() == ALL else [name.strip() for name in given.split(",")]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise UsageError(f"{option} {given!r}: choose from all, {', '.join(known)}")
    return list(dict.fromkeys(names))


def numbers(option: str, given: str) -> list[int]:
    """Return the budgets of a list with commas.

    Raises:
        UsageError: one is no whole number, or outside what the option takes.
    """
    low, high = LIMITS[option]
    try:
        found = [int(part) for part in given.split(",")]
    except ValueError:
        found = [low - 1]
    if not all(low <= number <= high for number in found):
        raise UsageError(f"{option} {given!r}: give whole numbers from {low} to {high}, by commas")
    return sorted(set(found))
