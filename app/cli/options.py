"""Arguments and switches that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_MODELS = "Models and folders"

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
Subtitles = Annotated[
    str | None,
    typer.Option("--subtitles", help="A language (en), a file, or none.", rich_help_panel=_MODELS),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="embedded, local or served.", rich_help_panel=_MODELS),
]
