"""The record of a comparison: one line of JSON a question, selector, presenter and budget."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Unit = Literal["frames", "tokens"]


class Row(BaseModel):
    """What one selector and presenter did with one question within one budget.

    Attributes:
        film: name of the file and its folder.
        vlm, encoder: ids of the models; `simulated` ones say so.
        needs: what the answer takes beyond a look, as read from the question.
        budget, unit: frames of full size, or tokens of the VLM's input.
        evidence, complete, precision, recall, f1: see `SearchScore`.
        choice, correct: of the answer; None where only the search was scored.
        decoded, shown: frames, those of the selector's own looks included.
        pictures: pictures sent; a grid is one.
        tokens: read by the VLM, those of the selector's own looks included.
        calls: of the VLM.
        select_ms: milliseconds that choosing took, without looks of its own.
        seconds: of everything; a question's frames are decoded in one pass for all methods, of
            which each counts its share by frames.
        note: what the selector could not do.
        error: why there is no answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    film: str
    item: str
    kind: str
    needs: tuple[str, ...]
    vlm: str
    encoder: str
    selector: str
    presenter: str
    budget: int
    unit: Unit
    evidence: float
    complete: bool
    precision: float
    recall: float
    f1: float
    choice: int | None
    correct: bool | None
    decoded: int
    shown: int
    pictures: int
    tokens: int
    calls: int
    select_ms: float
    seconds: float
    note: str = ""
    error: str = ""

    @property
    def method(self) -> str:
        """Selector and presenter; the plain presenter goes without saying."""
        plain = self.presenter == "frames"
        return self.selector if plain else f"{self.selector} + {self.presenter}"

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this row from all others of a result file."""
        answered = "search" if self.correct is None and not self.error else "answer"
        return (*self.question_key, self.selector, self.presenter, answered)

    @property
    def question_key(self) -> tuple[str, ...]:
        """What rows have in common that are compared: question, models and budget."""
        return self.film, self.item, self.vlm, self.encoder, str(self.budget), self.unit
