"""Event precision and recall of captions over truth films, whose events are known (Tarsier).

    python bench/events.py FOLDER/film.mp4 ... [--every 10] [--vlm endpoint:NAME@URL]

Without `--vlm` the captioner is the simulated one. Known events are what was drawn into the film
and written on its signs; what a caption says of the footage around them is no claim about these
and left out by its words, which is exact for the simulated captioner only: of a real one the
recall counts, and the precision is a lower bound.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import longtake
from longtake.batch.simulated import SETTINGS, SimulatedFilms
from longtake.eval.scoring.events import Event, event_scores, events_of, same_event
from longtake.eval.simulated.truth import load_truth
from longtake.eval.statistics import wilson

FOOTAGE = ("ordinary footage", "nothing that can be made out", "nothing can be seen")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--every", type=float, default=10.0, help="seconds a caption")
    parser.add_argument("--limit", type=int, help="captions a film, at most")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--vlm")
    given = parser.parse_args()
    print("| film | events told | happen % | known events | told % | F1 |")
    print("|---|---:|---|---:|---|---:|")
    for path in given.films:
        with SimulatedFilms() as films:
            chosen = {"store": given.store, **({"vlm": given.vlm} if given.vlm else {})}
            settings = {**SETTINGS, **chosen}
            film = (
                longtake.open(path, **settings) if given.vlm else films.with_settings(chosen)(path)
            )
            with film:
                film.caption(every=given.every, max_calls=given.limit)
                lines = list(film.parts.index().words().lines(("caption",)))
        told = [event for event in events_of(lines) if event.text not in FOOTAGE]
        known = [
            Event(fact.text, span)
            for fact in load_truth(path).facts
            if fact.kind != "said"
            for span in fact.spans
            if any(line.span.start < span[1] and span[0] < line.span.end for line in lines)
        ]
        found = event_scores(told, known, same_event)
        right = wilson(round(found.precision * found.told), found.told)
        seen = wilson(round(found.recall * found.known), found.known)
        cells = [path.parent.name, str(found.told), share(right), str(found.known), share(seen)]
        print(f"| {' | '.join(cells)} | {found.f1:.2f} |")


def share(rate: object) -> str:
    value, low, high = (100 * getattr(rate, name) for name in ("value", "low", "high"))
    return f"{value:.0f} ({low:.0f} to {high:.0f})"


if __name__ == "__main__":
    main()
