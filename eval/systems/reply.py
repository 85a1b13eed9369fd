"""What a system said about a sample, before it is scored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..result import Status


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system said; the fields are those of `Result`."""

    status: Status
    raw_text: str | None = None
    pred_index: int | None = None
    pred_spans: tuple[tuple[float, float], ...] | None = None
    pred_frames: tuple[float, ...] | None = None
    cited_spans: tuple[tuple[float, float], ...] | None = None
    parse_rule: str | None = None
    confidence: float | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    timing: dict[str, float] = field(default_factory=dict)
    decoded: int = 0
    n_tool_calls: int = 0
    trace_ref: str | None = None
    error: str | None = None
