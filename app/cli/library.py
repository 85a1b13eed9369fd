"""`longtake index`, `ls` and `rm`: the indexes of films."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from longtake.cli.answers import EXIT_BUDGET, note_encoder
from longtake.cli.helptext import Command, examples
from longtake.cli.options import (
    Asr,
    Captioner,
    Json,
    MaxCalls,
    MaxSeconds,
    MaxTokens,
    MaxUsd,
    Profile,
    Quiet,
    Store,
    Subtitles,
    Verbose,
    Vlm,
    given_settings,
)
from longtake.cli.output import OUT, error_json, show_progress
from longtake.index.video.errors import IndexMissing, LongtakeError, UsageError
from longtake.index.video.span import format_seconds, parse_seconds
from longtake.safe import printable
from longtake.telling.captions import plan_captions

if TYPE_CHECKING:
    from longtake.index.film_index import FilmIndex
    from longtake.index.words.caption_pass import Captioned

Films = Annotated[list[Path], typer.Argument(metavar="FILM...", help="Video files.")]
Refresh = Annotated[
    list[str] | None,
    typer.Option("--refresh", metavar="STAGE", help="Make this stage again; repeat it."),
]
Fps = Annotated[float | None, typer.Option(help="Frames indexed per second of film.")]
Workers = Annotated[int | None, typer.Option(help="Decoding processes.")]
Captions = Annotated[bool, typer.Option("--captions", help="Caption the film ahead.")]
Every = Annotated[str, typer.Option(metavar="SECONDS|clips", help="Length of a captioned clip.")]
DetailName = Annotated[Literal["short", "dense", "both"], typer.Option(help="Of the captions.")]
CaptionsPlan = Annotated[
    bool, typer.Option("--plan", help="Print what captions would take; write none.")
]
Listen = Annotated[bool, typer.Option("--listen", help="Also hear what is said (role asr).")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "index",
        cls=Command,
        epilog=examples(
            "longtake index film.mp4",
            "longtake index *.mkv --fps 2",
            "longtake index film.mp4 --refresh speech",
            "longtake index film.mp4 --captions --every 10s --plan",
            "longtake index lecture.mp4 --listen",
        ),
    )(index)
    app.command("ls", cls=Command, epilog=examples("longtake ls", "longtake ls --json"))(ls)
    app.command(
        "rm", cls=Command, epilog=examples("longtake rm film.mp4", "longtake rm 0123456789abcdef")
    )(rm)


def index(
    context: typer.Context,
    films: Films,
    refresh: Refresh = None,
    fps: Fps = None,
    workers: Workers = None,
    subtitles: Subtitles = None,
    captions: Captions = False,
    every: Every = "clips",
    detail: DetailName = "short",
    plan: CaptionsPlan = False,
    vlm: Vlm = None,
    captioner: Captioner = None,
    max_calls: MaxCalls = None,
    max_tokens: MaxTokens = None,
    max_seconds: MaxSeconds = None,
    max_usd: MaxUsd = None,
    listen: Listen = False,
    asr: Asr = None,
    json_: Json = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Make films searchable. What is done is not done again; an interrupted run goes on."""
    import longtake

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    seconds = _every(every)
    settings = given_settings(context)
    rows: list[dict[str, Any]] = []
    failed: list[LongtakeError] = []
    for path in films:
        try:
            with longtake.open(path, **settings) as film, show_progress() as progress:
                note_encoder(film)
                film.index(progress=progress, refresh=refresh or (), listen=listen)
                rows.append(_index_row(path, film.parts.index()))
                if plan:
                    rows[-1]["captions"] = plan_captions(film, seconds, detail).to_json()
                elif captions:
                    found = film.caption(every=seconds, detail=detail, progress=progress)
                    rows[-1]["captions"] = _captions_row(found)
        except UsageError:
            raise
        except LongtakeError as error:
            # one bad film must not stop the others
            if len(films) == 1:
                raise
            failed.append(error)
            rows.append({"path": str(path), "error": error_json(error)})
    _print_rows(rows)
    if failed:
        raise typer.Exit(failed[0].exit_code)
    if any(row.get("captions", {}).get("stopped") for row in rows):
        raise typer.Exit(EXIT_BUDGET)


def _every(text: str) -> float | None:
    """Read `10s`, `10` or `clips`, which is None."""
    if text == "clips":
        return None
    try:
        return parse_seconds(text.removesuffix("s").strip())
    except ValueError as error:
        raise UsageError(f"every = {text!r}", "give seconds (10s) or clips") from error


def _captions_row(found: Captioned) -> dict[str, Any]:
    skipped = [{"start": s.start, "end": s.end, "why": why} for s, why in found.skipped]
    row = {"captions": found.total, "there": found.done, "requests": found.requests}
    return {**row, "seconds": found.seconds, "skipped": skipped, "stopped": found.stopped}


def _print_captions(row: dict[str, Any]) -> None:
    """Say how far the captions are, or what they would take."""
    OUT.say(f"  captions: {row['there']} of {row['captions']} are there")
    if "stopped" not in row:
        tokens = f"{row['tokens_in']:,} tokens in, {row['tokens_out']:,} out"
        money = "no price is known" if row["usd"] is None else f"US$ {row['usd']:.2f}"
        time = "not timed yet" if row["seconds"] is None else f"{row['seconds'] / 60:.1f} minutes"
        OUT.say(f"  to do: {row['requests']} requests, {tokens}, {money}, {time}")
        return
    if row["stopped"]:
        OUT.note(f"the budget is spent ({row['stopped']}); the same command goes on")
    if row["skipped"]:
        first = row["skipped"][0]
        OUT.note(f"{len(row['skipped'])} clips have no caption: {first['why']}")


def _index_row(path: Path, built: FilmIndex) -> dict[str, Any]:
    covered = sum(span.duration for span in built.coverage)
    duration = built.info.duration
    return {
        "path": str(path),
        "film_id": built.info.film_id,
        "duration": duration,
        "frames": len(built.sample_seconds),
        "shots": len(built.shots),
        "lines_of_speech": len(built.speech_lines()),
        "speech": built.speech_sources(),
        "covered": round(min(1.0, covered / built.timeline.filled), 4),
        "caveats": list(built.caveats),
    }


def _print_rows(rows: list[dict[str, Any]]) -> None:
    if OUT.json:
        OUT.document(rows)
        return
    for row in rows:
        _print_index_row(row)


def _print_index_row(row: dict[str, Any]) -> None:
    if "error" in row:
        OUT.say(f"{printable(row['path'])}  failed: {printable(row['error']['message'])}")
        return
    OUT.say(
        f"{row['film_id']}  {format_seconds(row['duration']):>10}  "
        f"{row['frames']} frames, {row['shots']} shots, {row['lines_of_speech']} lines of speech, "
        f"{row['covered']:.1%} decodes  {printable(row['path'])}"
    )
    OUT.say(f"{'':<16}  speech: {printable('; '.join(row['speech']) or 'none')}")
    if "captions" in row:
        _print_captions(row["captions"])
    for caveat in row["caveats"]:
        OUT.note(str(caveat))


def ls(json_: Json = False, store: Store = None) -> None:
    """List the indexed films."""
    from longtake.config import load_settings
    from longtake.index.storage.store import Store as IndexStore

    OUT.configure(as_json=json_)
    films = IndexStore(load_settings({"store": store}).store_root).list()
    if json_:
        OUT.document([dataclasses.asdict(film) for film in films])
        return
    for film in films:
        size = f"{film.size_bytes / 1e6:8.1f} MB"
        length = f"{format_seconds(film.duration):>10}"
        OUT.say(f"{film.film_id}  {length}  {size}  {film.state:<8} {printable(film.path)}")
    if not films:
        OUT.note("no film is indexed yet; longtake index FILM makes the first")


def rm(
    films: Annotated[
        list[str], typer.Argument(metavar="FILM|ID...", help="Video files or film ids.")
    ],
    store: Store = None,
    quiet: Quiet = False,
) -> None:
    """Remove indexes. The films themselves are never touched."""
    from longtake.config import load_settings
    from longtake.index.storage.store import Store as IndexStore

    OUT.configure(quiet=quiet)
    indexes = IndexStore(load_settings({"store": store}).store_root)
    for name in films:
        film_id = _film_id(indexes, name)
        indexes.remove(film_id)
        OUT.note(f"removed the index {film_id} of {name}")


def _film_id(indexes: Any, name: str) -> str:
    """Return the id of an indexed film that is named by id, by path, or by where it was.

    Raises:
        IndexMissing: no such film is indexed.
    """
    stored = indexes.list()
    if any(film.film_id == name for film in stored):
        return name
    path = Path(name).absolute()
    for film in stored:
        if film.path == str(path):
            return film.film_id
    if path.is_file():
        film_id = indexes.identify(path)
        if any(film.film_id == film_id for film in stored):
            return film_id
    raise IndexMissing(f"{name} is not indexed", "longtake ls lists what is")
