"""Needles by depth and length: how much of the evidence a selector hits, by where it lies.

    longtake eval compare FILM... --no-answers --frames 32 --out rows.jsonl
    python bench/needle_depth.py rows.jsonl FILM...

A stress curve after VideoNIAH (arXiv 2406.09367), of the rows of a comparison. The depth of a
question is the middle of its evidence as a share of the film; one whose evidence is spread over
more than a third of the film has none and is counted apart.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from longtake.eval.compare import Item, Row, load_items
from longtake.eval.runner.lines import read_records
from longtake.eval.statistics import wilson
from longtake.index.video.decode import Decoder

PARTS = 3
SPREAD = "spread"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("films", nargs="+", type=Path)
    given = parser.parse_args()
    rows = read_records(given.rows, Row)
    names = [f"{k + 1}/{PARTS}" for k in range(PARTS)] + [SPREAD]
    print(f"| film | selector, frames | {' | '.join(names)} | all |")
    print("|---|---|" + "---|" * (len(names) + 1))
    for path in given.films:
        with Decoder(path) as decoder:
            duration = decoder.timeline.duration
        part_of = {item.id: part(item, duration) for item in load_items(path)}
        mine = [row for row in rows if row.film == f"{path.parent.name}/{path.name}"]
        for method, budget in dict.fromkeys((row.method, row.budget) for row in mine):
            same = [row for row in mine if (row.method, row.budget) == (method, budget)]
            groups = [[row for row in same if part_of[row.item] == name] for name in names]
            cells = " | ".join(hit(group) for group in [*groups, same])
            print(f"| {duration / 60:.0f} min | {method}, {budget} | {cells} |")


def part(item: Item, duration: float) -> str:
    """Return the part of the film that the evidence lies in."""
    spans = item.spans
    if spans[-1].end - spans[0].start > duration / PARTS:
        return SPREAD
    middle = (spans[0].start + spans[-1].end) / 2
    return f"{min(PARTS - 1, int(PARTS * middle / duration)) + 1}/{PARTS}"


def hit(rows: list[Row]) -> str:
    """Return the mean evidence hit, and the share of questions of which all was, with n."""
    if not rows:
        return "-"
    whole = wilson(sum(row.complete for row in rows), len(rows))
    return (
        f"{100 * np.mean([row.evidence for row in rows]):.0f}; all of it "
        f"{100 * whole.value:.0f} ({100 * whole.low:.0f} to {100 * whole.high:.0f}; {len(rows)})"
    )


if __name__ == "__main__":
    main()
