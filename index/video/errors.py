"""Errors that a user can correct. Each knows its exit code and its remedy.

    LongtakeError            1
    |- UsageError            2   a parameter or setting is off
    |- InputError            3   the film cannot be read, or is not safe to read
    |- IndexProblem          4
    |  |- IndexMissing       4   not indexed yet
    |  |- IndexCorrupt       4   a checksum does not match
    |  `- IndexLocked        4   another process is writing it
    `- EndpointError         5   a model server is unreachable or refused

Anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations


class LongtakeError(Exception):
    """An error for the person at the terminal.

    Attributes:
        remedy: what to do next, one short sentence or command; may be empty.
        exit_code: the process exit code that the command line maps it to.
    """

    exit_code = 1
    code = "error"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


class UsageError(LongtakeError):
    """A parameter, a choice or a setting is outside what is allowed."""

    exit_code = 2
    code = "usage"


class InputError(LongtakeError):
    """The film is missing, unreadable, of an unlisted kind, or unsafe to open."""

    exit_code = 3
    code = "input"


class IndexProblem(LongtakeError):
    """The index of a film cannot be used as it is."""

    exit_code = 4
    code = "index"


class IndexMissing(IndexProblem):
    """The film has no finished index."""

    code = "index_missing"


class IndexCorrupt(IndexProblem):
    """A file of the index does not match its checksum."""

    code = "index_corrupt"


class IndexLocked(IndexProblem):
    """Another process is writing this index."""

    code = "index_locked"


class EndpointError(LongtakeError):
    """A model server could not be reached, refused, or gave no usable answer."""

    exit_code = 5
    code = "endpoint"
