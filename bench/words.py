"""Words of a film: time of a query on ten hours of speech, and recall of paraphrased questions.

    python bench/words.py [--text-encoder PATH]

`paraphrases.txt` holds 100 lines of speech, each with two questions that share no content word with
it (checked here by stem; a question that does is left out). They were written after the search,
which was not changed since; every second line is reported apart, to be kept from later tuning.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from longtake.eval.statistics import wilson
from longtake.index.text.language import stop_words
from longtake.index.text.spelling import stem_of, words_of
from longtake.index.video.span import Span
from longtake.index.words.lines import Line
from longtake.index.words.passages import FilmWords
from longtake.models.text_encoder import load_text_encoder

PARAPHRASES = Path(__file__).with_name("paraphrases.txt")
LINES, SECONDS = 12_000, 3.0  # ten hours
TOP = 5


def read_paraphrases() -> tuple[list[str], list[tuple[int, str]]]:
    """Return the lines, and (line, question) of questions that share no content word with it."""
    lines, asked = [], []
    for number, row in enumerate(PARAPHRASES.read_text("utf-8").splitlines()):
        line, *questions = (part.strip() for part in row.split("|"))
        lines.append(line)
        asked += [(number, q) for q in questions if not content(line) & content(q)]
    return lines, asked


def content(text: str) -> set[str]:
    """Return the stems of the words that are no stop words."""
    return {stem_of(word, "en") for word in words_of(text) if word not in stop_words("en")}


def film_of(texts: list[str], step: float, folder: Path) -> FilmWords:
    """Return the words of a film in which these lines are said one after the other."""
    spans = (Span(step * k, step * k + min(step, SECONDS)) for k in range(len(texts)))
    return FilmWords([Line(s, t, "speech", "s") for s, t in zip(spans, texts, strict=True)], folder)


def time_queries(lines: list[str], questions: list[str], encoder, folder: Path) -> None:
    """Print the time to make the index of ten hours of speech and to ask it."""
    rng = random.Random(0)
    vocabulary = sorted({word for line in lines for word in words_of(line)})
    made = ["".join(rng.choices("abcdefghilmnoprstu", k=rng.randint(3, 10))) for _ in range(8000)]
    vocabulary += made
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    said = [" ".join(rng.choices(vocabulary, weights, k=8)) + "." for _ in range(LINES)]
    began = time.perf_counter()
    film = film_of(said, SECONDS, folder)
    print(f"index of {LINES} lines (10 h): {time.perf_counter() - began:.2f} s")
    for name, model in (("words", None), ("words and meaning", encoder)):
        if name != "words" and model is None:
            continue
        if model is not None:
            film = film_of(said[: LINES // 10], SECONDS, folder)  # vectors of an hour
            began = time.perf_counter()
            film.encode(model)
            print(f"vectors of {len(film.units)} sentences: {time.perf_counter() - began:.1f} s")
        film.passages(questions[:1], ("speech",), TOP, encoder=model)
        spent = []
        for question in questions[1:]:
            began = time.perf_counter()
            film.passages([question], ("speech",), TOP, encoder=model)
            spent.append(1000 * (time.perf_counter() - began))
        middle, late = statistics.median(spent), sorted(spent)[int(0.95 * len(spent))]
        print(f"passages by {name}: median {middle:.1f} ms, p95 {late:.1f} ms, n = {len(spent)}")


def measure_recall(lines: list[str], asked: list[tuple[int, str]], encoder, folder: Path) -> None:
    """Print recall at five, by words, by meaning and fused, with 95 % Wilson intervals."""
    film = film_of(lines, 30.0, folder)
    vectors = encoder.encode(lines) if encoder else None
    ways = {"words": lambda q: [hit.text for hit in film.search(q, ("speech",), TOP)]}
    if encoder is not None and vectors is not None:

        def by_meaning(question: str) -> list[str]:
            best = np.argsort(-(vectors @ encoder.encode([question])[0]))[:TOP]
            return [lines[row] for row in best]

        ways["meaning"] = by_meaning
        ways["fused"] = lambda q: [h.text for h in film.search(q, ("speech",), TOP, None, encoder)]
    for way, search in ways.items():
        found = [lines[number] in search(question) for number, question in asked]
        for part, rows in (("all", range(2)), ("held out", (1,))):
            hits = [f for f, (number, _) in zip(found, asked, strict=True) if number % 2 in rows]
            k, n = sum(hits), len(hits)
            rate = wilson(k, n)
            share = f"{rate.value:6.1%} [{rate.low:.1%}, {rate.high:.1%}], n = {n}"
            print(f"recall@{TOP} {way:8s} {part:8s} {share}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--text-encoder", default="none", help="name or folder; none: words only")
    encoder = load_text_encoder(parser.parse_args().text_encoder)
    lines, asked = read_paraphrases()
    with tempfile.TemporaryDirectory() as folder:
        measure_recall(lines, asked, encoder, Path(folder))
        time_queries(lines, [question for _, question in asked], encoder, Path(folder))


if __name__ == "__main__":
    main()
