"""`longtake search` and `show`: find a moment of a film and look at it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from longtake.cli.answers import note_encoder
from longtake.cli.helptext import Command, examples
from longtake.cli.options import FilmPath, Json, Profile, Quiet, Store, Subtitles, Verbose
from longtake.cli.output import OUT, bold, dim, show_progress
from longtake.index.video.errors import InputError, UsageError
from longtake.index.video.span import Span, format_seconds, parse_seconds, parse_span
from longtake.safe import printable, spare_film

if TYPE_CHECKING:
    from longtake.api import Film

# spelt out here, since importing index/search.py would load numpy for --help
Modality = Literal["fused", "visual", "speech", "text", "caption"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "search",
        cls=Command,
        epilog=examples(
            "longtake search film.mp4 'a red fish on the beach'",
            "longtake search film.mp4 'GATE 42' --modality text --json",
        ),
    )(search)
    app.command(
        "show",
        cls=Command,
        # -5 is a time that lies before the film, not a switch
        context_settings={"ignore_unknown_options": True},
        epilog=examples(
            "longtake show film.mp4 1:02:33.4 --out frame.jpg",
            "longtake show film.mp4 12:00-12:30 --out sheet.jpg --frames 12",
            "longtake show film.mp4 12:00-12:30 --clip part.mp4",
            "longtake show film.mp4 0:10 5:00 31:07 --out three.png",
        ),
    )(show)


def search(
    film: FilmPath,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, in words.")],
    top_k: Annotated[int, typer.Option("--top-k", "-k", help="The most hits.")] = 8,
    modality: Annotated[
        Modality, typer.Option(help="What to look in; text is text on screen.")
    ] = "fused",
    within: Annotated[
        str | None, typer.Option(metavar="START-END", help="Only this part, e.g. 10:00-20:00.")
    ] = None,
    subtitles: Subtitles = None,
    json_: Json = False,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Find where a film shows, says or writes something."""
    import longtake

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_)
    with longtake.open(film, profile=profile, store=store, subtitles=subtitles) as opened:
        note_encoder(opened)
        part = None if within is None else _part(opened, within)
        with show_progress() as progress:
            hits = opened.search(
                query, top_k=top_k, modality=modality, within=part, progress=progress
            )
        if json_:
            OUT.document([_hit_json(hit) for hit in hits])
            return
        for hit in hits:
            how = ", ".join(f"{name} {score:.2f}" for name, score in hit.scores.items())
            OUT.say(
                f"{hit.span!s:>21}  {bold(f'{hit.score:.2f}')}  {dim(how)}  "
                f"{printable(hit.snippet, 90)}"
            )
        if not hits:
            OUT.note("nothing found")
            for caveat in opened.parts.index().caveats:
                OUT.note(caveat)  # what of the film could not be found
        if modality == "text":
            for note in opened.parts.unknown_letters(query):
                OUT.note(note)
        told = opened.settings.profile_name == "served"  # by the first line
        if modality in ("fused", "visual") and not told and not opened.searches_pictures():
            OUT.note("no encoder here was taught such pictures: the film was searched by words")


def _hit_json(hit: Any) -> dict[str, Any]:
    return {
        "start": hit.span.start,
        "end": hit.span.end,
        "second": hit.second,
        "score": hit.score,
        "scores": dict(hit.scores),
        "snippet": hit.snippet,
    }


def _part(film: Film, text: str) -> Span:
    """Read a span given by hand and fit it into the film; what was cut off is reported."""
    try:
        span, note = parse_span(text).clamp(film.info.duration)
    except ValueError as error:
        raise UsageError(str(error), _length(film)) from error
    if span is None:
        raise UsageError(f"{parse_span(text)} is outside the film", _length(film))
    if note:
        OUT.note(note)
    return span


def _length(film: Film) -> str:
    duration = film.info.duration
    return f"the film lasts {format_seconds(duration)} ({duration:.2f} s)"


def show(
    film: FilmPath,
    at: Annotated[
        list[str], typer.Argument(metavar="TIME|SPAN...", help="1:02:33.4, 93.5 or 12:00-12:30.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="A .jpg or .png file; .mp4 for a clip.")
    ] = Path("longtake.jpg"),
    clip: Annotated[
        Path | None, typer.Option("--clip", help="Cut the span to this .mp4, pictures only.")
    ] = None,
    count: Annotated[int, typer.Option("--frames", help="Frames of a span.", min=1, max=60)] = 12,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Save the frame at a time. A span or several times become a contact sheet, or a clip."""
    import longtake
    from longtake.sheet import picture_format

    OUT.configure(quiet=quiet, verbose=verbose)
    if clip is not None and clip.suffix.lower() != ".mp4":
        raise UsageError(f"--clip {clip}", "name an .mp4 file")
    out = clip or out
    moving = out.suffix.lower() == ".mp4"
    if not moving:
        picture_format(out)
    spare_film(out, film)
    with longtake.open(film, store=store) as opened:
        seconds: list[float] = []
        marks: list[Span] = []
        for text in at:
            if "-" in text.lstrip("-"):
                marks.append(_part(opened, text))
                seconds += opened.seconds_of(marks[-1], count)
            else:
                seconds.append(_moment(opened, text))
        if moving:
            _save_clip(opened, marks, len(at), out)
        elif len(seconds) == 1:
            _save_frame(opened, seconds[0], out)
        else:
            _save_sheet(opened, seconds, marks, out)
    OUT.say(str(out))


def _moment(film: Film, text: str) -> float:
    try:
        second = parse_seconds(text)
    except ValueError as error:
        raise UsageError(str(error), _length(film)) from error
    duration = film.info.duration
    if second > duration:
        OUT.note(f"{format_seconds(second)} was cut to the film's end; {_length(film)}")
    return min(second, duration)


def _save_clip(film: Film, spans: list[Span], asked: int, out: Path) -> None:
    from longtake.clip import save_clip

    if len(spans) != 1 or asked != 1:
        raise UsageError(f"{out.name} is a clip", "give one span, for example 12:00-12:30")
    save_clip(film, spans[0], out)


def _save_frame(film: Film, second: float, out: Path) -> None:
    from PIL import Image

    from longtake.sheet import save_image

    frames = film.frames(second)
    if len(frames) == 0:
        raise InputError(f"{film.path} does not decode at {format_seconds(second)}")
    save_image(Image.fromarray(frames.pixels[0]), out)


def _save_sheet(film: Film, seconds: list[float], marks: list[Span], out: Path) -> None:
    from longtake.notebook import pictures
    from longtake.sheet import Cell, Page, save_page

    seconds = sorted(seconds)
    cells = [
        Cell(picture, second)
        for second, picture in zip(seconds, pictures(film, seconds), strict=True)
    ]
    page = Page(film.path.name, cells=cells, marks=marks, duration=film.info.duration)
    save_page(page, out)
