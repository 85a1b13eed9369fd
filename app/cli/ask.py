"""`longtake ask`: one question about one film."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from longtake.cli.answers import (
    EventLines,
    exit_code,
    note_encoder,
    note_no_vlm,
    note_unfinished,
    print_answer,
)
from longtake.cli.helptext import Command, examples
from longtake.cli.options import (
    AbstainBelow,
    Asr,
    Captioner,
    Choice,
    Describe,
    Encoder,
    FailOnAbstain,
    FilmPath,
    Json,
    JsonLines,
    MaxCalls,
    MaxFrames,
    MaxSeconds,
    MaxSteps,
    MaxTokens,
    MaxUsd,
    NoIndex,
    Ocr,
    Planner,
    Planning,
    PlanOnly,
    Presenter,
    Profile,
    QuestionWords,
    Quiet,
    Record,
    Selector,
    Sheet,
    Store,
    Subtitles,
    TextEncoder,
    TextOnly,
    Verbose,
    Vlm,
    Yes,
    given_settings,
)
from longtake.cli.output import OUT, show_progress
from longtake.cli.settings import fetch_missing
from longtake.index.video.errors import EndpointError, UsageError
from longtake.safe import make_folder, spare_film

if TYPE_CHECKING:
    from longtake.agent.question import Question
    from longtake.api import Film
    from longtake.notebook import Answer

_EXAMPLES = examples(
    'longtake ask film.mp4 "When does the red fish appear?"',
    'longtake ask film.mp4 "Which comes first?" -c "a dog" -c "a cat" --sheet out.jpg',
    'longtake ask film.mp4 "Who opens the door?" --profile served --plan',
    "echo 'What does the sign say?' | longtake ask film.mp4 - --json | jq .evidence",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ask", cls=Command, epilog=_EXAMPLES)(ask)


def ask(
    context: typer.Context,
    film: FilmPath,
    question: QuestionWords = None,
    choice: Choice = None,
    json_: Json = False,
    jsonl: JsonLines = False,
    sheet: Sheet = None,
    record: Record = None,
    abstain_below: AbstainBelow = None,
    fail_on_abstain: FailOnAbstain = False,
    no_index: NoIndex = False,
    plan: PlanOnly = False,
    text_only: TextOnly = False,
    describe: Describe = 0,
    max_frames: MaxFrames = None,
    max_seconds: MaxSeconds = None,
    max_steps: MaxSteps = None,
    max_calls: MaxCalls = None,
    max_tokens: MaxTokens = None,
    max_usd: MaxUsd = None,
    vlm: Vlm = None,
    captioner: Captioner = None,
    planner: Planner = None,
    encoder: Encoder = None,
    text_encoder: TextEncoder = None,
    ocr: Ocr = None,
    asr: Asr = None,
    planning: Planning = None,
    selector: Selector = None,
    presenter: Presenter = None,
    subtitles: Subtitles = None,
    profile: Profile = None,
    yes: Yes = False,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Answer a question about a film. The film is indexed first where that is needed."""
    import longtake
    from longtake.agent.understanding.options import question_as_put

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_, as_lines=jsonl)
    asked = question_as_put(_read_question(question), choice)
    if describe and not text_only:
        raise UsageError(f"--describe {describe} without --text-only", "give both, or neither")
    _check_outputs(film, sheet, record)
    with longtake.open(film, **given_settings(context)) as opened:
        if plan:
            _plan(opened, asked)
            return
        if no_index:
            opened.parts.existing_index()
        note_encoder(opened)
        if yes:
            fetch_missing(opened.parts.models.missing())
        answer = _run(opened, asked, text_only, describe)
        _show(answer, opened)
        if sheet is not None:
            _draw(answer, opened, sheet)
        if record is not None:
            _keep(answer, opened, record)
    raise typer.Exit(exit_code(answer, fail_on_abstain))


def _show(answer: Answer, film: Film) -> None:
    if OUT.json:
        OUT.document(answer.model_dump(mode="json"))
    elif not OUT.lines:
        print_answer(answer)
    note_no_vlm(film)


def _check_outputs(film: Path, sheet: Path | None, record: Path | None) -> None:
    """Find before the work, not after it, what cannot be written."""
    if sheet is not None:
        from longtake.sheet import picture_format

        picture_format(sheet)
        spare_film(sheet, film)
    if record is not None:
        make_folder(record, "--record")


def _plan(film: Film, question: Question) -> None:
    """Say what a question would cost."""
    from longtake.cli.costs import print_plan

    found = film.plan(question.text, question.options or None)
    if OUT.lines:
        OUT.line({"type": "plan", **found.to_json()})
    elif OUT.json:
        OUT.document(found.to_json())
    else:
        print_plan(found)


def _read_question(question: str | None) -> str:
    if question is not None and question != "-":
        return question
    if sys.stdin is None or (question is None and sys.stdin.isatty()):
        raise UsageError("there is no question", 'longtake ask FILM "question", or - for stdin')
    return sys.stdin.read()


def _run(film: Film, question: Question, text_only: bool, describe: int) -> Answer:
    """Ask, show progress, and say how to go on when interrupted."""
    from longtake.agent.runs.record import new_run_id

    run_id = new_run_id()
    with show_progress() as bars:
        events = EventLines(bars)
        try:
            return film.ask(
                question.text,
                question.options or None,
                progress=events.progress,
                on_event=events,
                run_id=run_id,
                text_only=text_only,
                describe=describe,
            )
        except KeyboardInterrupt:
            remedy = f"longtake resume {run_id}" if events.started else "the same command again"
            OUT.note(f"interrupted; what is done is kept. To go on: {remedy}")
            raise
        except EndpointError:
            note_unfinished(run_id, events)
            raise


def _draw(answer: Answer, film: Film, path: Path) -> None:
    from longtake.notebook import answer_page
    from longtake.sheet import save_page

    save_page(answer_page(answer, film), path)
    OUT.note(f"contact sheet: {path}")


def _keep(answer: Answer, film: Film, into: Path) -> None:
    from longtake.agent.runs.record import RunFolder
    from longtake.agent.runs.replay import keep

    keep(RunFolder.find(film.settings.runs_root, answer.run_id), into)
    OUT.note(f"recorded: longtake replay {answer.run_id} --from '{into}'")
