"""`longtake demo` and `film make`: films of the small world, asked what we know the answers to."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longtake.cli.helptext import Command, Group, examples
from longtake.cli.options import Quiet, Store, Verbose
from longtake.cli.output import OUT, bold, dim, show_progress
from longtake.safe import spare_film

if TYPE_CHECKING:
    from longtake.api import Film
    from longtake.eval.sample import Sample
    from longtake.index.build import Progress
    from longtake.notebook import Answer

KINDS = ("retrieve", "when", "read", "speech", "detail", "order", "count-events", "absent")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "demo",
        cls=Command,
        epilog=examples("longtake demo", "longtake demo --minutes 10 --folder /tmp/demo"),
    )(demo)
    group = typer.Typer(
        cls=Group,
        help="Render films to try and measure with.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(lambda: None)
    group.command(
        "make",
        cls=Command,
        epilog=examples(
            "longtake film make --minutes 60 --seed 7 --out demo.mp4",
            "longtake film make --minutes 10 --haystack holiday.mp4 --out needles.mp4",
        ),
    )(make)
    app.add_typer(group, name="film")


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
    from longtake.eval.sample import load_samples
    from longtake.world.render import question_path

    OUT.configure(quiet=quiet)
    place = (folder or cache_home()).absolute()
    name = "demo" if (minutes, seed) == (60.0, 7) else f"demo-{minutes:g}min-seed{seed}"
    film_path = place / f"{name}.mp4"
    _render(film_path, minutes, seed)
    with longtake.open(film_path, store=store) as film:
        began = time.monotonic()
        with show_progress() as progress:
            film.index(progress=progress)
        OUT.say(
            f"The film is {film.info.duration / 60:.0f} minutes long; "
            f"indexed in {time.monotonic() - began:.1f} s. Asking it:"
        )
        samples = pick_samples(load_samples(question_path(film_path), film_path))
        sheets = place / f"{name}-sheets"
        sheets.mkdir(exist_ok=True)
        right, best = _ask_all(film, samples, sheets)
    OUT.say(f"{right} of {len(samples)} answers are true.")
    OUT.say(f"Contact sheet: {best}")
    OUT.say(f'Your turn: {_program()} "{_short(film_path)}" "When does the ... appear?"')


def _program() -> str:
    """Return what starts this program: its name where the shell finds it, else where it lies."""
    started = Path(sys.argv[0]).absolute()
    known = shutil.which("longtake") or started.name != "longtake"
    return "longtake" if known else shlex.quote(_short(started))


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _render(path: Path, minutes: float, seed: int) -> None:
    from longtake.world.render import make_film, question_path

    if path.is_file() and question_path(path).is_file():
        OUT.note(f"the film is there already: {_short(path)}")
        return
    with show_progress() as progress:
        make_film(minutes, seed, path, None, report_to(progress, "render", "seconds"))


def pick_samples(samples: Sequence[Sample], kinds: Sequence[str] = KINDS) -> list[Sample]:
    """Take the first question of each kind, and two more in other words and without choices."""
    picked = [found for kind in kinds for found in [s for s in samples if s.kind == kind][:1]]
    for kind, pattern, wording in _REWORDED:
        for sample in [s for s in samples if s.kind == kind][::-1]:
            match = re.search(pattern, sample.question)
            if match and sample not in picked:
                asked = wording.format(*match.groups())
                changes = {"question": asked, "options": None, "answer_index": None}
                picked.append(sample.model_copy(update=changes))
                break
    return picked


# the same facts as a person might ask for them, neither in the planned words nor with choices
_REWORDED = (
    (
        "when",
        r"(?:the|a|an) ((?:\w+) (?:\w+))(?: appear| shown| seen| come)",
        "At what time can I see a {0}?",
    ),
    ("speech", r"what is the ([\w ]+?)\?", "What does the narrator say the {0} is?"),
)


def _ask_all(film: Film, samples: Sequence[Sample], sheets: Path) -> tuple[int, Path]:
    """Ask, print and check each; return how many are right and the sheet most worth a look."""
    from longtake.cli.answers import print_answer
    from longtake.notebook import answer_page
    from longtake.sheet import save_page

    right, best, most = 0, sheets, -1
    for number, sample in enumerate(samples, start=1):
        OUT.say()
        OUT.say(bold(f"{number}. {sample.question}") + dim(f"  [{sample.kind}]"))
        for letter, choice in zip("ABCDEFGHIJ", sample.options or (), strict=False):
            OUT.say(dim(f"     {letter}. {choice}"))
        began = time.monotonic()
        with show_progress() as progress:
            answer = film.ask(sample.question, sample.options, progress=progress)
        seconds = time.monotonic() - began
        print_answer(answer)
        true = is_true(answer, sample)
        right += true
        verdict = "true" if true else f"not true: it is {_truth(sample)}"
        OUT.say(f"  {bold(verdict)}, in {seconds:.1f} s")
        sheet = sheets / f"{number}-{sample.kind}.jpg"
        save_page(answer_page(answer, film), sheet)
        frames = sum(len(found.frames) for found in answer.evidence) if true else -1
        if frames > most:
            best, most = sheet, frames
    return right, best


def is_true(answer: Answer, sample: Sample) -> bool:
    """Say whether an answer agrees with the truth, by the rules of the benchmark."""
    from longtake.eval.score import is_right, named_span

    choice = None if answer.choice is None else ord(answer.choice) - ord("A")
    return is_right(
        sample,
        abstained=answer.status == "abstained",
        choice=choice,
        span=named_span(answer.answer, answer.spans),
    )


def _truth(sample: Sample) -> str:
    if sample.answer is None:
        return "not in the film"
    where = ", ".join(str(span) for span in sample.truths[:3])
    return f"{sample.answer} ({where})" if where else sample.answer


def make(
    out: Annotated[Path, typer.Option("--out", "-o", help="The .mp4 to write.")],
    minutes: Annotated[float, typer.Option(help="Length, 0.5 to 600.")] = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same film.")] = 7,
    haystack: Annotated[Path | None, typer.Option(help="A real film to use as background.")] = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Render a film and write its questions beside it."""
    from longtake.world.render import make_film, question_path

    OUT.configure(quiet=quiet, verbose=verbose)
    spare_film(out, haystack)
    with show_progress() as progress:
        film = make_film(minutes, seed, out, haystack, report_to(progress, "render", "seconds"))
    OUT.say(str(film))
    OUT.say(str(question_path(film)))


def report_to(
    progress: Callable[[Progress], None], stage: str, unit: str
) -> Callable[[float, float], None]:
    """Return a callback (done, total) that reports as a stage of progress."""
    from longtake.index.build import Progress

    began = time.monotonic()
    return lambda done, total: progress(
        Progress(stage, round(done), round(total), unit, time.monotonic() - began)
    )
