"""`longtake tell`: chapters, summary, events and names of a film, in the format that is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from longtake.cli.answers import EXIT_BUDGET
from longtake.cli.helptext import Command, examples
from longtake.cli.options import (
    FilmPath,
    Json,
    MaxCalls,
    MaxSeconds,
    MaxTokens,
    MaxUsd,
    Planner,
    Profile,
    Quiet,
    Store,
    Subtitles,
    TextEncoder,
    Verbose,
    Vlm,
    given_settings,
)
from longtake.cli.output import OUT, bold, dim, show_progress
from longtake.index.video.errors import EndpointError, UsageError
from longtake.index.video.span import format_seconds
from longtake.safe import printable, spare_film
from longtake.telling.exports import Content

if TYPE_CHECKING:
    from longtake.agent.telling.story import Story
    from longtake.api import Film

Format = Literal["text", "txt", "md", "json", "srt", "vtt", "youtube", "ffmetadata", "edl", "otio"]
Length = Literal["short", "medium", "long"]
FormatName = Annotated[Format, typer.Option("--format", "-f", help="How it is written.")]
Part = Annotated[
    Content | None, typer.Option("--of", help="Which part; the format's usual one when left out.")
]
SummaryLength = Annotated[Length, typer.Option(help="Of the summary.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="A file; else stdout.")]
Extractive = Annotated[
    bool, typer.Option("--extractive", help="The film's own sentences; no model writes.")
]
Rounds = Annotated[
    int, typer.Option(help="How often a summary is judged and rewritten.", min=0, max=20)
]
Again = Annotated[bool, typer.Option("--again", help="Tell it anew.")]
_MOST_NAMES = 8


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "tell",
        cls=Command,
        epilog=examples(
            "longtake tell lecture.mp4",
            "longtake tell lecture.mp4 --format youtube --out chapters.txt",
            "longtake tell lecture.mp4 --format md --length long --out lecture.md",
            "longtake tell lecture.mp4 --format edl --of events --out events.edl",
        ),
    )(tell)


def tell(
    context: typer.Context,
    film: FilmPath,
    format_: FormatName = "text",
    part: Part = None,
    length: SummaryLength = "medium",
    out: Out = None,
    extractive: Extractive = False,
    rounds: Rounds = 5,
    again: Again = False,
    json_: Json = False,
    max_calls: MaxCalls = None,
    max_tokens: MaxTokens = None,
    max_seconds: MaxSeconds = None,
    max_usd: MaxUsd = None,
    vlm: Vlm = None,
    planner: Planner = None,
    text_encoder: TextEncoder = None,
    subtitles: Subtitles = None,
    profile: Profile = None,
    store: Store = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Tell a film: its chapters, summary, events and names, each with the times that prove it."""
    import longtake

    OUT.configure(quiet=quiet, verbose=verbose, as_json=json_ or format_ == "json")
    if out is not None:
        spare_film(out, film)
    with longtake.open(film, **given_settings(context)) as opened:
        with show_progress() as progress:
            chat = not extractive
            story = opened.story(progress=progress, chat=chat, rounds=rounds, again=again)
        for caveat in story.caveats:
            OUT.note(caveat)
        if OUT.json and part is None and out is None:
            OUT.document(story.to_json())
        elif format_ == "text" and part is None and out is None:
            print_story(story, length)
        else:
            _export(opened, story, "json" if OUT.json else format_, part, length, out)
    if story.stopped:
        raise typer.Exit(EXIT_BUDGET if story.stopped == "budget" else EndpointError.exit_code)


def print_story(story: Story, length: Length) -> None:
    """Print a story for a person: summary, chapters, steps and names."""
    OUT.say(bold("Summary") + dim(f"  ({story.method})"))
    for statement in story.summaries[length]:
        OUT.say(f"  {format_seconds(statement.spans[0].start):>10}  {printable(statement.text)}")
    OUT.say(bold("Chapters"))
    for chapter in story.chapters:
        OUT.say(f"  {chapter.span!s:>21}  {printable(chapter.title, 90)}")
    if story.steps:
        OUT.say(bold("Steps"))
        for event in story.steps:
            when = format_seconds(event.what.spans[0].start)
            OUT.say(f"  {when:>10}  {printable(event.what.text)}")
    if story.entities:
        OUT.say(bold("Named"))
        for entity in story.entities[:_MOST_NAMES]:
            times = ", ".join(format_seconds(span.start) for span in entity.spans[:6])
            OUT.say(f"  {printable(entity.name, 40)}: {times}")


def _export(
    film: Film,
    story: Story,
    format_: str,
    part: Content | None,
    length: Length,
    out: Path | None,
) -> None:
    """Write a part of a story, or all of it, in a format."""
    import json

    from longtake.index.storage.os_faults import Place
    from longtake.index.storage.sealed import write_atomically
    from longtake.telling.exports import FORMATS, as_markdown, cues_of

    if format_ == "json" and part is None:
        text = json.dumps(story.to_json(), ensure_ascii=False, indent=1) + "\n"
    elif format_ == "md" and part is None:
        text = as_markdown(story, length)
    else:
        usual, write = FORMATS.get(format_, FORMATS["txt"])
        wanted = part or usual
        if wanted == "speech":
            said = film.parts.index(None).words().lines(("speech",))
            cues = [(line.span, line.text) for line in said]
        else:
            cues = cues_of(story, wanted, length)
        if format_ == "json":
            rows = [{"start": s.start, "end": s.end, "text": words} for s, words in cues]
            text = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
        else:
            text = write(cues, story)
    if out is None:
        OUT.say(text.rstrip("\n"))
        return
    write_atomically(out, text.encode("utf-8", "replace"), Place("--out", UsageError))
    OUT.say(str(out))
