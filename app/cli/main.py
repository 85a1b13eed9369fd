"""The `longtake` command: its verbs, its short form, and how errors become exit codes.

`longtake FILM "question"` indexes the film where needed and asks; `longtake --help` has the rest.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from longtake.cli import ask, demo, doctor, evaluation, film, library, look, runs, settings, tell
from longtake.cli.helptext import Group, examples
from longtake.cli.output import OUT, die_of_closed_pipe
from longtake.faults import explain
from longtake.index.video.errors import LongtakeError, UsageError

EXIT_INTERRUPTED = 130
_EXITS = """Exit codes:
  0 ok, 1 bug, 2 usage, 3 unreadable film, 4 index missing, damaged or locked,
  5 model server, 6 budget spent, 7 abstained (--fail-on-abstain), 130 interrupted"""

app = typer.Typer(
    name="longtake",
    cls=Group,
    help="Ask questions of hour-long films; get answers with the times and frames that prove them."
    "\n\nlongtake FILM QUESTION is short for longtake ask FILM QUESTION.",
    epilog=examples(
        'longtake film.mp4 "When does the red fish appear?"',
        'longtake ask film.mp4 "Who speaks first?" -c "the man" -c "the woman" --json',
        "longtake search film.mp4 'a boat in a harbour'",
        after=_EXITS,
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        import longtake

        OUT.say(f"longtake {longtake.__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


ask.register(app)
library.register(app)
look.register(app)
tell.register(app)
runs.register(app)
film.register(app)
evaluation.register(app)
settings.register(app)
doctor.register(app)
demo.register(app)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    # the default, 700 objects, makes the loading of libraries an eighth longer and frees nothing
    gc.set_threshold(50_000)
    sys.exit(run(list(sys.argv[1:] if argv is None else argv)))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; bugs keep their traceback."""
    # before the command is parsed, so that a usage error is JSON too
    OUT.configure(
        as_json="--json" in arguments and "--jsonl" not in arguments,
        as_lines="--jsonl" in arguments,
    )
    command = typer.main.get_command(app)
    arguments = [named_file(argument) for argument in arguments]
    try:
        code = command.main(
            expand_short_form(arguments, set(command.list_commands(None))),  # pyright: ignore
            prog_name="longtake",
            standalone_mode=False,
        )
        OUT.flush()
    except LongtakeError as error:
        OUT.error(error)
        return error.exit_code
    except typer.TyperException as error:
        if error.format_message().startswith("Usage:"):
            # a group without its command: the message is the whole help
            print(error.format_message(), file=sys.stderr)
            return 2
        context = getattr(error, "ctx", None)
        name = context.command_path if context else "longtake"
        OUT.error(UsageError(error.format_message(), f"See {name} --help"))
        return error.exit_code
    except typer.Abort:
        return EXIT_INTERRUPTED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        die_of_closed_pipe()
    except Exception as error:
        problem = explain(error, arguments)
        if problem is None:
            raise
        OUT.error(problem)
        return problem.exit_code
    return code if isinstance(code, int) else 0


def named_file(argument: str) -> str:
    """Return `./-name.mp4` for a file whose name would be taken for options."""
    from pathlib import Path

    if argument.startswith("-") and Path(argument).suffix and Path(argument).is_file():
        return f"./{argument}"
    return argument


def expand_short_form(arguments: list[str], commands: set[str]) -> list[str]:
    """Turn `FILM QUESTION ...` into `ask FILM QUESTION ...`; leave everything else alone.

    The first word is a film when it is no command and looks like a path: it names something that
    exists, or it has an ending or a slash. A misspelt command is left for typer to correct.
    """
    from pathlib import Path

    if not arguments or arguments[0].startswith("-") or arguments[0] in commands:
        return arguments
    first = arguments[0]
    looks_like_a_path = "/" in first or Path(first).suffix != "" or Path(first).exists()
    return ["ask", *arguments] if looks_like_a_path else arguments


if __name__ == "__main__":
    main()
