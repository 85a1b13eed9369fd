"""`longtake config show`: every setting, its value and where it came from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from longtake.cli.helptext import Command, Group, examples
from longtake.cli.options import Json
from longtake.cli.output import OUT, dim
from longtake.safe import printable


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        cls=Group, help="Show the settings.", no_args_is_help=True, rich_markup_mode=None
    )
    group.callback()(lambda: None)
    group.command(
        "show",
        cls=Command,
        epilog=examples("longtake config show", "LONGTAKE_FPS=2 longtake config show --json"),
    )(show)
    app.add_typer(group, name="config")


def show(
    json_: Json = False,
    origin: Annotated[
        bool, typer.Option("--origin/--no-origin", help="Say where each value came from.")
    ] = True,
) -> None:
    """Print every setting with its origin: flag, variable, file or default."""
    from longtake.config import KEYS, load_settings, unknown_variables, user_file

    OUT.configure(as_json=json_)
    settings = load_settings()
    shown = {name: settings.values[name] for name in KEYS}
    shown |= {"store": settings.store_root, "runs": settings.runs_root}
    if json_:
        OUT.document(
            {
                name: {
                    "value": str(value) if isinstance(value, Path) else value,
                    "origin": settings.origins[name],
                }
                for name, value in shown.items()
            }
        )
        return
    width = max(map(len, shown))
    for name, value in shown.items():
        text = "-" if value is None else printable(value)
        where = f"  {dim(printable(settings.origins[name]))}" if origin else ""
        OUT.say(f"{name:<{width}} {text:<40}{where}".rstrip())
    for variable in unknown_variables(os.environ):
        OUT.note(f"{variable} sets nothing; settings are LONGTAKE_PROFILE, LONGTAKE_FPS, ...")
    OUT.detail(f"files: ./longtake.toml, {user_file()}")
