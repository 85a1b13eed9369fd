"""Public questions labelled by hand, and how a reading of a question is judged by them.

A row names its question by repository, file and row, with the SHA-256 of its normalised text; the
text itself stands in the row only where its licence allows it (NExT-QA). Everything else is read
from copies of those repositories below a folder: `FOLDER/<owner>/<name>/<path of the file>`.

The 300 were drawn with a fixed seed from 24,144 different questions of seven benchmarks: 27 % of
each at random, the rest in turn over the kinds that are easily misread (times, other numbers,
negation, amounts, order, speech, writing, quotes, first and last, clauses, yes or no, why, when).

The labels say what the answer takes; `*_ok` lists what is defensible besides.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..agent.understanding.intent import Intent
from ..agent.understanding.understand import Understood

NEAR_SECONDS = 5.0
"""How far the ends of a part may be from a labelled one."""

_NOMINAL = {"short": 120.0, "medium": 900.0, "long": 3600.0}
"""The longest film of each class of Video-MME, which states no durations."""

FIELDS = ("answer_form", "within", "needs", "negated", "quoted")
"""What a reading may state, and may be wrong about."""

Row = tuple[str, tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Label:
    """A question and what its reading should be.

    Attributes:
        key: SHA-256 of the normalised question, hexadecimal; an even one is for tuning.
        text: the question.
        options: its choices; empty for an open question.
        duration: of the film, in seconds; infinite where it is not known.
        values: the labels of the row, by name.
    """

    key: str
    text: str
    options: tuple[str, ...]
    duration: float
    values: Mapping[str, Any]

    @property
    def tuning(self) -> bool:
        """Whether rules may be written with it in sight."""
        return int(self.key[-1], 16) % 2 == 0


def normalised(text: str) -> str:
    """Return a text in one spelling: NFKC, case folded, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def sha256(text: str) -> str:
    """Return the SHA-256 of the normalised text, hexadecimal."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()


def load_labels(path: Path, folder: Path | None) -> tuple[list[Label], list[str]]:
    """Read labelled questions.

    Args:
        path: the file of labels, one JSON object a line.
        folder: of the copies of public repositories; None for the questions with text only.

    Returns:
        The labels whose question was found, and for each other one why it was left out.
    """
    labels, missing = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = _question(row, folder)
        if isinstance(found, str):
            missing.append(found)
            continue
        labels.append(Label(row["sha256"], *found, row))
    return labels, missing


def _question(row: Mapping[str, Any], folder: Path | None) -> Row | str:
    if "question" in row:
        return row["question"], tuple(row["options"]), row["duration"]
    place = f"{row['source']}/{row['file']}"
    if folder is None or not (folder / place).is_file():
        return f"{place}: no copy"
    found = _rows(folder, row["source"], row["file"])[row["row"]]
    return found if sha256(found[0]) == row["sha256"] else f"{place}: row {row['row']} is another"


@cache
def _rows(folder: Path, source: str, file: str) -> Sequence[Row]:
    text = (folder / source / file).read_text(encoding="utf-8")
    if file.endswith(".csv"):
        rows: Sequence[Any] = list(csv.DictReader(text.splitlines()))
    elif file.endswith(".jsonl"):
        rows = [json.loads(line) for line in text.splitlines()]
    else:
        rows = json.loads(text)
    return [_READERS[source](row) for row in rows]


def _plain(question: str, options: str) -> Callable[[Mapping[str, Any]], Row]:
    def read(row: Mapping[str, Any]) -> Row:
        duration = row.get("duration")
        seconds = _NOMINAL[duration] if isinstance(duration, str) else duration
        choices = row.get(options) or row.get("options") or []
        return row[question], tuple(map(str, choices)), float(seconds or "inf")

    return read


def _needles(row: Mapping[str, Any]) -> Row:
    body = row["prompt"].split("<image>\n")[1].split("\nAnswer with")[0]
    return body.split("\nA. ")[0], tuple(re.findall(r"(?m)^[A-Z]\. (.*)$", body)), float("inf")


def _series(row: Mapping[str, Any]) -> Row:
    return row["q"], tuple(row[f"a{place}"] for place in range(5)), float("inf")


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Row]] = {
    "ncTimTang/AKS": _plain("question", "candidates"),
    "CG-Bench/CG-Bench": _plain("question", "choices"),
    "JUNJIE99/MLVU": _plain("question", "candidates"),
    "LucasHuang0327/MLVU-Qwen": _plain("question", "candidates"),
    "joez17/VideoNIAH": _needles,
    "Vision-CAIR/InfiniBench": _series,
}


def stated(intent: Intent) -> dict[str, bool]:
    """Say for each field whether a reading differs from the neutral one."""
    return {
        "answer_form": intent.answer_form not in ("text", "choice"),
        "within": intent.within is not None,
        "needs": bool(intent.needs),
        "negated": intent.negated,
        "quoted": any(cue.role == "anchor" for cue in intent.cues),
    }


def faults(intent: Intent, label: Label) -> dict[str, str]:
    """Return what a reading states wrongly, field by field; nothing for what it leaves open."""
    values, found = label.values, {}
    forms = ["choice", "text", values["answer_form"], *values["answer_form_ok"]]
    if intent.answer_form not in forms:
        found["answer_form"] = intent.answer_form
    if intent.within is not None:
        part = (intent.within.start, intent.within.end)
        if not any(_alike(part, right) for right in [values["within"], *values["within_ok"]]):
            found["within"] = str(intent.within)
        elif intent.scope not in [values["scope"], *values["scope_ok"], "whole"]:
            found["within"] = intent.scope
    wrong = intent.needs - {*values["needs"], *values["needs_ok"]}
    if wrong:
        found["needs"] = ", ".join(sorted(wrong))
    if intent.negated and not (values["negated"] or values["negated_ok"]):
        found["negated"] = "negated"
    quoted = _wrong_quotes(intent, values)
    if quoted:
        found["quoted"] = "; ".join(quoted)
    return found


def unusable(found: Understood, label: Label) -> str | None:
    """Return why the reading of a chat model is of no use for a search; None where it is usable.

    Usable: the reply could be read, at least one cue of its own speaks of the question, and it
    states no wrong part of the film, no wrong form of the answer and no wrong negation. Needs
    beyond those labelled cost time and mislead nobody, so they do not count here.
    """
    if found.problem:
        return f"no reply: {found.problem}"
    known = _words(" ".join((label.text, *label.options)))
    own = [cue for cue in found.intent.cues if cue.role != "option" and cue.text != label.text]
    if not any(_words(cue.text) & known for cue in own):
        return "no cue of the question"
    wrong = faults(found.intent, label)
    return next((name for name in ("within", "answer_form", "negated") if name in wrong), None)


def _words(text: str) -> set[str]:
    return {word for word in normalised(re.sub(r"\W+", " ", text)).split() if len(word) > 3}


def _alike(part: tuple[float, float], right: Sequence[float] | None) -> bool:
    if right is None:
        return False
    if right[0] == right[1]:
        return part[0] <= right[0] <= part[1] and part[1] - part[0] <= 60
    return all(abs(a - b) <= NEAR_SECONDS for a, b in zip(part, right, strict=True))


def _wrong_quotes(intent: Intent, values: Mapping[str, Any]) -> list[str]:
    right = {
        text if re.fullmatch(r"[0-9a-f]{64}", text) else sha256(text) for text in values["quoted"]
    }
    modalities = [None, "seen", *values["modalities"], *values["modalities_ok"]]
    return [
        f"{cue.text} ({cue.modality})"
        for cue in intent.cues
        if cue.role == "anchor"
        and (sha256(cue.text) not in right or cue.modality not in modalities)
    ]
