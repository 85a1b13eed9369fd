"""How often the question rules state something about public questions, and how often wrongly.

    .venv/bin/python bench/question_reading.py --sets FOLDER

`--sets` (or LONGTAKE_TEST_QUESTIONS) names the folder of copies of public repositories,
`FOLDER/<owner>/<name>/<file>`; without it only the questions with committed text are read.
The rules were written with the tuning half in sight; only the held-out half measures them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from longtake.agent.understanding.intent import Intent
from longtake.agent.understanding.rules import read_rules
from longtake.eval.question_labels import FIELDS, Label, faults, load_labels, stated
from longtake.eval.statistics import wilson

LABELS = Path(__file__).resolve().parents[1] / "tests" / "data" / "question_labels.jsonl"


def read(label: Label) -> Intent:
    """Return the rules' reading; the form of the answer is the open one."""
    closed = read_rules(label.text, label.options, label.duration)
    opened = read_rules(label.text, (), label.duration)
    return replace(closed, answer_form=opened.answer_form, cues=(*closed.cues, *opened.cues))


def rate(right: int, n: int) -> str:
    if n == 0:
        return "-"
    share = wilson(right, n)
    return f"{right}/{n} = {share.value:.1%} [{share.low:.1%}, {share.high:.1%}]"


def table(name: str, labels: Sequence[Label]) -> None:
    readings = [(read(label), label) for label in labels]
    says = [stated(intent) for intent, _ in readings]
    wrong = [faults(intent, label) for intent, label in readings]
    print(f"\n{name}, n = {len(labels)}")
    print(f"{'field':<14}{'stated':<34}wrong, of those stated")
    for field in FIELDS:
        said = sum(one[field] for one in says)
        print(
            f"{field:<14}{rate(said, len(labels)):<34}{rate(sum(field in w for w in wrong), said)}"
        )
    any_said = sum(any(one.values()) for one in says)
    any_wrong = sum(map(bool, wrong))
    print(f"{'anything':<14}{rate(any_said, len(labels)):<34}{rate(any_wrong, any_said)}")
    print(f"questions with anything wrong: {rate(any_wrong, len(labels))}")


def main() -> None:
    parser = argparse.ArgumentParser(description="how well the question rules read")
    parser.add_argument("--sets", type=Path, default=os.environ.get("LONGTAKE_TEST_QUESTIONS"))
    sets = parser.parse_args().sets
    labels, missing = load_labels(LABELS, Path(sets) if sets else None)
    if missing:
        print(f"{len(missing)} questions left out, for example: {missing[0]}")
    table("tuning half", [label for label in labels if label.tuning])
    table("held-out half", [label for label in labels if not label.tuning])


if __name__ == "__main__":
    main()
