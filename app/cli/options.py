"""Arguments and switches of commands: those that several share, then those of `ask`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_LIMITS, _MODELS = "Limits", "Models and folders"

FilmPath = Annotated[Path, typer.Argument(metavar="FILM", help="A video file.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Tell more.")
]
Store = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of the indexes.", rich_help_panel=_MODELS),
]
RunOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder of the run; what it has is not asked again."),
]
PerKind = Annotated[
    int | None, typer.Option("--limit", help="The most questions of a kind and film.", min=1)
]
Subtitles = Annotated[
    str | None,
    typer.Option(
        "--subtitles", help="A language (en), a file, ocr, or none.", rich_help_panel=_MODELS
    ),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="embedded, local or served.", rich_help_panel=_MODELS),
]

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
MaxFrames = Annotated[
    int | None, typer.Option(help="Frames shown to models.", rich_help_panel=_LIMITS)
]
MaxSeconds = Annotated[float | None, typer.Option(help="Seconds of work.", rich_help_panel=_LIMITS)]
MaxSteps = Annotated[int | None, typer.Option(help="Tool calls.", rich_help_panel=_LIMITS)]
MaxCalls = Annotated[int | None, typer.Option(help="Model calls.", rich_help_panel=_LIMITS)]
MaxTokens = Annotated[
    int | None, typer.Option(help="Language-model tokens.", rich_help_panel=_LIMITS)
]
MaxUsd = Annotated[float | None, typer.Option(help="US dollars.", rich_help_panel=_LIMITS)]
Vlm = Annotated[
    str | None,
    typer.Option(help="Video LLM, such as endpoint:NAME@URL.", rich_help_panel=_MODELS),
]
Captioner = Annotated[
    str | None, typer.Option(help="Model that captions clips.", rich_help_panel=_MODELS)
]
Planner = Annotated[
    str | None,
    typer.Option(help="Chat model that reads the question.", rich_help_panel=_MODELS),
]
Encoder = Annotated[
    str | None, typer.Option(help="Image encoder, or none.", rich_help_panel=_MODELS)
]
TextEncoder = Annotated[
    str | None, typer.Option(help="Sentence encoder, or none.", rich_help_panel=_MODELS)
]
Ocr = Annotated[str | None, typer.Option(help="rapidocr, vlm or none.", rich_help_panel=_MODELS)]
Asr = Annotated[
    str | None,
    typer.Option(help="whisper:SIZE, endpoint:NAME@URL or none.", rich_help_panel=_MODELS),
]
Planning = Annotated[
    str | None, typer.Option(help="scripted, llm or auto.", rich_help_panel=_MODELS)
]
Selector = Annotated[
    str | None,
    typer.Option(help="Way to choose frames: mixed, ktv, …", rich_help_panel=_MODELS),
]
Presenter = Annotated[
    str | None,
    typer.Option(help="Way to lay frames out: frames, grid, …", rich_help_panel=_MODELS),
]
Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Fetch missing weights first.", rich_help_panel=_MODELS),
]
