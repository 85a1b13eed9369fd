"""The table of a benchmark: every rate with its n and interval, beside the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from .sample import Prediction
from .statistics import FEW_CLUSTERS, Estimate, mcnemar, paired_difference, wilson


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of question: the agent's rate, the baseline's on the same samples, both compared.

    Attributes:
        p: McNemar's exact p value; None without a baseline.
    """

    kind: str
    agent: Estimate
    baseline: Estimate | None = None
    difference: Estimate | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of a benchmark found."""

    rows: tuple[Row, ...]
    total: Row | None
    films: int
    errors: int
    median_seconds: float
    median_frames: float
    baseline: str | None = None

    @classmethod
    def of(cls, predictions: Sequence[Prediction]) -> Report:
        """Count the predictions; a method other than `agent` is the baseline."""
        agent = {p.sample: p for p in predictions if p.method == "agent"}
        other = {p.sample: p for p in predictions if p.method != "agent"}
        kinds = sorted({p.kind for p in agent.values()})
        rows = [_row(kind, [p for p in agent.values() if p.kind == kind], other) for kind in kinds]
        return cls(
            rows=tuple(rows),
            total=_row("all", list(agent.values()), other) if agent else None,
            films=len({p.film for p in agent.values()}),
            errors=sum(p.status == "error" for p in predictions),
            median_seconds=median([p.seconds for p in agent.values()] or [0.0]),
            median_frames=median([p.frames for p in agent.values()] or [0]),
            baseline=next((p.method for p in other.values()), None),
        )

    def table(self) -> str:
        """Write the report as a Markdown table with its caveats below."""
        lines = [
            f"| kind | n | agent % | 95 % interval | {self.baseline or 'baseline'} % "
            "| difference (95 % interval) |",
            "|---|---:|---:|---|---:|---|",
        ]
        lines += [_line(row) for row in (*self.rows, *([self.total] if self.total else []))]
        lines.append("")
        lines.append(
            f"{self.films} films, median {self.median_seconds:.1f} s and {self.median_frames:.0f} "
            "frames a question."
        )
        if self.errors:
            lines.append(f"{self.errors} predictions failed with an error and count as wrong.")
        if self.films < FEW_CLUSTERS:
            lines.append(
                "Intervals of rates are Wilson's, of differences a bootstrap over films and their "
                f"questions; with {self.films} films the latter is a rough guide."
            )
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON types."""
        return asdict(self)


def _row(kind: str, agent: Sequence[Prediction], other: dict[str, Prediction]) -> Row:
    rate = wilson(sum(p.correct for p in agent), len(agent))
    shared = [(p, other[p.sample]) for p in agent if p.sample in other]
    if not shared:
        return Row(kind, rate)
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for a, b in shared:
        pairs.setdefault(a.film, []).append((a.correct, b.correct))
    return Row(
        kind,
        rate,
        wilson(sum(b.correct for _, b in shared), len(shared)),
        paired_difference(pairs),
        mcnemar(
            sum(a.correct and not b.correct for a, b in shared),
            sum(b.correct and not a.correct for a, b in shared),
        ),
    )


def _line(row: Row) -> str:
    rate = f"{100 * row.agent.value:.0f}"
    interval = f"{100 * row.agent.low:.0f} to {100 * row.agent.high:.0f}"
    if row.baseline is None or row.difference is None:
        return f"| {row.kind} | {row.agent.n} | {rate} | {interval} | | |"
    d = row.difference
    gain = f"{100 * d.value:+.0f} ({100 * d.low:+.0f} to {100 * d.high:+.0f})"
    return (
        f"| {row.kind} | {row.agent.n} | {rate} | {interval} | "
        f"{100 * row.baseline.value:.0f} | {gain} |"
    )
