"""`longtake eval`: run a benchmark, score it, report it, compare two runs."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longtake.cli.helptext import Command, Group, examples
from longtake.cli.options import Json, Profile, Quiet, Store, Verbose
from longtake.cli.output import OUT

if TYPE_CHECKING:
    from longtake.eval.runner import Finished

_CHOICE, _COST = "What is asked", "Limits and trouble"
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    from longtake.cli import datasets, needles

    group = typer.Typer(
        cls=Group,
        help="Measure how true the answers are: benchmarks, baselines, error bars.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(lambda: None)
    for name, command, lines in (
        (
            "run",
            run,
            (
                "longtake eval run lvbench --data ~/lvbench --out runs/lvbench",
                "longtake eval run questions.jsonl --system agent --system uniform:32 --limit 20",
            ),
        ),
        ("score", score, ("longtake eval score runs/lvbench",)),
        ("report", report, ("longtake eval report runs/lvbench",)),
        ("diff", diff, ("longtake eval diff runs/before runs/after --system agent",)),
    ):
        group.command(name, cls=Command, epilog=examples(*lines))(command)
    needles.register(group)
    datasets.register(group)
    app.add_typer(group, name="eval")


def run(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET",
            help="A benchmark, a .jsonl file of questions, or a folder of needle films.",
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The benchmark's folder.", rich_help_panel=_CHOICE),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="A split of it.", rich_help_panel=_CHOICE)
    ] = None,
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system",
            help="agent, blind, text-only, uniform:N (or equal-frames, equal-tokens), oracle; "
            "repeat it. The agent when left out.",
            rich_help_panel=_CHOICE,
        ),
    ] = None,
    baselines: Annotated[
        bool,
        typer.Option(
            "--baselines/--no-baselines",
            help="Also run every baseline beside what is named.",
            rich_help_panel=_CHOICE,
        ),
    ] = True,
    limit: Annotated[
        int | None, typer.Option(help="The first N questions.", min=1, rich_help_panel=_CHOICE)
    ] = None,
    films: Annotated[
        int | None,
        typer.Option(help="Those about the first N films.", min=1, rich_help_panel=_CHOICE),
    ] = None,
    per_film: Annotated[
        int | None,
        typer.Option(help="The first N questions of each film.", min=1, rich_help_panel=_CHOICE),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Only this kind; repeat it.", rich_help_panel=_CHOICE),
    ] = None,
    epochs: Annotated[
        int, typer.Option(help="Ask everything so often.", rich_help_panel=_CHOICE)
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the run; one that is there is gone on with."),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(help="Films at a time (1), or ray://HOST:PORT.", rich_help_panel=_COST),
    ] = None,
    ray: Annotated[
        bool, typer.Option("--ray", help="Work on a Ray cluster.", rich_help_panel=_COST)
    ] = False,
    retries: Annotated[
        int, typer.Option(help="Tries more after server trouble.", rich_help_panel=_COST)
    ] = 1,
    max_errors: Annotated[
        int, typer.Option(help="Errors in a row that stop the run.", rich_help_panel=_COST)
    ] = 5,
    max_seconds: Annotated[
        float | None, typer.Option(help="Of the agent, a question.", rich_help_panel=_COST)
    ] = None,
    max_frames: Annotated[
        int | None, typer.Option(help="Of the agent, a question.", rich_help_panel=_COST)
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="Of the agent, a question.", rich_help_panel=_COST)
    ] = None,
    max_usd: Annotated[
        float | None, typer.Option(help="Of the agent, a question.", rich_help_panel=_COST)
    ] = None,
    json_: Json = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Ask systems the questions of a benchmark; run it again to go on where it stopped."""
    from longtake.eval.runner import Policy
    from longtake.eval.systems import systems_of

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    systems = systems_of([*(system or ["agent"]), *(_fitting(system) if baselines else ())])
    flags = {
        "profile": profile,
        "store": store,
        "max_seconds": max_seconds,
        "max_frames": max_frames,
        "max_tokens": max_tokens,
        "max_usd": max_usd,
    }
    policy = Policy(epochs, retries, max_errors)
    samples = choose(load(dataset, data, split), limit, films, per_film, kind)
    path = out or Path("runs") / time.strftime(f"{samples[0].dataset}-%Y%m%d-%H%M%S")
    works = _works(workers, ray, max_errors)
    finished = run_samples(samples, systems, path, flags, policy, works)
    return end(finished, path, as_json=json_)


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


def load(dataset: str, data: Path | None, split: str | None) -> list[Any]:
    """Load the samples of a benchmark, and tell what was refused."""
    from longtake.eval.datasets.registry import DATASETS, load_dataset
    from longtake.index.video.errors import UsageError

    named, folder = dataset, data
    if dataset not in DATASETS and Path(dataset).exists():
        named = "jsonl" if Path(dataset).is_file() else "needles"
        folder = Path(dataset)
    elif dataset in DATASETS and data is None:
        raise UsageError(
            f"data: where are the files of {dataset}?",
            "give their folder with --data; `longtake eval datasets` says what to download",
        )
    loaded = load_dataset(named, folder or Path(), split)
    for refusal in loaded.refused[:20]:
        OUT.note(f"left out: {refusal}")
    if len(loaded.refused) > 20:
        OUT.note(f"left out: {len(loaded.refused) - 20} rows more")
    for flag, count in loaded.flags.most_common():
        OUT.detail(f"{count} samples: {flag}")
    return list(loaded.samples)


def choose(
    samples: list[Any],
    limit: int | None,
    films: int | None,
    per_film: int | None,
    kinds: list[str] | None,
) -> list[Any]:
    """Keep what is asked for.

    Raises:
        UsageError: nothing is left.
    """
    from longtake.index.video.errors import UsageError

    by_film: dict[str, list[Any]] = {}
    for sample in samples:
        if not kinds or set(kinds) & set(sample.task_type):
            by_film.setdefault(sample.video.id, []).append(sample)
    chosen = {id(s) for name in list(by_film)[:films] for s in by_film[name][:per_film]}
    kept = [sample for sample in samples if id(sample) in chosen][:limit]
    if not kept:
        there = sorted({name for sample in samples for name in sample.task_type})
        raise UsageError(
            f"kind = {', '.join(kinds or ['all'])}: none of the {len(samples)} questions is left",
            f"the kinds are: {', '.join(there) or 'none'}",
        )
    return kept


def run_samples(
    samples: list[Any],
    systems: list[Any],
    path: Path,
    flags: dict[str, Any],
    policy: Any,
    works: Any = None,
) -> Finished:
    """Run systems on samples with the settings of the command line, telling how far it is."""
    from longtake.config import load_settings
    from longtake.eval.runner import RunConfig, RunFolder, run_benchmark
    from longtake.under_test import FilmOpener, identity

    settings = {name: value for name, value in flags.items() if value is not None}
    settings["runs"] = RunFolder(path).traces.absolute()
    chosen = load_settings(settings)
    # all of them by value: a worker on another machine has another environment
    opener = FilmOpener({k: v for k, v in chosen.values.items() if v is not None})
    models, others, limits = identity(chosen)
    one = samples[0]
    config = RunConfig.of_now(
        one.dataset, one.split, one.revision, models=models, settings=others, limits=limits
    )
    command = "longtake " + shlex.join(sys.argv[1:])
    with Ticker() as ticker:
        return run_benchmark(
            path,
            config,
            samples,
            systems,
            opener,
            policy=policy,
            told=ticker,
            works=works,
            facts={"command": command, "epochs": policy.epochs, "created": time.time()},
        )


def end(finished: Finished, path: Path, *, as_json: bool) -> int:
    """Write the report of what there is, and say how it ended; return the exit code."""
    from longtake.eval.reports import write_report
    from longtake.eval.reports.markdown import differences, scores
    from longtake.index.video.errors import EndpointError, InputError

    again = f"go on with: longtake {shlex.join(sys.argv[1:])}"
    if finished.stopped == "interrupted" and not finished.tally.done:
        OUT.note(f"interrupted before the first answer; {again}")
        return 130
    try:
        summary = write_report(path)
    except InputError:
        if finished.stopped is None:
            raise
        raise EndpointError(f"stopped after {finished.stopped}", again) from None
    if as_json:
        OUT.document(summary)
    else:
        OUT.say(scores(summary))
        if summary["comparisons"]:
            OUT.say()
            OUT.say(differences(summary).split("\n\n", 1)[1])
        for warning in summary["warnings"]:
            OUT.note(warning)
        OUT.note(f"report: {path / 'report.html'} (also .md, .json, .csv)")
    if finished.stopped == "interrupted":
        if path.name not in again and "--out" not in again and "-o" not in sys.argv:
            again += f" --out {shlex.quote(str(path))}"
        OUT.note(f"interrupted, {finished.tally.done} answers kept; {again}")
        return 130
    if finished.stopped is not None:
        raise EndpointError(f"stopped after {finished.stopped}", again)
    return 0


def score(path: RunPath, json_: Json = False, quiet: Quiet = False) -> None:
    """Score a run again, without asking anything again."""
    from longtake.eval.reports import load_run, summarize
    from longtake.eval.reports.markdown import metrics, scores

    OUT.configure(quiet=quiet, as_json=json_)
    summary = summarize(load_run(path))
    if json_:
        OUT.document(summary)
        return
    OUT.say(scores(summary))
    OUT.say()
    OUT.say(metrics(summary).split("\n\n", 1)[1])
    for warning in summary["warnings"]:
        OUT.note(warning)


def report(
    path: RunPath,
    traces: Annotated[int, typer.Option(help="Traces of the agent on the page.", min=0)] = 300,
    pictures: Annotated[int, typer.Option(help="How many of these have frames.", min=0)] = 60,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write report.html, report.md, report.json and report.csv of a run."""
    from longtake.eval.reports import write_report

    OUT.configure(quiet=quiet, as_json=json_)
    summary = write_report(path, traces=traces, pictures=pictures)
    if json_:
        OUT.document(summary)
        return
    for name in ("report.html", "report.md", "report.json", "report.csv"):
        OUT.say(str(path / name))
    for warning in summary["warnings"]:
        OUT.note(warning)


def diff(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of another.")],
    system: Annotated[
        str | None, typer.Option(help="Only this system; all that both have when left out.")
    ] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare two runs on the questions that both answered: A minus B."""
    from longtake.eval.reports import compare_runs
    from longtake.eval.reports.markdown import differences

    OUT.configure(quiet=quiet, as_json=json_)
    found = compare_runs(first, second, system)
    if json_:
        OUT.document(found)
        return
    OUT.say(f"A = {found['first']}, B = {found['second']}")
    OUT.say(
        f"{found['shared']} questions shared, {found['only_first']} only in A, "
        f"{found['only_second']} only in B"
    )
    if found["configs"]:
        OUT.say("configurations differ (A -> B):")
        for line in found["configs"]:
            OUT.say(f"  {line}")
    else:
        OUT.say("configurations are the same")
    table = differences(found)
    OUT.say()
    OUT.say(table.split("\n\n", 1)[1] if table else "no system has answers in both")
    for warning in found["warnings"]:
        OUT.note(warning)


class Ticker:
    """Tells how far a run is: a line every ten seconds, or a moving one on a terminal."""

    def __init__(self) -> None:
        self._last, self._status = 0.0, None

    def __enter__(self) -> Ticker:
        from longtake.cli.output import QUIET, colourful

        self._last = time.monotonic()
        if OUT.level > QUIET and colourful(sys.stderr):
            from rich.console import Console

            self._status = Console(stderr=True).status("opening the first film")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, result: Any, tally: Any) -> None:
        """Take one result."""
        if result.status in ("error", "missing_media"):
            OUT.detail(f"{result.system}, {result.sample_id}: {result.error}")
        if self._status is not None:
            self._status.update(tally.line())
        elif tally.done == tally.total or time.monotonic() - self._last >= 10:
            self._last = time.monotonic()
            OUT.note(tally.line())
