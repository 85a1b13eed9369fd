"""Measure the agent against a simulated video LLM over truth films, beside two baselines.

python -m longtake.eval.simulated.films --out FOLDER --minutes 30 --seed 1 --media MEDIA
python bench/simulated.py FOLDER/film.mp4 --out results.jsonl
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import longtake
from longtake.eval.simulated import TruthFilm, load_truth
from longtake.eval.simulated.baselines import baselines
from longtake.eval.simulated.encoder import SimulatedEncoder
from longtake.eval.simulated.evidence import Evidence
from longtake.eval.simulated.judging import Rates
from longtake.eval.simulated.played import Player
from longtake.eval.simulated.report import report
from longtake.eval.simulated.run import Method, Outcome, Row, run_film
from longtake.eval.simulated.server import MODEL, SPEAKS, SimulatedServer


def main() -> int:
    given = arguments()
    rates = Rates(right=given.right, letter_bias=given.letter_bias, yes_bias=given.yes_bias)
    speaks = SPEAKS - ({"logprobs"} if given.no_logprobs else set())
    rows: list[Row] = []
    for path in given.films:
        truth = load_truth(path)
        player = Player(Evidence(truth), rates, given.seed)
        with SimulatedServer(player, speaks) as server, tempfile.TemporaryDirectory() as store:
            methods: dict[str, Method] = {}
            if "agent" in given.methods:
                methods["agent"] = agent(truth, server.url, given, Path(store))
            if {"uniform", "oracle"} & set(given.methods):
                named = baselines(truth, server.url).items()
                methods |= {n: chosen(choose) for n, choose in named if n in given.methods}
            rows += run_film(
                truth,
                server,
                methods,
                given.out,
                wordings=given.wordings,
                limit=given.limit,
                form=given.form,
                told=tell,
            )
    print(report(rows))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="JSON lines; gone on with")
    parser.add_argument("--methods", nargs="+", default=["agent", "uniform", "oracle"])
    parser.add_argument("--wordings", choices=("tuning", "held", "both"), default="tuning")
    parser.add_argument("--form", choices=("choice", "open"), default="choice")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--encoder", help="a name for the agent, or `simulated`")
    parser.add_argument("--recall", type=float, default=0.7, help="of the simulated encoder")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings")
    parser.add_argument("--no-logprobs", action="store_true")
    parser.add_argument("--right", type=float, default=0.9)
    parser.add_argument("--letter-bias", type=float, default=0.0)
    parser.add_argument("--yes-bias", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def agent(truth: TruthFilm, url: str, given: argparse.Namespace, store: Path) -> Method:
    """Return Longtake itself as a method, through its public API."""
    settings: dict[str, Any] = {"vlm": f"endpoint:{MODEL}@{url}", "encoder": "none"}
    settings |= {"store": store / "index", "runs": store / "runs"}
    settings |= dict(pair.split("=", 1) for pair in given.set)
    if given.encoder and given.encoder != "simulated":
        settings["encoder"] = given.encoder
    film = longtake.open(truth.path, profile="served", **settings)
    if given.encoder == "simulated":
        film.parts.models.encoder = SimulatedEncoder(truth, given.recall)

    def ask(question: str, options: Sequence[str] | None) -> Outcome:
        answer = film.ask(question, options)
        choice = "ABCDEFGHIJ".index(answer.choice) if answer.choice else None
        return Outcome(choice, answer.answer or "", answer.status)

    return ask


def chosen(choose: Any) -> Method:
    return lambda question, options: Outcome(choose(question, options))


def tell(row: Row) -> None:
    mark = "right" if row.correct else row.status if row.choice is None else "wrong"
    print(f"{row.method:8} {mark:9} {row.requests:3} requests  {row.question}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
