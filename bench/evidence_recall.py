"""Selectors: how much of the evidence they hit, over truth films, with the simulated encoder.

    python bench/evidence_recall.py FOLDER/film.mp4 ... --recall 0.5 0.7 0.9 --frames 8 16 32 64
    python bench/evidence_recall.py --planned 2001 2002 2003 --frames 32

Nothing is decoded, no index is built and no model is asked: the encoder's vectors are drawn from
the truth, a sample a second, the cues are those of a good reader, with the options, as the agent
gets them. Films may also be planned by their seeds alone, 30 minutes each, without being made. Only
questions whose evidence is seen or written are scored, since no words are searched. Methods that
ask a model run on their fallback. `longtake eval compare` measures the same with the film, its
words and the model.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from longtake.agent.question import check_question
from longtake.agent.understanding.understand import read_intent, rules_intent
from longtake.eval.compare.items import Item, items_of
from longtake.eval.compare.search_score import SearchScore, score_search
from longtake.eval.simulated import TruthFilm, load_truth
from longtake.eval.simulated.encoder import SimulatedEncoder
from longtake.eval.simulated.films.make import planned_film
from longtake.eval.simulated.played import intent_of
from longtake.eval.statistics import bootstrap_mean
from longtake.index.video.span import Span
from longtake.tools.select import SELECTORS, FilmFacts

MINUTES = 30
Score = tuple[str, Item, int, str, SearchScore]  # film, question, budget, selector, score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", type=Path)
    parser.add_argument("--planned", nargs="+", type=int, default=[], help="seeds of films")
    parser.add_argument("--recall", nargs="+", type=float, default=[0.5, 0.7, 0.9])
    parser.add_argument("--frames", nargs="+", type=int, default=[8, 16, 32, 64])
    parser.add_argument("--selectors", nargs="+", default=list(SELECTORS))
    given = parser.parse_args()
    films = [load_truth(path) for path in given.films]
    films += [planned_film(60.0 * MINUTES, seed) for seed in given.planned]
    for recall in given.recall:
        scores = [
            score
            for film in films
            for score in scores_of(film, recall, given.frames, given.selectors)
        ]
        print(table(scores, recall, given.frames, given.selectors))


def scores_of(
    truth: TruthFilm, recall: float, budgets: list[int], names: list[str]
) -> Iterator[Score]:
    encoder = SimulatedEncoder(truth, recall)
    seconds = np.arange(int(truth.duration)) + 0.5
    vectors = encoder.encode_seconds(seconds.tolist())
    questions = {question.id: question for question in truth.questions}
    for item in seen_only(items_of(truth, held_out=True), truth):
        asked = check_question(item.question, item.options)
        known = rules_intent(asked, truth.duration)
        said = intent_of(questions[item.id], offered=True)
        intent, _ = read_intent(said, asked, truth.duration, known)
        cues = encoder.encode_texts([cue.text for cue in intent.cues])
        facts = FilmFacts(
            Span(0.0, truth.duration),
            np.zeros(0),
            np.zeros(0),
            seconds,
            vectors,
            np.arange(len(seconds)),
            cues @ vectors.T,
            # as `film_facts` has it: the question itself names no single thing to find
            roles=tuple("context" if c.text == asked.text else c.role for c in intent.cues),
            modalities=tuple(cue.modality or "" for cue in intent.cues),
            scope=intent.scope,
            needs=frozenset(intent.needs),
        )
        for budget in budgets:
            for name in names:
                chosen = SELECTORS[name](facts, budget)
                found = score_search(chosen.seconds, item.groups)
                yield f"seed {truth.seed}", item, budget, name, found


def seen_only(items: list[Item], truth: TruthFilm) -> list[Item]:
    heard = {
        question.id
        for question in truth.questions
        for group in question.evidence
        if any(truth.by_id[name].kind == "said" for name in group.facts)
    }
    return [item for item in items if item.id not in heard]


def table(scores: list[Score], recall: float, budgets: list[int], names: list[str]) -> str:
    asked = {(film, item.id) for film, item, *_ in scores}
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
    return "\n".join([*lines, "", by_kind(scores, budgets[-1], names), ""])


def by_kind(scores: list[Score], budget: int, names: list[str]) -> str:
    """Return the mean evidence by kind of question, within one budget."""
    kinds = sorted({item.kind for _, item, *_ in scores})
    asked = {kind: len({(s[0], s[1].id) for s in scores if s[1].kind == kind}) for kind in kinds}
    heads = [f"{kind} ({asked[kind]})" for kind in kinds]
    lines = [f"| {budget} frames | {' | '.join(heads)} |", "|---|" + "---:|" * len(kinds)]
    for name in names:
        mine = [s for s in scores if s[2] == budget and s[3] == name]
        means = [np.mean([s[4].evidence for s in mine if s[1].kind == kind]) for kind in kinds]
        lines.append(f"| {name} | {' | '.join(f'{100 * mean:.0f}' for mean in means)} |")
    return "\n".join(lines)


def interval(scores: list[Score]) -> str:
    """Return the mean evidence with its interval over films."""
    found = bootstrap_mean([s[4].evidence for s in scores], [s[0] for s in scores])
    return f"{100 * found.value:.0f} ({100 * found.low:.0f} to {100 * found.high:.0f})"


if __name__ == "__main__":
    main()
