"""How a run is told while it goes on, and when it ends."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longtake.cli.output import OUT

if TYPE_CHECKING:
    from longtake.eval.runner import Finished


def end(finished: Finished, path: Path, *, as_json: bool) -> int:
    """Write the report of what there is, and say how it ended; return the exit code."""
    from longtake.eval.reports import write_report
    from longtake.eval.reports.markdown import differences, scores
    from longtake.index.video.errors import EndpointError, InputError

    again = f"go on with: longtake {shlex.join(sys.argv[1:])}"
    if finished.stopped == "interrupted" and not finished.tally.done:
        OUT.note(f"interrupted before the first answer; {again}")
        return 130
    try:
        summary = write_report(path)
    except InputError:
        if finished.stopped is None:
            raise
        raise EndpointError(f"stopped after {finished.stopped}", again) from None
    if as_json:
        OUT.document(summary)
    else:
        OUT.say(scores(summary))
        if summary["comparisons"]:
            OUT.say()
            OUT.say(differences(summary).split("\n\n", 1)[1])
        for warning in summary["warnings"]:
            OUT.note(warning)
        OUT.note(f"report: {path / 'report.html'} (also .md, .json, .csv)")
    if finished.stopped == "interrupted":
        if path.name not in again and "--out" not in again and "-o" not in sys.argv:
            again += f" --out {shlex.quote(str(path))}"
        OUT.note(f"interrupted, {finished.tally.done} answers kept; {again}")
        return 130
    if finished.stopped is not None:
        raise EndpointError(f"stopped after {finished.stopped}", again)
    return 0


class Ticker:
    """Tells how far a run is: a line every ten seconds, or a moving one on a terminal."""

    def __init__(self) -> None:
        self._last, self._status = 0.0, None

    def __enter__(self) -> Ticker:
        from longtake.cli.output import QUIET, colourful

        self._last = time.monotonic()
        if OUT.level > QUIET and colourful(sys.stderr):
            from rich.console import Console

            self._status = Console(stderr=True).status("opening the first film")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, result: Any, tally: Any) -> None:
        """Take one result."""
        if result.status in ("error", "missing_media"):
            OUT.detail(f"{result.system}, {result.sample_id}: {result.error}")
        if self._status is not None:
            self._status.update(tally.line())
        elif tally.done == tally.total or time.monotonic() - self._last >= 10:
            self._last = time.monotonic()
            OUT.note(tally.line())
