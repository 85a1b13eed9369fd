"""Fit an eye's calibration on result lines of `longtake eval needles`.

    longtake eval needles tune11.mp4 tune12.mp4 --no-baseline --out runs/calibrate.jsonl
    python -m train.calibrate runs/calibrate.jsonl --eye tagger --folder models/embedded/clip

Films that are measured on must not be among them. The error that is printed is that of maps fitted
on the other films.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from longtake.eval.calibration import accuracy_at, calibration_error, cross_fitted, fit_isotonic
from longtake.eval.needles import AGENT, read_results
from longtake.models.calibration import FILE, Calibration
from longtake.models.eye_prompts import prompts_digest
from longtake.models.profiles import load_models


def main() -> None:
    """Read the command line, fit, write and print."""
    parser = argparse.ArgumentParser(description="Fit an eye's calibration.")
    parser.add_argument("results", type=Path, help="result lines of calibration films")
    parser.add_argument("--eye", default="tagger", help="as the setting `eye` names it")
    parser.add_argument("--folder", type=Path, default=Path("models/embedded/clip"), help="weights")
    options = parser.parse_args()
    lines = [
        line
        for line in read_results(options.results).values()
        if line.method == AGENT and line.status == "answered" and line.confidence is not None
    ]
    raw = [line.confidence or 0.0 for line in lines]
    right = [line.correct for line in lines]
    fitted = Calibration(
        load_models(overrides={"eye": options.eye}).eye.id,
        prompts_digest(),
        *fit_isotonic(raw, right),
        n=len(lines),
    )
    (options.folder / FILE).write_text(fitted.to_json())
    held_out = cross_fitted(raw, right, [line.film for line in lines])
    print(f"{len(lines)} answers, {np.mean(right):.1%} right")
    print(f"calibration error: raw {calibration_error(raw, right):.3f}", end=", ")
    print(f"calibrated, on films left out {calibration_error(held_out, right):.3f}")
    print(f"right among the most confident 80 %: {accuracy_at(held_out, right, 0.8):.1%}")


if __name__ == "__main__":
    main()
