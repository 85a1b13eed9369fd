"""What the command line prints, and where: answers on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from longtake.index.video.errors import LongtakeError, UsageError
from longtake.safe import printable

if TYPE_CHECKING:
    from rich.progress import TaskID

    from longtake.index.build import Progress

QUIET, NORMAL, VERBOSE = 0, 1, 2
TERSE_SECONDS = 10.0


class Output:
    """The two streams of a command and how much goes to them.

    Attributes:
        level: QUIET, NORMAL or VERBOSE.
        json: True when stdout carries one JSON document.
        lines: True when stdout carries JSON lines.
    """

    def __init__(self) -> None:
        self.level = NORMAL
        self.json = False
        self.lines = False

    def configure(
        self,
        *,
        quiet: bool = False,
        verbose: int = 0,
        as_json: bool = False,
        as_lines: bool = False,
    ) -> None:
        """Take the switches of a command.

        Raises:
            UsageError: both kinds of JSON at once.
        """
        self.level = QUIET if quiet else NORMAL + min(verbose, 1)
        self.json, self.lines = as_json, as_lines
        if as_json and as_lines:
            raise UsageError("--json and --jsonl exclude each other", "choose one")

    def say(self, text: str = "") -> None:
        """Print one line of the result."""
        _write(sys.stdout, text)

    def document(self, value: Any) -> None:
        """Print one JSON document."""
        _write(sys.stdout, json.dumps(value, ensure_ascii=False, indent=2))

    def line(self, value: Any) -> None:
        """Print one JSON line and flush it, so that a reader sees it at once."""
        _write(sys.stdout, json.dumps(value, ensure_ascii=False), flush=True)

    def flush(self) -> None:
        """Hand what was printed to the operating system, so that what fails there is told."""
        _write(sys.stdout, None)

    def note(self, text: str) -> None:
        """Tell the person something that is not the result; silent with -q."""
        if self.level >= NORMAL:
            _write(sys.stderr, f"longtake: {printable(text)}")

    def detail(self, text: str) -> None:
        """Tell the person something that only -v shows."""
        if self.level >= VERBOSE:
            _write(sys.stderr, f"longtake: {printable(text)}")

    def error(self, error: LongtakeError) -> None:
        """Print an error in one line, or as JSON where the command speaks JSON."""
        body = error_json(error)
        if self.lines:
            self.line({"type": "error", **body})
        elif self.json:
            self.line({"error": body})
        else:
            _write(sys.stderr, one_line(error))


OUT = Output()


def error_json(error: LongtakeError) -> dict[str, str]:
    """Return an error as JSON output has it: code, message, hint."""
    return {"code": error.code, "message": error.message, "hint": error.remedy}


def one_line(error: LongtakeError) -> str:
    """Return `longtake: <message>. <remedy>` without anything a terminal would act on."""
    message, remedy = printable(error.message).rstrip("."), printable(error.remedy)
    if not remedy:
        return f"longtake: {message}"
    if not remedy.startswith(("longtake ", "pip ")):  # a command is typed as it stands
        remedy = remedy[0].upper() + remedy[1:]
    return f"longtake: {message}{'' if message.endswith('?') else '.'} {remedy}"


def colourful(stream: TextIO | None) -> bool:
    """Say whether the stream is a terminal that wants colour and moving bars."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream is not None and stream.isatty()


def bold(text: str) -> str:
    """Return the text in bold where stdout is a terminal that shows it."""
    return f"\x1b[1m{text}\x1b[0m" if colourful(sys.stdout) else text


def dim(text: str) -> str:
    """Return the text faint where stdout is a terminal that shows it."""
    return f"\x1b[2m{text}\x1b[0m" if colourful(sys.stdout) else text


def silence_output() -> None:
    """Let nothing more be written to a stdout that takes no more, not even at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with suppress(OSError):
        sys.stdout.flush()


def die_of_closed_pipe() -> NoReturn:
    """End as every Unix tool does when its reader has gone: by SIGPIPE, in silence."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (what is still buffered has no reader)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    os._exit(141)


def _write(stream: TextIO | None, text: str | None, flush: bool = False) -> None:
    """Print a line, or without one only flush.

    Raises:
        UsageError: the stream takes no more, such as a file on a full disk.
    """
    if stream is None:  # closed before the program began
        return
    try:
        if text is None:
            stream.flush()
            return
        # a file name that is not valid UTF-8 must not end the command
        safe = text.encode("utf-8", "backslashreplace").decode("utf-8")
        encoding = stream.encoding or "utf-8"
        print(safe.encode(encoding, "replace").decode(encoding), file=stream, flush=flush)
    except BrokenPipeError:
        die_of_closed_pipe()
    except OSError as error:
        if stream is sys.stdout:
            silence_output()
            OUT.json = OUT.lines = False  # the error itself goes to stderr
        raise UsageError(
            f"the output cannot be written: {error.strerror}", "free some space"
        ) from error


class ProgressLines:
    """Progress as plain lines: one every few seconds and one when a stage ends."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._ended: set[str] = set()

    def __enter__(self) -> ProgressLines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, progress: Progress) -> None:
        """Take one step forward."""
        if progress.stage in self._ended:
            return
        if progress.done >= progress.total:
            self._ended.add(progress.stage)
            many = f"{progress.total} {progress.unit}" if progress.total > 1 else "done"
            pace = f", {progress.pace}" if progress.pace else ""
            self._print(f"{progress.stage}: {many} in {progress.seconds:.1f} s{pace}")
        elif progress.done and self._clock() - self._last >= TERSE_SECONDS:
            pace = f", {progress.pace}" if progress.pace else ""
            self._print(
                f"{progress.stage}: {progress.done} of {progress.total} {progress.unit}, "
                f"{progress.seconds:.0f} s{pace}, about {progress.remaining:.0f} s left"
            )

    def _print(self, line: str) -> None:
        self._last = self._clock()
        OUT.note(line)


class ProgressBars:
    """Progress as bars on a terminal, one a stage."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}{task.fields[pace]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressBars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def __call__(self, progress: Progress) -> None:
        """Take one step forward."""
        task = self._tasks.get(progress.stage)
        if task is None:
            task = self._bars.add_task(
                progress.stage, total=progress.total, unit=progress.unit, pace=""
            )
            self._tasks[progress.stage] = task
        pace = f", {progress.pace}" if progress.pace else ""
        self._bars.update(task, completed=progress.done, total=progress.total, pace=pace)


class NoProgress:
    """Progress nobody wants to see."""

    def __enter__(self) -> NoProgress:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, progress: Progress) -> None:
        """Take one step forward."""


def show_progress() -> ProgressBars | ProgressLines | NoProgress:
    """Return the way to show progress that fits stderr and the switches."""
    if OUT.level == QUIET:
        return NoProgress()
    return ProgressBars() if colourful(sys.stderr) else ProgressLines()
