"""Selectors: time to choose frames from the index of a film of one hour and of ten.

    python bench/frame_selection.py [--hours 1 10] [--budget 64] [--repeats 5]

The film is drawn: shots of 2 to 20 seconds whose frames lie close together in a space of 768
dimensions, eight cues that some shots are like, a few passages about each. Nothing is decoded and
no model is asked, so `tempo`, `tstar` and `freevideo` run on the encoder's cosines alone.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from longtake.index.video.span import Span
from longtake.tools.results import Line
from longtake.tools.select import SELECTORS, FilmFacts

DIM, CUES, PASSAGES = 768, 8, 8
AIMS = {1.0: 0.3, 10.0: 1.5}


def drawn_film(hours: float, seed: int = 0) -> FilmFacts:
    """Return what is known of a film of so many hours, a sample a second."""
    rng = np.random.default_rng(seed)
    count = int(hours * 3600)
    cuts = np.cumsum(rng.uniform(2, 20, count))
    cuts = cuts[cuts < count]
    shot = np.searchsorted(cuts, np.arange(count), side="right")
    places = rng.normal(size=(len(cuts) + 1, DIM)).astype(np.float32)
    vectors = places[shot] + 0.4 * rng.normal(size=(count, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cues = places[rng.integers(len(places), size=CUES)]
    cues = cues / np.linalg.norm(cues, axis=1, keepdims=True)
    passages = tuple(
        tuple(
            Line(Span(at, at + 30), "words", "speech", float(score))
            for at, score in zip(
                rng.uniform(0, count - 30, PASSAGES), rng.random(PASSAGES), strict=True
            )
        )
        for _ in range(CUES)
    )
    return FilmFacts(
        Span(0.0, float(count)),
        np.arange(0.0, count, 2.0),
        cuts,
        np.arange(float(count)),
        vectors,
        np.arange(count),
        (cues @ vectors.T).astype(np.float32),
        passages,
        roles=("target", "target", "anchor", "context", *["option"] * (CUES - 4)),
        needs=frozenset({"motion", "detail"}),
    )


def timed(name: str, facts: FilmFacts, budget: int, repeats: int) -> tuple[float, float]:
    """Return the median of the wall times and of the processor times, seconds."""
    walls, busy = [], []
    for _ in range(repeats):
        wall, own = time.perf_counter(), time.process_time()
        SELECTORS[name](facts, budget)
        walls.append(time.perf_counter() - wall)
        busy.append(time.process_time() - own)
    return statistics.median(walls), statistics.median(busy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[1.0, 10.0])
    parser.add_argument("--budget", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    films = {hours: drawn_film(hours) for hours in given.hours}
    heads = [f"{hours:g} h: wall, processor (ms)" for hours in films]
    print(f"| selector, {given.budget} frames | {' | '.join(heads)} |")
    print("|---|" + "---|" * len(films))
    late = []
    for name in SELECTORS:
        cells = []
        for hours, facts in films.items():
            wall, busy = timed(name, facts, given.budget, given.repeats)
            cells.append(f"{wall * 1000:.0f}, {busy * 1000:.0f}")
            if busy > AIMS.get(hours, float("inf")):
                late.append(f"{name} ({hours:g} h)")
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"\nmedian of {given.repeats}; over the aim: {', '.join(late) or 'none'}")


if __name__ == "__main__":
    main()
