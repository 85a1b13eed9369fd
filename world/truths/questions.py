"""Questions about a film, each with its choices, its true answer and the spans that prove it.

Answers are read from the ledger. Choices are shuffled by the seed so that the right letter is as
often the first as the last, and the wrong choices are things of the same film.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...index.video.span import Span
from ..films.film import FilmPlan
from ..films.narration import name_thing
from ..scenes.objects import plural
from ..scenes.places import AT
from .facts import Ledger
from .truths import TRUTHS, Truth
from .wordings import WORDINGS

PLACE_FORMS = frozenset(
    ("colour_at", "where", "group", "most", "least", "most_first_half", "most_second_half")
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a film.

    Attributes:
        choices: None for an open question.
        answer_index: of the right choice; None without choices.
        answer: in words; None when the film holds no answer.
        spans: where the film shows it, seconds; empty when it does not.
        form: which plot it came from.
        about: the plot's subject, for the checker.
    """

    id: str
    kind: str
    question: str
    choices: tuple[str, ...] | None
    answer_index: int | None
    answer: str | None
    spans: tuple[Span, ...]
    form: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the published record; form and subject stay inside."""
        return {
            "id": self.id,
            "kind": self.kind,
            "question": self.question,
            "choices": list(self.choices) if self.choices is not None else None,
            "answer_index": self.answer_index,
            "answer": self.answer,
            "spans": [[round(s.start, 3), round(s.end, 3)] for s in self.spans],
        }


def make_questions(plan: FilmPlan) -> list[Question]:
    """Ask about every needle of the plan; needles without a clear answer are left out."""
    ledger, rng = Ledger(plan), random.Random(f"longtake questions {plan.seed}")
    letters: dict[int, list[int]] = {}
    counts: dict[str, int] = {}
    questions: list[Question] = []
    for needle in sorted(plan.needles, key=lambda n: n.kind):
        if needle.form in PLACE_FORMS and not plan.has_places:
            continue
        truth = None if needle.kind == "absent" else TRUTHS[needle.form](ledger, needle, rng)
        if truth is None and needle.kind != "absent":
            continue
        counts[needle.kind] = counts.get(needle.kind, 0) + 1
        name = f"{needle.kind}-{counts[needle.kind]:02d}"
        text = rng.choice(WORDINGS[needle.form]).format_map(_words(needle.about))
        choices, index = _deal(truth, letters, rng)
        answer, spans = (truth.answer, truth.spans) if truth else (None, ())
        questions.append(
            Question(
                name, needle.kind, text, choices, index, answer, spans, needle.form, needle.about
            )
        )
    return questions


def write_questions(plan: FilmPlan, film: str, path: Path) -> None:
    """Write the questions of a film as JSON; the same plan gives the same bytes."""
    record = {
        "film": film,
        "seed": plan.seed,
        "duration": round(plan.duration, 3),
        "questions": [q.to_json() for q in make_questions(plan)],
    }
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _deal(
    truth: Truth | None, letters: dict[int, list[int]], rng: random.Random
) -> tuple[tuple[str, ...] | None, int | None]:
    """Shuffle the choices, every letter being right once before one is right again."""
    if truth is None or truth.others is None:
        return None, None
    others = rng.sample(truth.others, len(truth.others))
    size = len(others) + 1
    if not letters.get(size):
        letters[size] = rng.sample(range(size), size)
    index = letters[size].pop()
    others.insert(index, truth.answer)
    return tuple(others), index


def _words(about: Mapping[str, Any]) -> dict[str, str]:
    words = {k: v for k, v in about.items() if isinstance(v, str)}
    if "pair" in about:
        name, colour = about["pair"]
        words |= {"pair": f"{colour} {name}", "pairs": f"{colour} {plural(name)}"}
    if "thing" in about:
        words["thing"] = name_thing(about["thing"])
    if "place" in about:
        words["at"] = AT[about["place"]]
    return words
