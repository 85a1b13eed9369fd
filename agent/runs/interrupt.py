"""Ctrl-C: the first one lets the step at hand finish and saves, a second one stops at once."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ...models.loading import first_interrupt

if TYPE_CHECKING:
    from langgraph.runtime import RunControl


class Interrupted(KeyboardInterrupt):
    """The user stopped the run; everything finished is saved.

    Attributes:
        run_id: what `resume` takes.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} was interrupted; go on with: longtake resume {run_id}")
        self.run_id = run_id


def stop_on_interrupt(control: RunControl) -> AbstractContextManager[None]:
    """Let the first Ctrl-C finish the step at hand, and a second one stop at once."""
    return first_interrupt(lambda frame: control.request_drain("interrupt"))
