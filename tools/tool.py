"""A tool: its name, its arguments, what runs it, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from .results import ToolResult

ErrorCode = Literal["bad_argument", "bad_span", "nothing", "no_text", "backend", "budget"]


class ToolRetry(Exception):
    """The caller should try again with other arguments; the message says which."""

    def __init__(self, message: str, code: ErrorCode = "bad_argument") -> None:
        super().__init__(message)
        self.code: ErrorCode = code


class ToolFailed(Exception):
    """The tool cannot do this here; trying again will not help.

    Attributes:
        code: the kind of failure.
        notes: what the user should know beside it.
    """

    def __init__(
        self, message: str, code: ErrorCode = "nothing", notes: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.notes = tuple(notes)


class Args(BaseModel):
    """Base of every tool's arguments: unknown fields are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing the agent may do.

    Attributes:
        name: as the planner calls it.
        description: one sentence for the planner.
        args: its argument model.
        run: does it. Raises ToolRetry or ToolFailed; anything else is a bug.
    """

    name: str
    description: str
    args: type[Args]
    run: Callable[[Any, Any], ToolResult]
