"""Selectors: how much of the evidence they hit, over truth films, with the simulated encoder.

    python bench/evidence_recall.py FOLDER/film.mp4 ... --recall 0.5 0.7 0.9 --frames 8 16 32 64

Nothing is decoded, no index is built and no model is asked: the encoder's vectors are drawn from
the truth, a sample a second, the cues are those of a good reader. Only questions whose evidence is
seen or written are scored, since no words are searched. Methods that ask a model run on their
fallback. `longtake eval compare` measures the same with the film, its words and the model.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from longtake.eval.compare.items import Item, load_items
from longtake.eval.compare.search_score import SearchScore, score_search
from longtake.eval.simulated import TruthFilm, load_truth
from longtake.eval.simulated.encoder import SimulatedEncoder
from longtake.eval.simulated.played import intent_of
from longtake.eval.statistics import bootstrap_mean
from longtake.index.video.span import Span
from longtake.tools.select import SELECTORS, FilmFacts

Score = tuple[str, str, int, str, SearchScore]  # film, question, budget, selector, score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--recall", nargs="+", type=float, default=[0.5, 0.7, 0.9])
    parser.add_argument("--frames", nargs="+", type=int, default=[8, 16, 32, 64])
    parser.add_argument("--selectors", nargs="+", default=list(SELECTORS))
    given = parser.parse_args()
    for recall in given.recall:
        scores = [
            score
            for path in given.films
            for score in scores_of(load_truth(path), path, recall, given.frames, given.selectors)
        ]
        print(table(scores, recall, given.frames, given.selectors))


def scores_of(
    truth: TruthFilm, path: Path, recall: float, budgets: list[int], names: list[str]
) -> Iterator[Score]:
    encoder = SimulatedEncoder(truth, recall)
    seconds = np.arange(int(truth.duration)) + 0.5
    vectors = encoder.encode_seconds(seconds.tolist())
    questions = {question.id: question for question in truth.questions}
    for item in seen_only(load_items(path), truth):
        intent = intent_of(questions[item.id], offered=True)
        cues = encoder.encode_texts([cue["text"] for cue in intent["cues"]] or [item.question])
        facts = FilmFacts(
            Span(0.0, truth.duration),
            np.zeros(0),
            np.zeros(0),
            seconds,
            vectors,
            np.arange(len(seconds)),
            cues @ vectors.T,
            scope=intent["scope"],
            needs=frozenset(intent["needs"]),
        )
        for budget in budgets:
            for name in names:
                chosen = SELECTORS[name](facts, budget)
                found = score_search(chosen.seconds, item.groups)
                yield truth.path.parent.name, item.id, budget, name, found


def seen_only(items: list[Item], truth: TruthFilm) -> list[Item]:
    heard = {
        question.id
        for question in truth.questions
        for group in question.evidence
        if any(truth.by_id[name].kind == "said" for name in group.facts)
    }
    return [item for item in items if item.id not in heard]


def table(scores: list[Score], recall: float, budgets: list[int], names: list[str]) -> str:
    asked = {(film, item) for film, item, *_ in scores}
    films = len({film for film, _ in asked})
    lines = [
        f"Simulated encoder, recall@5 {recall:g}: evidence hit in %, {len(asked)} questions about "
        f"{films} films; at {budgets[-1]} also all of it, and precision, recall, F1",
        "",
        f"| selector | {' | '.join(map(str, budgets))} | all of it | near, P / R / F1 |",
        "|---|" + "---:|" * (len(budgets) + 2),
    ]
    for name in names:
        mine = {b: [s for s in scores if s[2] == b and s[3] == name] for b in budgets}
        last = [score for *_, score in mine[budgets[-1]]]
        cells = [interval(mine[budget]) for budget in budgets]
        cells.append(f"{100 * np.mean([score.complete for score in last]):.0f}")
        cells.append(
            " / ".join(
                f"{100 * np.mean([getattr(score, part) for score in last]):.0f}"
                for part in ("precision", "recall", "f1")
            )
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def interval(scores: list[Score]) -> str:
    """Return the mean evidence with its interval over films."""
    found = bootstrap_mean([s[4].evidence for s in scores], [s[0] for s in scores])
    return f"{100 * found.value:.0f} ({100 * found.low:.0f} to {100 * found.high:.0f})"


if __name__ == "__main__":
    main()
