"""`longtake demo`: an hour-long film of the small world, asked what we know the answers to."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import Quiet, Store
from longtake.cli.output import OUT, bold, dim, show_progress
from longtake.index.film.span import Span

if TYPE_CHECKING:
    from longtake.film import Film
    from longtake.notebook import Answer

KINDS = ("retrieve", "when", "read", "speech", "detail", "order", "count-events", "absent")
TOLERANCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """A question and its truth.

    Attributes:
        kind: which kind of question.
        choices: None for an open one.
        answer: None where the film holds none.
        spans: where the film shows it.
    """

    kind: str
    question: str
    choices: tuple[str, ...] | None
    answer: str | None
    spans: tuple[Span, ...]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "demo",
        cls=Command,
        epilog=examples("longtake demo", "longtake demo --minutes 10 --folder /tmp/demo"),
    )(demo)


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where the film goes; the cache folder when left out.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="Length of the film.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Which film.")] = 7,
    store: Store = None,
    quiet: Quiet = False,
) -> None:
    """Ask an hour-long film what we know the answers to. Renders and indexes it first."""
    import longtake
    from longtake.config import cache_home

    OUT.configure(quiet=quiet)
    place = (folder or cache_home()).absolute()
    name = "demo" if (minutes, seed) == (60.0, 7) else f"demo-{minutes:g}min-seed{seed}"
    film_path = place / f"{name}.mp4"
    _render(film_path, minutes, seed)
    with longtake.open(film_path, store=store) as film:
        began = time.monotonic()
        with show_progress() as progress:
            film.index(progress=progress)
        OUT.say(f"The film is {film.info.duration / 60:.0f} minutes long; "
                f"indexed in {time.monotonic() - began:.1f} s. Asking it:")  # fmt: skip
        cases = pick_cases(read_cases(film_path))
        sheets = place / f"{name}-sheets"
        sheets.mkdir(exist_ok=True)
        right, best = _ask_all(film, cases, sheets)
    OUT.say(f"{right} of {len(cases)} answers are true.")
    OUT.say(f"Contact sheet: {best}")
    OUT.say(f'Your turn: longtake "{_short(film_path)}" "When does the ... appear?"')


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _render(path: Path, minutes: float, seed: int) -> None:
    from longtake.cli.film import report_to
    from longtake.eval.world.render import make_film, question_path

    if path.is_file() and question_path(path).is_file():
        OUT.note(f"the film is there already: {_short(path)}")
        return
    with show_progress() as progress:
        make_film(minutes, seed, path, None, report_to(progress, "render", "seconds"))


def read_cases(film: Path) -> list[Case]:
    """Read the questions beside a rendered film."""
    from longtake.eval.world.render import question_path

    record = json.loads(question_path(film).read_text(encoding="utf-8"))
    return [
        Case(
            entry["kind"],
            entry["question"],
            tuple(entry["choices"]) if entry["choices"] else None,
            entry["answer"],
            tuple(Span(start, end) for start, end in entry["spans"]),
        )
        for entry in record["questions"]
    ]


def pick_cases(cases: Sequence[Case], kinds: Sequence[str] = KINDS) -> list[Case]:
    """Take the first question of each kind, and two more in other words and without choices."""
    picked = [case for kind in kinds for case in [c for c in cases if c.kind == kind][:1]]
    for kind, pattern, wording in _REWORDED:
        for case in [c for c in cases if c.kind == kind][::-1]:
            match = re.search(pattern, case.question)
            if match and case not in picked:
                asked = wording.format(*match.groups())
                picked.append(replace(case, question=asked, choices=None))
                break
    return picked


# the same facts as a person might ask for them, neither in the planned words nor with choices
_REWORDED = (
    ("when", r"(?:the|a|an) ((?:\w+) (?:\w+))(?: appear| shown| seen| come)",
     "At what time can I see a {0}?"),
    ("speech", r"what is the ([\w ]+?)\?", "What does the narrator say the {0} is?"),
)  # fmt: skip


def _ask_all(film: Film, cases: Sequence[Case], sheets: Path) -> tuple[int, Path]:
    """Ask, print and check each; return how many are right and the sheet most worth a look."""
    from longtake.cli.answers import print_answer
    from longtake.notebook import answer_page
    from longtake.sheet import save_page

    right, best, most = 0, sheets, -1
    for number, case in enumerate(cases, start=1):
        OUT.say()
        OUT.say(bold(f"{number}. {case.question}") + dim(f"  [{case.kind}]"))
        for letter, choice in zip("ABCDEFGHIJ", case.choices or (), strict=False):
            OUT.say(dim(f"     {letter}. {choice}"))
        began = time.monotonic()
        with show_progress() as progress:
            answer = film.ask(case.question, case.choices, progress=progress)
        seconds = time.monotonic() - began
        print_answer(answer)
        true = is_true(answer, case)
        right += true
        verdict = "true" if true else f"not true: it is {_truth(case)}"
        OUT.say(f"  {bold(verdict)}, in {seconds:.1f} s")
        sheet = sheets / f"{number}-{case.kind}.jpg"
        save_page(answer_page(answer, film), sheet)
        frames = sum(len(found.frames) for found in answer.evidence) if true else 0
        if frames > most:
            best, most = sheet, frames
    return right, best


def is_true(answer: Answer, case: Case) -> bool:
    """Say whether an answer agrees with the truth."""
    if case.answer is None:
        return answer.status == "abstained"
    if answer.status == "abstained" or answer.answer is None:
        return False
    if case.kind == "when":
        return any(_within(found, span) for found in answer.evidence[:1] for span in case.spans)
    said, truth = (_words(text) for text in (answer.answer, case.answer))
    return said == truth if case.choices else f" {truth} " in f" {said} "


def _within(found: Any, span: Span) -> bool:
    """Say whether a finding lies inside the true span, a second of slack on both sides."""
    return (
        found.start >= span.start - TOLERANCE_SECONDS and found.end <= span.end + TOLERANCE_SECONDS
    )


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _truth(case: Case) -> str:
    if case.answer is None:
        return "not in the film"
    where = ", ".join(str(span) for span in case.spans[:3])
    return f"{case.answer} ({where})" if where else case.answer
