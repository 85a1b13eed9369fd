"""What can go wrong with one attempt at a model server."""

from __future__ import annotations

from typing import Literal

FaultKind = Literal[
    # the same request may succeed later
    "connection",
    "timeout",
    "busy",
    "server",
    "garbled",
    "empty",
    # it will not, but a changed one may
    "refused",
    "too_large",
    "image_limit",
    "exhausted",
    # it will not
    "no_images",
    "quota",
    "denied",
    "missing",
    "moved",
    "unfit",
    "open",
]
PASSING: frozenset[FaultKind] = frozenset(
    ("connection", "timeout", "busy", "server", "garbled", "empty")
)


class Fault(Exception):
    """What went wrong with one attempt; stays inside `models/`.

    Attributes:
        kind: what it was.
        said: in words, with the server's own where it gave any; holds no key.
        status: the HTTP status, None when none arrived.
        wait: seconds that the server asked to wait, None when it did not.
        remedy: what to do about this very fault; empty where its kind says it.
        marks: type, code and numbers that the server gave beside its words.
    """

    def __init__(
        self,
        kind: FaultKind,
        said: str,
        status: int | None = None,
        wait: float | None = None,
        remedy: str = "",
        marks: str = "",
    ) -> None:
        super().__init__(said)
        self.remedy = remedy
        self.marks = marks
        self.kind: FaultKind = kind
        self.said = said
        self.status = status
        self.wait = wait

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in PASSING
