"""Fit the embedded VLM's calibration on result lines of `longtake eval needles`.

    longtake eval needles tune11.mp4 tune12.mp4 --no-baseline --out runs/calibrate.jsonl
    python -m longtake.eval.calibrate runs/calibrate.jsonl

Films that are measured on must not be among them. The error that is printed is that of maps fitted
on the other films. What the calibration that lies in the folder is worth on films it was not fitted
on, `--measure` tells; nothing is fitted or written then.

    python -m longtake.eval.calibrate runs/needles.jsonl --measure
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ..models.calibration import FILE, Calibration, load_calibration
from ..world.profile import calibration_folder, load_vlm, prompts_digest
from .needles import AGENT, read_results
from .statistics.calibration import accuracy_at, calibration_error, cross_fitted, fit_isotonic


def main() -> None:
    """Read the command line; fit, write and print, or measure."""
    parser = argparse.ArgumentParser(description="Fit the embedded VLM's calibration.")
    parser.add_argument("results", type=Path, help="result lines of calibration films")
    parser.add_argument("--folder", type=Path, default=calibration_folder(), help="weights")
    parser.add_argument("--measure", action="store_true", help="only say what the map is worth")
    options = parser.parse_args()
    lines = [
        line
        for line in read_results(options.results).values()
        if line.method == AGENT and line.status == "answered" and line.confidence is not None
    ]
    raw = [line.confidence or 0.0 for line in lines]
    right = [line.correct for line in lines]
    print(f"{len(lines)} answers, {np.mean(right):.1%} right")
    print(f"calibration error: raw {calibration_error(raw, right):.3f}", end=", ")
    vlm = load_vlm().id
    if options.measure:
        found = load_calibration(vlm, prompts_digest(), options.folder)
        if found is None:
            parser.error(f"{options.folder}: no calibration of {vlm} with the present prompts")
        fitted = [found(share) for share in raw]
        print(f"calibrated {calibration_error(fitted, right):.3f}")
    else:
        made = Calibration(vlm, prompts_digest(), *fit_isotonic(raw, right), n=len(lines))
        (options.folder / FILE).write_text(made.to_json())
        fitted = cross_fitted(raw, right, [line.film for line in lines])
        print(f"calibrated, on films left out {calibration_error(fitted, right):.3f}")
    print(f"right among the most confident 80 %: {accuracy_at(fitted, right, 0.8):.1%}")


if __name__ == "__main__":
    main()
