"""Measure the agent against a simulated video LLM over truth films, beside baselines.

python -m longtake.eval.simulated.films --out FOLDER --minutes 30 --seed 1 --media MEDIA
python bench/simulated.py FOLDER/film.mp4 --out runs/simulated

The folder is that of a run: it is gone on with, and `longtake eval report` makes its report again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from longtake.batch.run import choose, run_samples
from longtake.batch.simulated import SimulatedFilms
from longtake.eval.datasets.own.truth import SPLITS, load_films
from longtake.eval.reports import write_report
from longtake.eval.reports.markdown import markdown
from longtake.eval.runner.lines import read_records
from longtake.eval.simulated.judging import Rates
from longtake.eval.simulated.traffic import FILE, Traffic, TrafficLog, traffic_table
from longtake.eval.systems import systems_of


def main() -> int:
    given = arguments()
    rates = Rates(right=given.right, letter_bias=given.letter_bias, yes_bias=given.yes_bias)
    samples = choose(load_films(given.films, given.wordings).samples, per_film=given.limit)
    paths = {sample.video.id: Path(sample.video.path) for sample in samples}
    given.out.mkdir(parents=True, exist_ok=True)
    with SimulatedFilms(rates, given.recall, given.seed, logprobs=not given.no_logprobs) as films:
        traffic = TrafficLog(
            given.out,
            lambda film: films.log_of(paths[film]),
            open_answers=given.wordings.endswith("open"),
        )

        def told(result: Any, tally: Any) -> None:
            traffic(result)
            print(f"{result.system:14} {result.sample_id}; {tally.line()}", file=sys.stderr)

        # of its own: an index has the vectors of one encoder
        flags = {"store": str(given.out / "store")}
        flags |= dict(pair.split("=", 1) for pair in given.set)
        systems = systems_of(given.systems)
        finished = run_samples(samples, systems, given.out, flags, told=told, simulated=films)
    print(markdown(write_report(given.out, traces=0, pictures=0)))
    print(traffic_table(read_records(given.out / FILE, Traffic)))
    return 130 if finished.stopped else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; gone on with")
    parser.add_argument("--systems", nargs="+", default=["agent", "uniform:64", "oracle"])
    parser.add_argument("--wordings", choices=SPLITS, default="tuning")
    parser.add_argument("--limit", type=int, help="the first so many questions of a film")
    parser.add_argument("--recall", type=float, default=0.0, help="of the simulated encoder")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings")
    parser.add_argument("--no-logprobs", action="store_true")
    parser.add_argument("--right", type=float, default=0.9)
    parser.add_argument("--letter-bias", type=float, default=0.0)
    parser.add_argument("--yes-bias", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
