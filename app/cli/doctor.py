"""`longtake doctor`: is this machine ready, and what is this film like?"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import Json, Store
from longtake.cli.output import OUT
from longtake.index.video.errors import UsageError
from longtake.safe import printable

if TYPE_CHECKING:
    from longtake.doctor import Check

_SIGNS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "doctor",
        cls=Command,
        epilog=examples(
            "longtake doctor",
            "longtake doctor film.mp4 --json",
            "longtake doctor --endpoint http://127.0.0.1:8000/v1",
        ),
    )(doctor)


def doctor(
    film: Annotated[
        Path | None, typer.Argument(metavar="[FILM]", help="A video file.", show_default=False)
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", metavar="URL", help="Ask a model server what it can do."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Which of the server's models.")
    ] = None,
    json_: Json = False,
    store: Store = None,
) -> None:
    """Check this machine, a film, or a model server.

    Says what a film is and what of it will be skipped, or what a server was proven to do.
    """
    OUT.configure(as_json=json_)
    if endpoint is not None and film is not None:
        raise UsageError("a film and --endpoint exclude each other", "give one of them")
    if model is not None and endpoint is None:
        raise UsageError("--model needs a server", "add --endpoint URL")
    if endpoint is not None:
        checks = _of_endpoint(endpoint, model)
    else:
        checks = _of_machine(store) if film is None else _of_film(film, store)
    if json_:
        OUT.document([dataclasses.asdict(check) for check in checks])
    else:
        for check in checks:
            OUT.say(f"{_SIGNS[check.verdict]}  {check.name:<16} {printable(check.found)}")
            if check.remedy:
                OUT.say(f"{'':<22} -> {printable(check.remedy)}")
    if any(check.verdict == "fail" for check in checks):
        raise typer.Exit(2)


def _of_machine(store: Path | None) -> list[Check]:
    from longtake.config import load_settings
    from longtake.doctor import check_machine

    return list(check_machine(load_settings({"store": store})))


def _of_endpoint(url: str, model: str | None) -> list[Check]:
    from longtake.config import load_settings
    from longtake.endpoint_check import check_endpoint

    settings = load_settings()
    return list(check_endpoint(url, model, settings.key_env))


def _of_film(film: Path, store: Path | None) -> list[Check]:
    import longtake
    from longtake.doctor import check_film

    with longtake.open(film, store=store) as opened:
        return list(check_film(opened))
