"""Signs and narration over real footage: what the embedded profile answers from words alone.

    python bench/real_footage.py --media MEDIA --half tune

Films are cut anew from real clips, with signs drawn over the pictures and narration as a subtitle
file beside them. Each is asked in ten wordings of every kind, open and with four options, and about
what it does not hold, which must be refused. `footage/tune.toml` was looked at while the reader of
words was improved; `footage/heldout.toml` has other texts, wordings and seeds, and only its totals
were looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from footage_film import Film, make_film

import longtake
from longtake.eval.stats import wilson
from longtake.index.video.span import format_seconds

HALVES = Path(__file__).with_name("footage")
NEAR = 4.0  # seconds by which an answer in time may be off at either end
WRITTEN = ("sign_starts", "sign_number", "slide_about", "sign_at", "sign_between", "when_written")


@dataclass(frozen=True)
class Asked:
    """A question and what is right.

    Attributes:
        texts: what an open answer must hold; empty where it must be refused.
        span: when, for a question about time.
        options: four, the first of them right; empty for none.
    """

    kind: str
    question: str
    texts: tuple[str, ...] = ()
    span: tuple[float, float] | None = None
    options: tuple[str, ...] = ()


def clock(second: float) -> str:
    return f"{int(second) // 60}:{int(second) % 60:02d}"


def questions_of(spec: dict[str, Any], film: Film, seed: int) -> Iterator[Asked]:
    """Yield every wording of every kind, each about another item of the film."""
    rng = random.Random(f"footage questions {seed}")
    items = {kind: [*_items(kind, film)] for kind in spec["wordings"]}
    for kind, wordings in spec["wordings"].items():
        turn = rng.sample(items[kind], len(items[kind]))
        for number, wording in enumerate(wordings):
            slots, texts, span, option = turn[number % len(turn)]
            others = sorted({other[3] for other in turn if other[3] != option})
            options = (option, *rng.sample(others, 3))
            yield Asked(kind, wording.format(**slots), texts, span, options)
    facts = [(said, n) for said in film.said for n in range(len(said.asks))]
    for said, n in facts:
        others = sorted({o.answers[m] for o, m in facts if o is not said} - {said.answers[n]})
        options = (said.answers[n], *rng.sample(others, 3))
        yield Asked("fact", said.asks[n], (said.answers[n],), None, options)
    yield from _absent(spec, film, rng)


Item = tuple[dict[str, str], tuple[str, ...], tuple[float, float] | None, str]


def _items(kind: str, film: Film) -> Iterator[Item]:
    """Yield (slots, texts of the answer, its time, its option) of everything to ask about."""
    signs = film.shown
    if kind in ("sign_starts", "sign_number"):
        for sign in signs:
            if sign.kind == "numbered":
                word, number = sign.text.split()
                starts = kind == "sign_starts"
                option = number if starts else word
                yield {"word": word, "number": number}, (option,), None, option
    elif kind == "slide_about":
        for sign in signs:
            if sign.kind == "slides":
                yield {"title": sign.rows[0]}, sign.rows[1:], None, "; ".join(sign.rows[1:])
    elif kind in ("sign_at", "sign_between", "when_written"):
        for sign in signs:
            slots = _times(sign.start, sign.end) | {"text": sign.text}
            if kind != "when_written":
                yield slots, sign.rows, None, "; ".join(sign.rows)
            elif sign.kind != "slides":
                yield slots, (), (sign.start, sign.end), clock(sign.start + 1)
    elif kind in ("said_at", "said_between"):
        for said in film.said:
            cue = said.cues[0]
            whole = kind == "said_between"
            start, end = (said.start, said.end) if whole else (cue[0], cue[1])
            text = said.text if whole else cue[2]
            yield _times(start, end), (text,), None, text
    else:
        for said in film.said:
            if said.x and kind == "said_about":
                yield {"x": said.x}, (said.text,), None, said.text
            elif said.x:
                yield {"x": said.x}, (), (said.start, said.end), clock(said.start)


def _times(start: float, end: float) -> dict[str, str]:
    middle = int((start + end) / 2)
    return {
        "a": clock(start),
        "b": clock(end + 0.999),
        "t": clock(middle),
        "s": str(middle),
    }


def _absent(spec: dict[str, Any], film: Film, rng: random.Random) -> Iterator[Asked]:
    """Yield questions about what the film does not hold, in every wording that names something."""
    signs, absent = spec["signs"], spec["absent"]
    present = [sign for sign in film.shown if sign.kind == "numbered"]
    near = [f"{sign.text.split()[0]} {int(sign.text.split()[1]) + 1}" for sign in present]
    names = {
        "sign_starts": signs["absent_numbered"],
        "sign_number": signs["absent_numbered"],
        "slide_about": signs["absent_titles"],
        "when_written": [*signs["absent_texts"], *signs["absent_numbered"], *near],
        "said_about": absent["x"],
        "when_said": absent["x"],
    }
    for kind, values in names.items():
        turn = rng.sample(values, len(values))
        for number, wording in enumerate(spec["wordings"][kind]):
            name = turn[number % len(turn)]
            word, _, digits = name.partition(" ")
            slots = {"word": word, "number": digits, "title": name, "text": name, "x": name}
            yield Asked(f"no {kind}", wording.format(**slots))
    for text in absent["asks"]:
        yield Asked("no fact", text)
    empty = [
        (a.end + b.start) / 2
        for a, b in zip(film.shown, film.shown[1:], strict=False)
        if b.start - a.end > 5
    ]
    for number, wording in enumerate(spec["wordings"]["sign_at"]):
        second = empty[number % len(empty)]
        yield Asked("no sign_at", wording.format(**_times(second, second)))


def plain(text: str) -> str:
    return re.sub(r"[^\w]+", "", text.casefold())


def holds(answer: str, text: str) -> bool:
    """Say whether an answer holds a text, but for one letter in eight; digits are exact."""
    have, want = plain(answer), plain(text)
    if want in have:
        return True
    digits = re.findall(r"\d+", text)
    if len(want) < 8 or any(number not in re.findall(r"\d+", answer) for number in digits):
        return False
    wrong = min(_distance(have[at : at + len(want)], want) for at in range(len(have)))
    return wrong <= len(want) // 8


def _distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def is_right(asked: Asked, answer: longtake.Answer, options: Sequence[str]) -> bool:
    if options:
        return answer.answer == asked.options[0]
    if not asked.texts and asked.span is None:
        return answer.status == "abstained"
    if answer.status != "answered" or not answer.answer:
        return False
    if asked.span is not None:
        # the time is in the answer's words and in its first piece of evidence
        if not answer.evidence or not re.search(r"\d:\d\d", answer.answer):
            return False
        first, (start, end) = answer.evidence[0], asked.span
        meets = first.start < end and first.end > start
        return meets and abs(first.start - start) <= NEAR and abs(first.end - end) <= NEAR
    wanted = sum(len(plain(text)) for text in asked.texts)
    # all that a film says would hold every answer
    short = len(plain(answer.answer)) <= 3 * wanted + 160
    return short and all(holds(answer.answer, text) for text in asked.texts)


def measure(
    spec: dict[str, Any], film: Film, seed: int, work: Path, encoder: str
) -> list[dict[str, Any]]:
    rows = []
    rng = random.Random(f"footage options {seed}")
    with longtake.open(
        film.path,
        profile="embedded",
        store=work / "store",
        runs=work / "runs" / f"{encoder.replace('/', '_')[-20:]}-{time.time_ns()}",
        text_encoder=encoder,
    ) as opened:
        for asked in questions_of(spec, film, seed):
            forms: list[tuple[str, ...]] = [()]
            if asked.options:
                forms.append(tuple(rng.sample(asked.options, len(asked.options))))
            for options in forms:
                began = time.perf_counter()
                answer = opened.ask(asked.question, list(options) or None)
                form = "options" if options else "open" if asked.texts or asked.span else "absent"
                rows.append(
                    {
                        "kind": asked.kind,
                        "form": form,
                        "question": asked.question,
                        "options": options,
                        "right": is_right(asked, answer, options),
                        "answer": answer.answer,
                        "status": answer.status,
                        "wanted": asked.options[:1] if options else asked.texts or asked.span,
                        "at": [(item.start, item.end) for item in answer.evidence[:1]],
                        "raw": answer.confidence.raw,
                        "seconds": round(time.perf_counter() - began, 3),
                    }
                )
    return rows


def table(rows: Sequence[dict[str, Any]]) -> None:
    groups: dict[str, list[bool]] = {}
    for row in rows:
        written = row["kind"].removeprefix("no ") in WRITTEN
        what = "written" if written else "said"
        for name in (f"{row['form']}, {what}", f"{row['form']}: {row['kind']}"):
            groups.setdefault(name, []).append(row["right"])
    for name, right in sorted(groups.items(), key=lambda item: (":" in item[0], item[0])):
        rate = wilson(sum(right), len(right))
        share = f"{rate.value:6.1%} [{rate.low:.1%}, {rate.high:.1%}]"
        print(f"{name:28s} {sum(right):3d}/{len(right):3d} {share}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--media", type=Path, default=os.environ.get("LONGTAKE_TEST_MEDIA"))
    parser.add_argument("--half", choices=("tune", "heldout"), default="tune")
    parser.add_argument("--work", type=Path, default=Path(".cache/footage"))
    parser.add_argument("--text-encoder", default="none")
    parser.add_argument("--misses", action="store_true", help="print what was answered wrongly")
    given = parser.parse_args()
    if given.media is None:
        parser.error("no media: give --media FOLDER or set LONGTAKE_TEST_MEDIA")
    spec = tomllib.loads((HALVES / f"{given.half}.toml").read_text(encoding="utf-8"))
    rows = []
    for seed in spec["seeds"]:
        work = given.work / f"{given.half}-{seed}"
        film = make_film(spec, seed, Path(given.media), work)
        print(f"{film.path}: {format_seconds(film.duration)}", file=sys.stderr)
        rows += measure(spec, film, seed, work, given.text_encoder)
    out = given.work / f"{given.half}.jsonl"
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if given.misses:
        for row in rows:
            if not row["right"]:
                print(json.dumps({k: v for k, v in row.items() if k != "right"}))
    slow = sorted(row["seconds"] for row in rows)
    table(rows)
    print(f"seconds a question: median {slow[len(slow) // 2]:.2f}, longest {slow[-1]:.1f}")


if __name__ == "__main__":
    main()
