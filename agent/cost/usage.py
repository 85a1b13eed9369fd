"""The `usage` part of the answer document: what an answer cost, in all, by role and by tool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from .budget import Spent
from .ledger import Entry, Sum, by_role, by_tool, total_usd
from .rates import Rates


class Doc(BaseModel):
    """A part of the answer document: frozen, no fields but its own, finite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Usage(Doc):
    """What the answer cost.

    Attributes:
        model_calls: requests to models, planner included.
        frames_decoded, frames_shown: frames taken from the film, and of those shown to a model.
        tokens_in, tokens_out: tokens that language models read and wrote.
        seconds: of work, wall-clock.
        usd: US dollars; None where a served model's price is not known, or nothing is served.
        tokens_cached: tokens of `tokens_in` that came from a server's prefix cache. 0 also where
            the server does not say; None, like the next two, in documents of earlier versions.
        by_role: vlm, ocr, index (no language model), planner.
        by_tool: each tool by name, and `planner` for its decisions.
    """

    model_calls: int
    frames_decoded: int
    frames_shown: int
    tokens_in: int
    tokens_out: int
    seconds: float
    usd: float | None
    tokens_cached: int | None = None
    by_role: dict[str, Sum] | None = None
    by_tool: dict[str, Sum] | None = None

    @property
    def cached_share(self) -> float | None:
        """Share of the tokens read that came from the cache, 0 to 1; None when none were read."""
        if not self.tokens_in or self.tokens_cached is None:
            return None
        return self.tokens_cached / self.tokens_in

    @model_serializer(mode="wrap")
    def _as_made(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # a run of an earlier version is made again byte for byte: without what it did not know
        later = ("tokens_cached", "by_role", "by_tool")
        value = write(self)
        return {key: item for key, item in value.items() if key not in later or item is not None}


def usage_of(spent: Spent, entries: Sequence[Entry], rates: Rates | None) -> Usage:
    """Return what a run cost.

    Args:
        spent: the account that the budget was held against.
        entries: the ledger.
        rates: prices; None for a run of an earlier version, which kept no ledger.
    """
    plain: dict[str, Any] = {
        "model_calls": spent.model_calls,
        "frames_decoded": spent.frames_decoded,
        "frames_shown": spent.frames_shown,
        "tokens_in": spent.tokens_in,
        "tokens_out": spent.tokens_out,
        "seconds": round(spent.seconds, 3),
    }
    if rates is None:
        return Usage(**plain, usd=None)
    return Usage(
        **plain,
        usd=total_usd(entries, rates),
        tokens_cached=spent.cached,
        by_role=by_role(entries),
        by_tool=by_tool(entries),
    )
