"""Tell a film: with a chat model in its words, without one in the film's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...index.progress import Listener
from ...index.protocols import TextEncoder
from ...index.video.errors import LongtakeError
from ...index.words.lines import Line
from ..chat import Chat
from ..cost.budget import Budget
from ..cost.rates import Rates
from .outline import (
    Outline,
    chapters_of,
    events_of,
    film_lines,
    make_outline,
    relations_of,
    summaries_of,
)
from .shelf import Shelf
from .story import Story

if TYPE_CHECKING:
    from ...index.film_index import FilmIndex

VERSION = 1
"""Of the way films are told; another one tells them anew."""

EXTRACTIVE = "extractive"


def tell(
    index: FilmIndex,
    *,
    chat: Chat | None = None,
    encoder: TextEncoder | None = None,
    budget: Budget | None = None,
    rates: Rates | None = None,
    rounds: int = 5,
    progress: Listener | None = None,
    again: bool = False,
) -> Story:
    """Return a film told: chapters, summaries, events, steps and names.

    What was told before of the same words by the same models is read back.

    Args:
        index: of the film.
        chat: writes it; None for the film's own sentences.
        encoder: compares sentences by meaning; None for words.
        budget: limits of the chat model's work; usual ones when None.
        rates: what the chat model costs.
        rounds: how often the summary is judged and written again, at most.
        progress: told as the work goes on; it may raise to stop, what was done is kept.
        again: tell it anew although it was told.
    """
    lines, doubtful = film_lines(index)
    shelf = Shelf(index.directory)
    made_from = {
        "version": VERSION,
        "lines": [[line.span.start, line.span.end, line.kind, line.text] for line in lines],
        "encoder": encoder.id if encoder is not None else None,
        "chat": chat.id if chat is not None else None,
        "rounds": rounds if chat is not None else None,
    }
    kept = None if again else _kept(shelf, made_from)
    if kept is not None:
        return replace(kept, path=str(index.info.path))
    outline = make_outline(index, lines, encoder, progress)
    story = extractive_story(index, outline, _caveats(index, lines, doubtful))
    if chat is not None and lines:
        from .writing import write

        story = write(
            story,
            outline,
            chat,
            shelf,
            encoder=encoder,
            budget=budget,
            rates=rates,
            rounds=rounds,
            progress=progress,
        )
    if story.complete:
        shelf.put(made_from, story.to_json())
        _keep_names(index, story, shelf)
    if shelf.problem:
        story = replace(story, caveats=(*story.caveats, shelf.problem))
    return story


def _keep_names(index: FilmIndex, story: Story, shelf: Shelf) -> None:
    """Let searches of this film find everybody by all of their names."""
    try:
        index.keep_names([entity.names for entity in story.entities if entity.aliases])
    except LongtakeError as error:
        shelf.problem = shelf.problem or f"nothing more is kept: {error.message}"


def _kept(shelf: Shelf, made_from: Any) -> Story | None:
    document = shelf.get(made_from)
    try:
        return None if document is None else Story.from_json(document)
    except (KeyError, TypeError, ValueError):
        return None


def extractive_story(index: FilmIndex, outline: Outline, caveats: Sequence[str]) -> Story:
    """Return a film told in its own sentences."""
    summaries = summaries_of(outline)
    entities = outline.entities
    events = events_of(summaries["long"], entities)
    info = index.info
    return Story(
        info.film_id,
        str(info.path),
        info.duration,
        EXTRACTIVE,
        outline.languages if outline.sentences else (),
        tuple(chapters_of(outline)),
        summaries,
        summaries["long"],
        tuple(events),
        tuple(relations_of(events)),
        entities,
        tuple(caveats),
    )


def _caveats(index: FilmIndex, lines: Sequence[Line], doubtful: int) -> list[str]:
    """Say what a telling of this film leaves out."""
    caveats = list(index.caveats)
    if doubtful:
        caveats.append(f"{doubtful} lines are in doubt and were left out")
    if not lines:
        caveats.append(
            "no words are known of this film: chapters are told apart by its pictures alone; "
            "longtake index FILM --captions describes them"
        )
    elif not any(line.kind == "speech" for line in lines):
        caveats.append("nothing that is said is known: it is told from screen text and captions")
    return caveats
