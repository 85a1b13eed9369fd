"""How often the question rules state something about public questions, and how often wrongly.

    .venv/bin/python bench/question_reading.py --sets FOLDER
    .venv/bin/python bench/question_reading.py --sets FOLDER --planner endpoint:NAME@URL --limit 60

With `--planner` a chat model reads the first questions of the held-out half, and it is counted how
many of its readings are usable; `--out` keeps them, and what it has is not asked again.

`--sets` (or LONGTAKE_TEST_QUESTIONS) names the folder of copies of public repositories,
`FOLDER/<owner>/<name>/<file>`; without it only the questions with committed text are read.
The rules were written with the tuning half in sight; only the held-out half measures them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from longtake.agent.question import Question
from longtake.agent.understanding.intent import Intent
from longtake.agent.understanding.rules import read_rules
from longtake.agent.understanding.understand import understand
from longtake.eval.question_labels import FIELDS, Label, faults, load_labels, stated, unusable
from longtake.eval.statistics import wilson
from longtake.models.client.chat import ServedChat
from longtake.models.client.client import open_client

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


def read_by_model(labels: Sequence[Label], planner: str, out: Path) -> None:
    """Let a chat model read questions; print how many readings are usable, and why others not."""
    done = {}
    if out.exists():
        done = {row["key"]: row for row in map(json.loads, out.read_text().splitlines())}
    chat = ServedChat(open_client(planner, "LONGTAKE_KEY"))
    for label in labels:
        if label.key in done:
            continue
        duration = label.duration if math.isfinite(label.duration) else 3600.0
        found = understand(Question(label.text, label.options), duration, chat)
        row = {
            "key": label.key,
            "why": unusable(found, label),
            "wrong": faults(found.intent, label),
            "dropped": found.dropped,
            "seconds": found.seconds,
            "intent": found.intent.to_json(),
        }
        done[label.key] = row
        with out.open("a") as lines:
            lines.write(json.dumps(row, default=str) + "\n")
    rows = [done[label.key] for label in labels]
    usable = sum(row["why"] is None for row in rows)
    print(f"\nread by {planner}, usable: {rate(usable, len(rows))}")
    for why, count in Counter(row["why"] for row in rows if row["why"]).most_common():
        print(f"  {count} {why}")
    print(
        f"any field wrong, needs included: {rate(sum(bool(r['wrong']) for r in rows), len(rows))}"
    )
    print(f"replies with a part dropped: {rate(sum(bool(r['dropped']) for r in rows), len(rows))}")
    print(f"seconds a question, median: {median(row['seconds'] for row in rows):.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="how well questions are read")
    parser.add_argument("--sets", type=Path, default=os.environ.get("LONGTAKE_TEST_QUESTIONS"))
    parser.add_argument("--planner", help="endpoint:NAME@URL, a chat model")
    parser.add_argument("--limit", type=int, default=60, help="questions that it reads")
    parser.add_argument("--out", type=Path, default=Path("question_reading.jsonl"))
    args = parser.parse_args()
    sets = args.sets
    labels, missing = load_labels(LABELS, Path(sets) if sets else None)
    if missing:
        print(f"{len(missing)} questions left out, for example: {missing[0]}")
    if args.planner:
        held = sorted((one for one in labels if not one.tuning), key=lambda one: one.key)
        read_by_model(held[: args.limit], args.planner, args.out)
        return
    table("tuning half", [label for label in labels if label.tuning])
    table("held-out half", [label for label in labels if not label.tuning])


if __name__ == "__main__":
    main()
