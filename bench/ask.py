"""How long a question takes on a warm index, a caption, a search, and `longtake --help`.

    .venv/bin/python bench/ask.py --film .cache/demo.mp4 --out ask.json

The film must have its questions beside it (`longtake film make`); it is indexed first when it is
not. Wall seconds, since that is what a person waits; the machine should be idle.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import longtake
from longtake.eval.datasets.own.needles import load_samples
from longtake.eval.sample import Sample
from longtake.world.render import make_film, question_path

SEED = 0


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def choose(samples: Sequence[Sample], count: int) -> list[Sample]:
    """Return up to `count` questions, every kind in turn, from a fixed seed."""
    rng = random.Random(SEED)
    kinds: dict[str, list[Sample]] = {}
    for sample in samples:
        kinds.setdefault(sample.kind, []).append(sample)
    for group in kinds.values():
        rng.shuffle(group)
    chosen: list[Sample] = []
    while len(chosen) < count and any(kinds.values()):
        chosen += [group.pop() for group in kinds.values() if group]
    return chosen[:count]


def time_asks(film: longtake.Film, samples: Sequence[Sample]) -> list[dict[str, Any]]:
    rows = []
    for sample in samples:
        choices = list(sample.options) if sample.options else None
        began = time.perf_counter()
        answer = film.ask(sample.question, choices)
        rows.append(
            {
                "kind": sample.kind,
                "seconds": time.perf_counter() - began,
                "frames_shown": answer.usage.frames_shown,
                "status": answer.status,
            }
        )
    return rows


def time_searches(film: longtake.Film, count: int) -> list[float]:
    words = ["a red fish", "the blue anchor", "a beach", "a sign", "a green cup in the kitchen"]
    return [timed(lambda i=i: film.search(words[i % len(words)])) for i in range(count)]


def time_captions(film: longtake.Film, count: int) -> list[float]:
    """Time captions of clips of 16 frames, half a second apart, all over the film."""
    vlm = film.parts.models.vlm
    size = vlm.frame_size((film.info.width, film.info.height), 16)
    starts = np.linspace(0, film.info.duration - 10, count)
    clips = [film.frames((s + np.arange(16) / 2).tolist(), size=size) for s in starts]
    return [timed(lambda clip=clip: vlm.caption(clip)) for clip in clips]


def time_help(count: int) -> list[float]:
    command = [sys.executable, "-m", "longtake.cli.main", "--help"]
    return [
        timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))
        for _ in range(count)
    ]


def spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "median": statistics.median(ordered),
        "p90": ordered[min(len(ordered) - 1, round(0.9 * len(ordered)))],
        "max": ordered[-1],
    }


def print_row(name: str, values: Sequence[float], target: str, unit: float = 1.0) -> None:
    found = spread(values)
    scale = " ms" if unit == 1000 else " s"
    print(
        f"| {name:<18} | {found['n']:>3} | {found['median'] * unit:8.2f}{scale} "
        f"| {found['p90'] * unit:8.2f}{scale} | {found['max'] * unit:8.2f}{scale} | {target} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path, default=Path(".cache/demo.mp4"))
    parser.add_argument("--asks", type=int, default=39)
    parser.add_argument("--out", type=Path, default=Path("ask.json"))
    options = parser.parse_args()
    if not question_path(options.film).is_file():
        make_film(60, 7, options.film)

    with (
        tempfile.TemporaryDirectory() as runs,
        longtake.open(options.film, runs=runs) as film,
    ):
        film.index()
        # the first question pays for imports, weights and the text pass; a warm one does not
        first = timed(lambda: film.ask("What does the first sign say?"))
        film.parts.ensure_text()
        samples = load_samples(question_path(options.film), options.film)
        asks = time_asks(film, choose(samples, options.asks))
        captions = time_captions(film, 12)
        searches = time_searches(film, 50)
    helps = time_help(10)

    print(f"{os.cpu_count()} cores, {options.film.name}, first question {first:.1f} s\n")
    print("| what               |   n |      median |         p90 |         max | target |")
    print("|---|---:|---:|---:|---:|---|")
    print_row("ask, warm", [row["seconds"] for row in asks], "<= 6 s")
    for kind in sorted({row["kind"] for row in asks}):
        print_row(f"  {kind}", [row["seconds"] for row in asks if row["kind"] == kind], "")
    print_row("caption, 16 frames", captions, "<= 1.5 s")
    print_row("search", searches, "<= 20 ms", 1000)
    print_row("longtake --help", helps, "<= 0.4 s")
    record = {
        "film": options.film.name,
        "cores": os.cpu_count(),
        "first_ask_seconds": first,
        "asks": asks,
        "ask": spread([row["seconds"] for row in asks]),
        "caption": spread(captions),
        "search": spread(searches),
        "help": spread(helps),
    }
    options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
