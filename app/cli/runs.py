"""`longtake runs`, `resume` and `replay`: what was asked, going on with it, making it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longtake.cli.answers import EventLines, exit_code, note_unfinished, print_answer
from longtake.cli.helptext import Command, examples
from longtake.cli.options import (
    FailOnAbstain,
    Json,
    JsonLines,
    Profile,
    Quiet,
    Store,
    Verbose,
)
from longtake.cli.output import OUT, dim, show_progress
from longtake.index.video.errors import EndpointError
from longtake.safe import printable

if TYPE_CHECKING:
    from longtake.agent.runs.record import RunFolder


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "runs",
        cls=Command,
        epilog=examples("longtake runs", "longtake runs 20260131-154502-9f3a1c --json"),
    )(runs)
    app.command("resume", cls=Command, epilog=examples("longtake resume 20260131-154502-9f3a1c"))(
        resume
    )
    app.command("replay", cls=Command, epilog=examples("longtake replay 20260131-154502-9f3a1c"))(
        replay
    )


def runs(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="Show what this one cost, call by call.")
    ] = None,
    json_: Json = False,
    last: Annotated[int, typer.Option("--last", "-n", help="The most runs.", min=1)] = 20,
) -> None:
    """List the questions asked so far, the newest first; or show what one of them cost."""
    from longtake.agent.runs.record import RunFolder, list_runs
    from longtake.config import load_settings

    OUT.configure(as_json=json_)
    if run is not None:
        _show(RunFolder.find(load_settings().runs_root, run))
        return
    folders = list_runs(load_settings().runs_root)[::-1][:last]
    rows = [_row(folder) for folder in folders]
    if json_:
        OUT.document(rows)
        return
    for row in rows:
        said = row["answer"] or ""
        OUT.say(
            f"{row['run_id']}  {row['status']:<10} {printable(row['question'], 60)}  "
            f"{dim(printable(said, 40))}".rstrip()
        )
    if not rows:
        OUT.note('nothing was asked yet; longtake FILM "question" asks')


def _show(folder: RunFolder) -> None:
    from longtake.cli.costs import print_costs, run_costs

    costs = run_costs(folder)
    if OUT.json:
        OUT.document(costs)
    else:
        print_costs(costs)


def _row(folder: RunFolder) -> dict[str, Any]:
    record, answer = folder.record(), folder.answer()
    return {
        "run_id": folder.run_id,
        "status": answer["status"] if answer else "unfinished",
        "question": record.get("question", ""),
        "answer": answer["answer"] if answer else None,
        "film": record.get("film", {}).get("path"),
        "folder": str(folder.path),
    }


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="As longtake runs lists it.")],
    json_: Json = False,
    jsonl: JsonLines = False,
    fail_on_abstain: FailOnAbstain = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Go on with an interrupted question from its last finished step."""
    import longtake
    from longtake.agent.runs.record import RunFolder
    from longtake.config import load_settings

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_, as_lines=jsonl)
    record = RunFolder.find(load_settings().runs_root, run).record()
    path = record["film"]["path"]
    with longtake.open(path, profile=profile, store=store) as film, show_progress() as progress:
        events = EventLines(progress)
        try:
            answer = film.resume(run, progress=events.progress, on_event=events)
        except KeyboardInterrupt:
            OUT.note(f"interrupted. To go on: longtake resume {run}")
            raise
        except EndpointError:
            note_unfinished(run, events)
            raise
    if json_:
        OUT.document(answer.model_dump(mode="json"))
    elif not jsonl:
        print_answer(answer)
    raise typer.Exit(exit_code(answer, fail_on_abstain))


def replay(
    run: Annotated[str, typer.Argument(metavar="RUN", help="As longtake runs lists it.")],
    folder: Annotated[
        Path | None, typer.Option("--from", help="A folder that ask --record wrote to.")
    ] = None,
    json_: Json = False,
    fail_on_abstain: FailOnAbstain = False,
) -> None:
    """Make a finished run again from its record, without film, model or network.

    The answer must come out as recorded, byte for byte; it is an error when it does not.
    """
    from longtake.agent.runs.replay import replay
    from longtake.config import load_settings
    from longtake.parts import recorded_planner

    OUT.configure(as_json=json_)
    root = folder or load_settings().runs_root
    answer = replay(run, runs_dir=root, planners=recorded_planner)
    if json_:
        OUT.document(answer.to_json())
    else:
        print_answer(answer)
    raise typer.Exit(exit_code(answer, fail_on_abstain))
