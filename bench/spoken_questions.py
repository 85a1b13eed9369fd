"""Questions about what is said in narrated films without subtitles: told facts, removed facts.

    python bench/spoken_questions.py --weights FOLDER --clip CLIP [--planner endpoint:NAME@URL]

FOLDER holds Whisper in CTranslate2's form; CLIP is a film whose pictures go under the speech.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

from narration import music, narrated, noise, read_facts

import longtake
from longtake.agent.planners import actions
from longtake.agent.question import Question
from longtake.agent.understanding.understand import understand
from longtake.eval.statistics import wilson
from longtake.tools import ToolContext, call_tool
from longtake.tools.results import Answered


def questions(args: argparse.Namespace) -> None:
    """Print how many spoken-answer questions are right, and how many without their fact abstain."""
    facts, _ = read_facts()
    order = [fact.number for fact in facts]
    random.Random(4).shuffle(order)
    shares = [order[place::3] for place in range(3)]
    rows = []
    for number, share in enumerate(shares[: args.films]):
        if number < args.first:
            continue
        film = args.folder / f"narrated_{number}.mp4"
        truth = args.folder / f"narrated_{number}.json"
        if not film.exists():
            track = narrated(share, args.minutes, number)
            if number:
                track.mix((noise, music)[number - 1](30, number), 20)
            track.write(args.clip, film)
            truth.write_text(json.dumps([[s.start, s.end, s.text] for s in track.sentences]))
        said = {text: (start, end) for start, end, text in json.loads(truth.read_text())}
        options = {
            "asr": f"local-dir:{args.weights}",
            "store": args.folder / "answers",
            "runs": args.folder / "runs",
            "text_encoder": args.text_encoder,
            "max_seconds": 3600,
            "profile": "embedded",
            "fps": 0.2,
            "encoder": "none",
            "ocr": "none",
        }
        if args.planner:
            options |= {"planner": args.planner, "planning": "scripted"}
        with longtake.open(film, **options) as opened:
            opened.index(listen=True)
            # its own facts, and some that only the next film tells
            asked = sorted({*share[: args.facts], *shares[(number + 1) % len(shares)][: args.gone]})
            for fact in (facts[place] for place in asked):
                answer = _answer(opened, fact.asked, whole=args.whole or bool(args.planner))
                rows.append(_judge(fact, answer, said.get(fact.said), number))
                args.out.write_text(json.dumps(rows))
    for half, name in ((None, "all"), (0, "first half"), (1, "held-out half")):
        part = [row for row in rows if half is None or row["number"] % 2 == half]
        there = [row for row in part if row["there"]]
        gone = [row for row in part if not row["there"]]
        answered = [row for row in there if row["answer"]]
        print(f"{name}, text encoder {args.text_encoder}:")
        print("  right", _share([row["right"] for row in there]))
        print("  cited line right, of the answered", _share([row["cited"] for row in answered]))
        print("  abstained with the fact removed", _share([not row["answer"] for row in gone]))


def _answer(film: longtake.Film, asked: str, *, whole: bool) -> tuple[str, list, float]:
    """Answer a question: the whole way, or by the call that its words script makes first."""
    if whole:
        answer = film.ask(asked)
        text = answer.answer if answer.status == "answered" else ""
        spans = [(item.start, item.end) for item in answer.evidence]
        return text or "", spans, answer.confidence.raw
    index, models = film.parts.index(), film.parts.models
    found = understand(Question(asked), index.info.duration, None).intent
    cues = [cue.text for cue in found.cues if cue.role == "anchor"]
    action = actions.answer_words(cues, found.within, None, screen_text=False)
    context = ToolContext(
        index, film.parts.decoder, None, models.vlm, asr=models.asr,
        text_encoder=models.text_encoder, question=asked,
    )  # fmt: skip
    result = call_tool(action.tool, action.args, context)
    told = result.payload
    text = told.answer if isinstance(told, Answered) else ""
    spans = [(item.span.start, item.span.end) for item in result.evidence]
    return text, spans, told.stated or 0.0 if isinstance(told, Answered) else 0.0


def _judge(fact, answer: tuple[str, list, float], span, film: int) -> dict:
    text, spans, confidence = answer
    cited = bool(span) and any(a < span[1] and b > span[0] for a, b in spans[:1])
    return {
        "film": film,
        "number": fact.number,
        "asked": fact.asked,
        "there": span is not None,
        "answer": text,
        "confidence": confidence,
        "right": bool(span) and bool(re.search(fact.key, text.casefold())),
        "cited": cited,
    }


def _share(values: Sequence[bool]) -> str:
    right, count = sum(map(bool, values)), len(values)
    if not count:
        return "n = 0"
    rate = wilson(right, count)
    return f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}], n = {count}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path(".cache/hearing"))
    parser.add_argument("--minutes", type=float, default=60.0, help="of a film")
    parser.add_argument("--films", type=int, default=3, help="clean, with noise, with music")
    parser.add_argument("--first", type=int, default=0, help="film, of 0 to 2, to begin with")
    parser.add_argument("--whole", action="store_true", help="ask as `ask` does")
    parser.add_argument("--text-encoder", default="none")
    parser.add_argument("--planner", help="a chat model that reads; asked as `ask` does")
    parser.add_argument("--facts", type=int, help="the first so many of a film")
    parser.add_argument("--gone", type=int, help="so many that the film lacks")
    parser.add_argument("--out", type=Path, default=Path("answers.json"))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    questions(args)


if __name__ == "__main__":
    main()
