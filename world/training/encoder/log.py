"""The log of a training run, on the screen and as CSV."""

from __future__ import annotations

import csv
from pathlib import Path


class Log:
    """Means of the loss between two probes, on the screen and as a line of CSV."""

    FIELDS = (
        *("minutes", "step", "dense", "picture", "patch", "patch_object", "patch_colour"),
        *("place", "zero_object", "zero_pair", "zero_place", "zero_patch", "unknown"),
    )

    def __init__(self, path: Path, fields: tuple[str, ...] = FIELDS) -> None:
        self.path, self.fields = path, fields
        self.sums: dict[str, list[float]] = {}
        if not path.is_file():
            path.write_text(",".join(self.fields) + "\n")

    def add(self, parts: dict[str, float]) -> None:
        """Count one step."""
        for name, value in parts.items():
            self.sums.setdefault(name, []).append(value)

    def write(self, minutes: float, total: float, step: int, probe: dict[str, float]) -> None:
        """Print and store the means since the last call."""
        row = {k: sum(v) / len(v) for k, v in self.sums.items()} | probe
        row |= {"minutes": minutes, "step": step}
        with self.path.open("a", newline="") as file:
            values = {k: f"{v:.4g}" for k, v in row.items()} | {"step": step}
            csv.DictWriter(file, self.fields, restval="", extrasaction="ignore").writerow(values)
        numbers = "  ".join(f"{k} {row[k]:.3f}" for k in self.fields[2:] if k in row)
        print(
            f"{minutes:5.1f} min  step {step}  {numbers}  ({total - minutes:.0f} min left)",
            flush=True,
        )
        self.sums = {}
