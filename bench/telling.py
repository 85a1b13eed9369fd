"""Telling films: chapter boundaries, key facts in summaries, support of sentences, second runs.

    python bench/telling.py [--text-encoder PATH] [--part held|tune] [--films N]

`telling_texts.txt` holds sections of narration with key facts marked by `!` when they were written,
before the summaries were. Films are put together from them: a lecture, magazines of sections in
random order, and both mixed, each rendered with cuts and given subtitles, one line a sentence.
Settings were chosen on the part `tune`; `held` was not looked at.

Pictures and pauses: `sections` (a new picture and a pause of about a second where a section
begins, other cuts beside), `pauses` (pauses, cuts anywhere), `words` (no longer pauses there, cuts
anywhere: only the words tell).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

import longtake
from longtake.eval.statistics import wilson
from longtake.index.text.spelling import words_of

TEXTS = Path(__file__).with_name("telling_texts.txt")
NEAR = 5.0  # seconds
WAYS = ("sections", "pauses", "words")
WORDS_A_SECOND = 2.7


@dataclass(frozen=True)
class Section:
    """A section of narration: title, sentences, and which of them are key facts."""

    part: str
    kind: str
    title: str
    sentences: list[str]
    key: list[str]


def read_sections() -> list[Section]:
    """Return the sections of the text file."""
    found: list[Section] = []
    for row in TEXTS.read_text("utf-8").splitlines():
        if row.startswith("#"):
            head, title = row[1:].split("|")
            part, kind = head.split()
            found.append(Section(part, kind, title.strip(), [], []))
            continue
        found[-1].sentences.append(row.lstrip("!"))
        if row.startswith("!"):
            found[-1].key.append(row[1:])
    return found


def put_together(part: str, count: int) -> list[list[Section]]:
    """Return films as lists of sections: the lecture, then magazines, then both mixed."""
    own = [section for section in read_sections() if section.part == part]
    lecture = [s for s in own if s.kind == "lecture"]
    magazine = [s for s in own if s.kind == "magazine"]
    rng = random.Random(0)
    films = [lecture]
    for number in range(count - 1):
        pool = [*magazine, *lecture] if number % 3 == 2 else magazine[:]
        rng.shuffle(pool)
        films.append(pool)
    return films


def clock(film: Sequence[Section], way: str, seed: int):
    """Return (start, end, sentence) rows, when sections begin, and when the film is cut."""
    rng = random.Random(seed)
    at, rows, begins, cuts = 1.0, [], [], []
    for section in film:
        if rows:
            at += rng.uniform(0.8, 1.6) if way != "words" else 0.0
            begins.append(at)
            cuts += [at - rng.uniform(0.1, 0.5)] if way == "sections" else []
        for sentence in section.sentences:
            length = len(sentence.split()) / WORDS_A_SECOND
            rows.append((at, at + length, sentence))
            at += length + rng.uniform(0.25, 0.6)
    cuts += [rng.uniform(2, at - 2) for _ in range(int(at / 15))]
    return rows, begins, sorted(cuts), at + 1.0


def render(folder: Path, rows, cuts: Sequence[float], length: float) -> Path:
    """Write a film whose picture changes at every cut, with subtitles beside it."""
    edges = [0.0, *(c for a, c in zip([0.0, *cuts], cuts, strict=False) if c - a > 0.5), length]
    rng = random.Random(len(rows))
    colours = [f"0x{rng.randrange(1 << 24):06x}" for _ in edges[1:]]
    inputs = []
    for colour, a, b in zip(colours, edges, edges[1:], strict=False):
        inputs += ["-f", "lavfi", "-i", f"color={colour}:s=160x90:r=8:d={b - a:.3f}"]
    joined = "".join(f"[{k}:v]" for k in range(len(colours)))
    path = folder / "film.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *inputs]
    command += ["-filter_complex", f"{joined}concat=n={len(colours)}", "-c:v", "libx264"]
    subprocess.run([*command, "-preset", "ultrafast", "-threads", "1", str(path)], check=True)
    blocks = [f"{k}\n{srt(a)} --> {srt(b)}\n{text}\n" for k, (a, b, text) in enumerate(rows, 1)]
    path.with_suffix(".srt").write_text("\n".join(blocks), "utf-8")
    return path


def srt(second: float) -> str:
    """Return a time as SubRip writes it."""
    millis = round(second * 1000)
    hours, rest = divmod(millis, 3_600_000)
    return f"{hours:02}:{rest // 60_000:02}:{rest % 60_000 // 1000:02},{millis % 1000:03}"


def pair(found: Sequence[float], true: Sequence[float]) -> int:
    """Return how many of the boundaries found lie near a true one, each counted once."""
    left = list(true)
    hits = 0
    for second in found:
        near = min(left, key=lambda t: abs(t - second), default=None)
        if near is not None and abs(near - second) <= NEAR:
            left.remove(near)
            hits += 1
    return hits


def supported(story, rows) -> tuple[int, int]:
    """Return how many statements stand word for word in the lines at their spans, and all."""
    good = 0
    told = story.statements()
    for statement in told:
        said = " ".join(
            text for a, b, text in rows if any(a < s.end and b > s.start for s in statement.spans)
        )
        good += " ".join(words_of(statement.text)) in " ".join(words_of(said))
    return good, len(told)


def share(hits: int, count: int) -> str:
    """Return a share with its 95 % Wilson interval."""
    rate = wilson(hits, count)
    return f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}], n = {count}"


def measure(films, way: str, encoder: str) -> None:
    """Print the figures of one way of rendering."""
    hits = found = true = facts = kept = good = told = said = sentences = 0
    slowest = 0.0
    for seed, sections in enumerate(films):
        rows, begins, cuts, length = clock(sections, way, seed)
        with tempfile.TemporaryDirectory() as name:
            path = render(Path(name), rows, cuts, length)
            options = {"store": Path(name) / "store", "encoder": "none", "text_encoder": encoder}
            with longtake.open(path, **options) as film:
                story = film.story()
            began = time.perf_counter()
            with longtake.open(path, **options) as film:
                assert film.story() == story
            slowest = max(slowest, time.perf_counter() - began)
        edges = [chapter.span.start for chapter in story.chapters[1:]]
        hits, found, true = hits + pair(edges, begins), found + len(edges), true + len(begins)
        long = {" ".join(words_of(s.text)) for s in story.summaries["long"]}
        key = [fact for section in sections for fact in section.key]
        facts, kept = facts + len(key), kept + sum(" ".join(words_of(f)) in long for f in key)
        sentences += len(rows)
        said += len(long)
        right, all_ = supported(story, rows)
        good, told = good + right, told + all_
    print(
        f"{way:8s} chapters F1 {2 * hits / (found + true):.3f} ({hits} of {true} found, "
        f"{found} claimed); key facts in the long summary {share(kept, facts)}, "
        f"at {said / sentences:.0%} of the sentences; supported {share(good, told)}; "
        f"second run at most {slowest:.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--text-encoder", default="none", help="name or folder; none: words only")
    parser.add_argument("--part", choices=("tune", "held"), default="held")
    parser.add_argument("--films", type=int, default=10)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    args = parser.parse_args()
    films = put_together(args.part, args.films)
    for way in args.ways:
        measure(films, way, args.text_encoder)


if __name__ == "__main__":
    main()
