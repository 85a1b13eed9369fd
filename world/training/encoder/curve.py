"""Draw the training's log: losses and probes over time.

python -m longtake.world.training.encoder.curve runs/train-encoder/log.csv world/weights/clip/training.png
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

_LOSSES = {
    "dense": "dense labels",
    "picture": "statements, picture",
    "patch": "statements, patches",
}
_SHARES = {
    "patch_object": "object of a patch (temporary head)",
    "zero_object": "object, zero-shot",
    "zero_pair": "object and colour, zero-shot",
    "zero_place": "place, zero-shot",
}


def draw_curve(
    log: Path, out: Path, losses: Mapping[str, str] = _LOSSES, shares: Mapping[str, str] = _SHARES
) -> None:
    """Draw the log as a picture with two panels; `losses` and `shares` are fields with labels."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    rows = list(csv.DictReader(log.open()))
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 3.6), constrained_layout=True)
    for panel, names, title in ((left, losses, "loss"), (right, shares, "share right, held out")):
        for number, (field, label) in enumerate(names.items()):
            points = [(float(r["minutes"]), float(r[field])) for r in rows if r[field]]
            # colours come back after ten lines
            style = "-" if number < 10 else "--"
            panel.plot(*zip(*points, strict=True) if points else ([], []), style, label=label)
        panel.set_xlabel("minutes")
        panel.set_title(title, fontsize=10)
        panel.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        panel.grid(alpha=0.3)
    figure.savefig(out, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    draw_curve(Path(sys.argv[1]), Path(sys.argv[2]))
