"""`longtake config` and `longtake models`: what is set, what each role can be, what is here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longtake.cli.helptext import Command, Group, examples
from longtake.cli.options import Json
from longtake.cli.output import OUT, bold, dim
from longtake.index.video.errors import UsageError
from longtake.safe import printable

if TYPE_CHECKING:
    from longtake.models.fetching import Offer


def register(app: typer.Typer) -> None:
    """Add the command groups."""
    config = typer.Typer(
        cls=Group, help="Show the settings.", no_args_is_help=True, rich_markup_mode=None
    )
    config.callback()(lambda: None)
    config.command(
        "show",
        cls=Command,
        epilog=examples("longtake config show", "LONGTAKE_FPS=2 longtake config show --json"),
    )(show_settings)
    app.add_typer(config, name="config")
    group = typer.Typer(
        cls=Group,
        help="List the models, or fetch one.",
        invoke_without_command=True,
        rich_markup_mode=None,
        epilog=examples(
            "longtake models",
            "longtake models fetch Qwen/Qwen3-VL-2B-Instruct",
            "longtake models fetch ViT-B-16-SigLIP2 --yes",
        ),
    )
    group.callback()(show_models)
    group.command(
        "fetch", cls=Command, epilog=examples("longtake models fetch Qwen/Qwen3-VL-2B-Instruct")
    )(fetch)
    app.add_typer(group, name="models")


def show_settings(
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


def show_models(context: typer.Context, json_: Json = False) -> None:
    """List each role's values, and the weights that are on this machine."""
    if context.invoked_subcommand is not None:
        return
    OUT.configure(as_json=json_)
    roles, weights = _roles(), _weights()
    if json_:
        OUT.document({"roles": roles, "weights": weights})
        return
    for row in roles:
        OUT.say(f"{bold(row['role']):<13} {row['value']}")
        OUT.say(dim(f"{'':<13} one of: {', '.join(row['values'])}"))
    OUT.say()
    for row in weights:
        here = row["here"]
        what = f"{row['size']}, on this machine" if here else f"{row['size']}, not here"
        how = "" if here else f"  longtake models fetch {row['name']}"
        OUT.say(f"{row['name']:<40} {what}{dim(how)}")


def _roles() -> list[dict[str, Any]]:
    from longtake.config import load_settings
    from longtake.models.profile import PROFILES, ROLES, VALUES
    from longtake.models.registry import load_models

    settings = load_settings()
    name = settings.profile_name
    try:
        values = load_models(name, settings.roles()).names
    except UsageError:  # served without its endpoint: there is still a list to show
        values = {role: getattr(PROFILES[name], role) or "-" for role in ROLES} | settings.roles()
    return [{"role": role, "value": values[role], "values": list(VALUES[role])} for role in ROLES]


def _weights() -> list[dict[str, Any]]:
    """Return what the profiles and the settings name, and whatever else of the hub is here."""
    from longtake.config import load_settings
    from longtake.models.profile import PROFILES
    from longtake.models.weights import (
        HUB,
        USUAL_ASR,
        USUAL_ENCODER,
        USUAL_TEXT_ENCODER,
        cached_repositories,
        find_cached,
        likely_bytes,
        repository_of,
        size_text,
    )

    usual = [PROFILES["local"].vlm.removeprefix(HUB)]
    usual += [USUAL_ENCODER, USUAL_TEXT_ENCODER, USUAL_ASR]
    set_ = [name.removeprefix(HUB) for name in load_settings().roles().values()]
    names = list(dict.fromkeys([*usual, *(name for name in set_ if repository_of(name))]))
    listed = {repository_of(name) for name in names}
    names += [name for name in cached_repositories() if name not in listed]
    rows = []
    for name in names:
        cached = find_cached(name)
        size = likely_bytes(name) if cached is None else cached.size
        about = "about " if cached is None and size is not None else ""
        rows.append(
            {
                "name": name,
                "repository": repository_of(name),
                "here": cached is not None,
                "bytes": None if cached is None else cached.size,
                "size": about + size_text(size),
                "folder": None if cached is None else str(cached.folder),
            }
        )
    return rows


def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As longtake models lists it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> None:
    """Fetch a model's weights from the hub: says first how much, resumes, and checks what came."""
    from longtake.models.fetching import fetch, find_offer

    OUT.configure()
    offer = find_offer(name)
    _agree(offer, yes)
    OUT.say(str(fetch(offer)))


def _agree(offer: Offer, yes: bool) -> None:
    """Say what is fetched, and ask where somebody can answer.

    Raises:
        UsageError: nobody can, and `yes` was not given.
        typer.Abort: the answer is no.
    """
    from longtake.models.fetching import shown

    OUT.note(shown(offer))
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("nobody is here to agree to it", "add --yes")
    typer.confirm("Fetch it?", abort=True, err=True)


def fetch_missing(missing: dict[str, str]) -> None:
    """Fetch the weights that a question lacks, one line about each first."""
    from longtake.models.fetching import fetch, find_offer

    for name in dict.fromkeys(missing.values()):
        offer = find_offer(name)
        _agree(offer, yes=True)
        fetch(offer)
