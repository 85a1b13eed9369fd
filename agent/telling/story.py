"""What a telling is made of; every record travels as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ...index.telling.names import Entity
from ...index.video.span import Span
from ...index.words.lines import WordKind

SCHEMA_VERSION = 1
Length = Literal["short", "medium", "long"]
LENGTHS: tuple[Length, ...] = ("short", "medium", "long")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence about the film, and when the film says or shows what it rests on.

    Attributes:
        text: the sentence.
        spans: of the lines that support it, in time order; never empty.
        kind: whether that is said (`speech`), written on screen (`text`) or seen (`caption`).
        verbatim: the sentence is the film's own.
    """

    text: str
    spans: tuple[Span, ...]
    kind: WordKind
    verbatim: bool = True

    @property
    def span(self) -> Span:
        """From its first support to its last."""
        return Span(self.spans[0].start, max(span.end for span in self.spans))


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of the film about one thing; its title is words of the film or a model's."""

    span: Span
    title: str
    summary: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens or is told of.

    Attributes:
        id: `e1`, `e2`, … in the order of time.
        what: the statement.
        who: names of the entities in it.
        where: the place, where a model named one that the lines hold; empty otherwise.
        step: it is one step of how something is done.
    """

    id: str
    what: Statement
    who: tuple[str, ...] = ()
    where: str = ""
    step: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge of the graph of events: `next` in time, or `same_entity` under a name."""

    source: str
    target: str
    kind: Literal["next", "same_entity"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A film told.

    Attributes:
        film_id, path, duration: of the film.
        method: `extractive`, or the id of the chat model that wrote it.
        languages: of the film's words (ISO 639-1), the commonest first.
        chapters: in time order; together they are the whole film.
        summaries: by length, statements in time order.
        narrative: the film as one story, in time order.
        events: in time order; with `relations` a graph, after GEST (Masala et al., "Explaining
            Vision and Language through Graphs of Events in Space and Time", 2023).
        entities: who and what is named.
        caveats: what the reader should know.
        stopped: what cut it short: `budget`, `endpoint` (a server gave up), or empty.
        usage: calls, tokens and US dollars that it took.
    """

    film_id: str
    path: str
    duration: float
    method: str
    languages: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    summaries: Mapping[Length, tuple[Statement, ...]]
    narrative: tuple[Statement, ...] = ()
    events: tuple[Event, ...] = ()
    relations: tuple[Relation, ...] = ()
    entities: tuple[Entity, ...] = ()
    caveats: tuple[str, ...] = ()
    stopped: Literal["", "budget", "endpoint"] = ""
    usage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all that was asked for was done."""
        return not self.stopped

    @property
    def steps(self) -> tuple[Event, ...]:
        """How something is done, step by step; empty where no model read the film so."""
        return tuple(event for event in self.events if event.step)

    def statements(self) -> list[Statement]:
        """Return every sentence that is told, each once."""
        chapters = (chapter.summary for chapter in self.chapters)
        told = [*self.summaries.values(), *chapters, self.narrative]
        told.append(tuple(event.what for event in self.events))
        return list(dict.fromkeys(statement for group in told for statement in group))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Story:
        """Read what `to_json` wrote.

        Raises:
            ValueError: it is no story of this version.
        """
        if value.get("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"schema_version = {value.get('schema_version')!r}")
        values = {name: part for name, part in value.items() if name != "schema_version"}
        values |= {
            "languages": tuple(value["languages"]),
            "caveats": tuple(value["caveats"]),
            "chapters": tuple(
                Chapter(Span(**row["span"]), row["title"], _statements(row["summary"]))
                for row in value["chapters"]
            ),
            "summaries": {name: _statements(rows) for name, rows in value["summaries"].items()},
            "narrative": _statements(value["narrative"]),
            "events": tuple(map(_event, value["events"])),
            "relations": tuple(Relation(**row) for row in value["relations"]),
            "entities": tuple(
                Entity(row["name"], tuple(row["aliases"]), _spans(row["spans"]), row["kind"])
                for row in value["entities"]
            ),
        }
        return cls(**values)


def _event(row: Mapping[str, Any]) -> Event:
    what = _statements([row["what"]])[0]
    return Event(row["id"], what, tuple(row["who"]), row["where"], row["step"])


def _statements(rows: Sequence[Mapping[str, Any]]) -> tuple[Statement, ...]:
    return tuple(Statement(**{**row, "spans": _spans(row["spans"])}) for row in rows)


def _spans(rows: Sequence[Mapping[str, float]]) -> tuple[Span, ...]:
    return tuple(Span(**row) for row in rows)
