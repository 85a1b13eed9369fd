"""Speech as it is kept: one sealed file for each chunk that was heard, in a folder for a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..protocols import Utterance, Word
from ..storage.annotations import Ledger
from ..storage.sealed import digest
from ..video.span import Span, format_seconds, merge_spans
from ..words.lines import Line
from .joining import Heard, join_heard, lines_of

FOLDER = "heard"
_HEX = 12
_WHOLE = 0.995  # share from which the film counts as heard to its end


class SpeechLedger:
    """What one model heard in a film.

    Args:
        folder: where it is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ledger = Ledger(folder)

    @classmethod
    def of_model(cls, directory: Path, model: str) -> SpeechLedger:
        """Return what a model (by its id) heard of the film whose index is in `directory`."""
        return cls(directory / FOLDER / digest(model.encode())[:_HEX])

    @classmethod
    def find(cls, directory: Path, model: str | None = None) -> SpeechLedger | None:
        """Return what was heard, of the film whose index is in `directory`; None for nothing.

        Args:
            directory: of the index.
            model: by its id; None for the model that heard most.
        """
        if model is not None:
            ledgers = [cls.of_model(directory, model)]
        else:
            ledgers = [cls(path) for path in sorted((directory / FOLDER).glob("*/"))]
        found = max(ledgers, key=lambda ledger: ledger.seconds, default=None)
        return found if found is not None and found.seconds else None

    def put(self, heard: Heard, name: str) -> None:
        """Keep a chunk, with the name of the model."""
        self._ledger.put(
            round(heard.span.start * 1000),
            {
                "name": name,
                "start": heard.span.start,
                "end": heard.span.end,
                "lost": round(heard.lost, 3),
                "said": [_row(said) for said in heard.utterances],
            },
        )

    @property
    def seconds(self) -> float:
        """How much of the film was heard."""
        return sum(span.duration for span in self.spans())

    def spans(self) -> list[Span]:
        """Return the stretches of film that were heard, in time order."""
        return merge_spans(heard.span for heard in self.chunks())

    @property
    def name(self) -> str:
        """The model's name; "" where nothing was heard."""
        documents = self._ledger.read()[0]
        return str(next(iter(documents.values()))["name"]) if documents else ""

    def describe(self, duration: float) -> str:
        """Say who heard how much of a film of `duration` seconds: `whisper base`."""
        share = min(1.0, self.seconds / duration)
        part = "" if share > _WHOLE else f" ({share:.0%} of the film heard)"
        lost = sum(heard.lost for heard in self.chunks())
        damage = f" ({format_seconds(lost)} of the sound do not decode)" if lost > 0.1 else ""
        return f"{self.name}{part}{damage}"

    def chunks(self) -> list[Heard]:
        """Return the chunks in time order; where two overlap, the earlier answers."""
        documents = self._ledger.read()[0].values()
        chunks: list[Heard] = []
        for document in sorted(documents, key=lambda document: document["start"]):
            span = Span(document["start"], document["end"])
            if not chunks or span.start >= chunks[-1].span.end - 1e-6:
                said = tuple(_utterance(row) for row in document["said"])
                chunks.append(Heard(span, said, document.get("lost", 0.0)))
        return chunks

    def lines(self, duration: float) -> list[Line]:
        """Return the lines that were heard, in time order.

        Args:
            duration: of the film, seconds.
        """
        return lines_of(join_heard(self.chunks()), self.name, duration)


def shifted(said: Utterance, seconds: float) -> Utterance:
    """Return an utterance at another time."""
    words = tuple(
        replace(word, start=word.start + seconds, end=word.end + seconds) for word in said.words
    )
    return replace(said, start=said.start + seconds, end=said.end + seconds, words=words)


def _row(said: Utterance) -> dict[str, Any]:
    return {
        "start": round(said.start, 3),
        "end": round(said.end, 3),
        "text": said.text,
        "language": said.language,
        "score": round(said.score, 3),
        "words": [
            [round(word.start, 3), round(word.end, 3), word.text, round(word.score, 3)]
            for word in said.words
        ],
    }


def _utterance(row: dict[str, Any]) -> Utterance:
    words = tuple(Word(*word) for word in row["words"])
    return Utterance(row["start"], row["end"], row["text"], words, row["language"], row["score"])
