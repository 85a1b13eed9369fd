"""`longtake eval run`: systems answer the questions of a benchmark."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import (
    Json,
    Profile,
    Quiet,
    RunOut,
    Store,
    Verbose,
    Vlm,
    given_settings,
)
from longtake.cli.output import OUT

_choice = partial(typer.Option, rich_help_panel="What is asked")
_cost = partial(typer.Option, rich_help_panel="Limits and trouble")
Systems = Annotated[
    list[str] | None,
    _choice(
        "--system",
        help="agent, blind, text-only, uniform:N (or equal-frames, equal-tokens), oracle; "
        "repeat it. The agent when left out.",
    ),
]
Baselines = Annotated[
    bool,
    _choice("--baselines/--no-baselines", help="Also run every baseline beside what is named."),
]
PerFilm = Annotated[int | None, _choice(help="The first N questions of each film.", min=1)]
PerKind = Annotated[int | None, _choice(help="The first N of each kind in each film.", min=1)]
Kinds = Annotated[list[str] | None, _choice("--kind", help="Only this kind; repeat it.")]
Workers = Annotated[str | None, _cost(help="Films at a time (1), or ray://HOST:PORT.")]
CountLimit = Annotated[int | None, _cost(help="Of the agent, a question.")]
AmountLimit = Annotated[float | None, _cost(help="Of the agent, a question.")]


def register(group: typer.Typer) -> None:
    """Add the command."""
    lines = (
        "longtake eval run lvbench --data ~/lvbench --out runs/lvbench",
        "longtake eval run questions.jsonl --system agent --system uniform:32 --limit 20",
    )
    group.command("run", cls=Command, epilog=examples(*lines))(run)


def run(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET",
            help="A benchmark, a .jsonl file of questions, or a folder of needle films.",
        ),
    ],
    context: typer.Context,
    data: Annotated[Path | None, _choice("--data", help="The benchmark's folder.")] = None,
    split: Annotated[str | None, _choice(help="A split of it.")] = None,
    system: Systems = None,
    baselines: Baselines = True,
    limit: Annotated[int | None, _choice(help="The first N questions.", min=1)] = None,
    films: Annotated[int | None, _choice(help="Those about the first N films.", min=1)] = None,
    per_film: PerFilm = None,
    per_kind: PerKind = None,
    kind: Kinds = None,
    epochs: Annotated[int, _choice(help="Ask everything so often.")] = 1,
    out: RunOut = None,
    workers: Workers = None,
    ray: Annotated[bool, _cost("--ray", help="Work on a Ray cluster.")] = False,
    retries: Annotated[int, _cost(help="Tries more after server trouble.")] = 1,
    max_errors: Annotated[int, _cost(help="Errors in a row that stop the run.")] = 5,
    max_seconds: AmountLimit = None,
    max_frames: CountLimit = None,
    max_tokens: CountLimit = None,
    max_usd: AmountLimit = None,
    json_: Json = False,
    profile: Profile = None,
    vlm: Vlm = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Ask systems the questions of a benchmark; run it again to go on where it stopped."""
    from longtake.batch.run import choose, load, run_samples
    from longtake.cli.evaluation.ending import Ticker, end
    from longtake.eval.runner import Policy
    from longtake.eval.systems import systems_of

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    systems = systems_of([*(system or ["agent"]), *(_fitting(system) if baselines else ())])
    flags = given_settings(context)
    del flags["workers"]  # here films at a time, not decoding processes
    policy = Policy(epochs, retries, max_errors)
    loaded = _told(load(dataset, data, split))
    samples = choose(loaded, limit, films, per_film, kind, per_kind)
    path = out or Path("runs") / time.strftime(f"{samples[0].dataset}-%Y%m%d-%H%M%S")
    works = _works(workers, ray, max_errors)
    _announce(samples, [system.name for system in systems], flags)
    with Ticker() as ticker:
        finished = run_samples(
            samples, systems, path, flags, policy=policy, told=ticker, works=works
        )
    return end(finished, path, as_json=json_)


def _told(loaded: Any) -> list[Any]:
    """Tell what was refused of a benchmark, and return its samples."""
    for refusal in loaded.refused[:20]:
        OUT.note(f"left out: {refusal}")
    if len(loaded.refused) > 20:
        OUT.note(f"left out: {len(loaded.refused) - 20} rows more")
    for flag, count in loaded.flags.most_common():
        OUT.detail(f"{count} samples: {flag}")
    return list(loaded.samples)


def _announce(samples: list[Any], systems: list[str], flags: dict[str, Any]) -> None:
    """Tell what is about to be asked, of which model, and which films are not there."""
    from longtake.config import load_settings

    films = {sample.video.path for sample in samples}
    settings = load_settings({name: value for name, value in flags.items() if value is not None})
    model = settings.values["vlm"] or f"that of profile {settings.profile_name}"
    OUT.note(
        f"{len(samples)} questions, {len(films)} films, video LLM: {model}; {', '.join(systems)}"
    )
    if settings.profile_name == "embedded" and samples[0].dataset != "needles":
        OUT.note(
            "the embedded video LLM knows drawn films only, of others it guesses; "
            "name yours: --vlm endpoint:NAME@URL"
        )
    if missing := sorted(path for path in films if not Path(path).is_file()):
        OUT.note(
            f"{len(missing)} of {len(films)} films are not there, their questions count as wrong "
            f"and are asked when the run is gone on with; the first: {missing[0]}"
        )


def _fitting(named: list[str] | None) -> list[str]:
    """Return the baselines; those that take their measure from the agent only beside it."""
    from longtake.eval.systems import BASELINES

    agent = named is None or "agent" in named
    return [name for name in BASELINES if agent or "equal" not in name]


def _works(workers: str | None, ray: bool, max_errors: int) -> Any:
    """Return what works the films off: threads here, or a Ray cluster.

    Raises:
        UsageError: the number of workers is off, or Ray is not installed.
        EndpointError: no cluster answers.
    """
    from longtake.eval.runner.threads import work_in_threads
    from longtake.index.video.errors import UsageError

    address = workers if workers and workers.startswith("ray://") else ""
    count = None if address or workers is None else workers
    if count is not None and not (count.isdecimal() and 1 <= int(count) <= 1024):
        raise UsageError(f"workers = {workers!r}", "give 1 to 1024, or ray://HOST:PORT")
    if not (ray or address):
        return work_in_threads(int(count or 1))
    from longtake.eval.runner.cluster import work_on_cluster

    return work_on_cluster(address, int(count) if count else None, max_errors)
