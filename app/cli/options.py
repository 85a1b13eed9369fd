"""Arguments and switches of commands: each is one alias."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer


def given_settings(context: typer.Context) -> dict[str, Any]:
    """Return the options of a command that are settings, by name; None where one was not given."""
    from longtake.config import KEYS

    return {name: value for name, value in context.params.items() if name in KEYS}


_limit = partial(typer.Option, rich_help_panel="Limits")
_model = partial(typer.Option, rich_help_panel="Models and folders")

FilmPath = Annotated[Path, typer.Argument(metavar="FILM", help="A video file.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Tell more.")
]
Store = Annotated[Path | None, _model("--store", help="Folder of the indexes.")]
RunOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder of the run; what it has is not asked again."),
]
PerKind = Annotated[
    int | None, typer.Option("--limit", help="The most questions of a kind and film.", min=1)
]
Subtitles = Annotated[
    str | None, _model("--subtitles", help="A language (en), a file, ocr, or none.")
]
Profile = Annotated[str | None, _model("--profile", help="embedded, local or served.")]

QuestionWords = Annotated[
    str | None,
    typer.Argument(metavar="QUESTION", help="In words; - reads it from stdin."),
]
Choice = Annotated[
    list[str] | None, typer.Option("--choice", "-c", help="One of the options; repeat it.")
]
JsonLines = Annotated[bool, typer.Option("--jsonl", help="Print every event as one JSON line.")]
Sheet = Annotated[
    Path | None, typer.Option("--sheet", help="Draw the evidence into this .jpg or .png.")
]
Record = Annotated[
    Path | None,
    typer.Option("--record", help="Keep the run in this folder, for longtake replay --from."),
]
AbstainBelow = Annotated[
    float | None,
    typer.Option("--abstain-below", metavar="P", help="Choose only from this confidence on."),
]
FailOnAbstain = Annotated[
    bool, typer.Option("--fail-on-abstain", help="Exit 7 when there is no answer.")
]
TextOnly = Annotated[
    bool, typer.Option("--text-only", help="Answer from the film's words; show no frame.")
]
Describe = Annotated[
    int,
    typer.Option(
        "--describe",
        metavar="N",
        min=0,
        max=16,
        help="With --text-only: describe N stretches first.",
    ),
]
NoIndex = Annotated[bool, typer.Option("--no-index", help="Exit 4 instead of indexing a new film.")]
PlanOnly = Annotated[
    bool, typer.Option("--plan", help="Print what it would cost, and ask nothing.")
]
MaxFrames = Annotated[int | None, _limit(help="Frames shown to models.")]
MaxSeconds = Annotated[float | None, _limit(help="Seconds of work.")]
MaxSteps = Annotated[int | None, _limit(help="Tool calls.")]
MaxCalls = Annotated[int | None, _limit(help="Model calls.")]
MaxTokens = Annotated[int | None, _limit(help="Language-model tokens.")]
MaxUsd = Annotated[float | None, _limit(help="US dollars.")]
Vlm = Annotated[str | None, _model(help="Video LLM, such as endpoint:NAME@URL.")]
Captioner = Annotated[str | None, _model(help="Model that captions clips.")]
Planner = Annotated[str | None, _model(help="Chat model that reads the question.")]
Encoder = Annotated[str | None, _model(help="Image encoder, or none.")]
TextEncoder = Annotated[str | None, _model(help="Sentence encoder, or none.")]
Ocr = Annotated[str | None, _model(help="rapidocr, vlm or none.")]
Asr = Annotated[str | None, _model(help="whisper:SIZE, endpoint:NAME@URL or none.")]
Planning = Annotated[str | None, _model(help="scripted, llm or auto.")]
Selector = Annotated[str | None, _model(help="Way to choose frames: cues, ktv, …")]
Presenter = Annotated[str | None, _model(help="Way to lay frames out: frames, grid, …")]
Yes = Annotated[bool, _model("--yes", "-y", help="Fetch missing weights first.")]
