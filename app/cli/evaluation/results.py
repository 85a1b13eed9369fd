"""`longtake eval score`, `report`, `diff` and `export`: what was found, without asking again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import Json, Quiet
from longtake.cli.output import OUT

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    for command, line in (
        (score, "longtake eval score runs/lvbench"),
        (report, "longtake eval report runs/lvbench"),
        (diff, "longtake eval diff runs/before runs/after --system agent"),
        (export, "longtake eval export runs/lvbench --out lvbench.json"),
    ):
        group.command(command.__name__, cls=Command, epilog=examples(line))(command)


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


def export(
    path: RunPath,
    system: Annotated[str, typer.Option(help="Whose answers.")] = "agent",
    harness: Annotated[
        bool, typer.Option("--lmms-eval", help="Samples as lmms-eval writes them.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file; stdout when left out.")
    ] = None,
) -> None:
    """Write a system's answers in the form that the benchmark's authors take."""
    from longtake.eval.datasets.exports import lmms_samples
    from longtake.eval.reports import load_run
    from longtake.index.storage.sealed import write_atomically
    from longtake.index.video.errors import UsageError

    run = load_run(path)
    if system not in run.systems:
        raise UsageError(f"system = {system!r}: {path} has {', '.join(run.systems)}", "name one")
    write = lmms_samples if harness else run.dataset.export
    if write is None:
        raise UsageError(
            f"{run.dataset.title} has no form of submission", "use --lmms-eval, or report.csv"
        )
    text = write([pair for pair in run.systems[system].pairs if pair[1].epoch == 0])
    if out is None:
        OUT.say(text.rstrip("\n"))
    else:
        from longtake.eval.runner.lines import OUT as PLACE

        write_atomically(out, text.encode("utf-8", "backslashreplace"), PLACE)
        OUT.say(str(out))
