"""How often answers of a raw confidence are right, as measured for one model and its prompts.

The map lies beside the model's weights and holds for these weights and these prompts only; for
any other there is none, and a confidence stays uncalibrated.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising map from raw confidence to the share of right answers.

    Attributes:
        model: id of the VLM that it was fitted for.
        prompts: digest of the prompts that it was fitted with.
        raw: confidences, rising.
        right: the share of right answers at each of them.
        n: answers that it was fitted on.
    """

    model: str
    prompts: str
    raw: tuple[float, ...]
    right: tuple[float, ...]
    n: int

    def __call__(self, raw: float) -> float:
        """Return the calibrated confidence, straight lines between the fitted points."""
        return float(np.interp(raw, self.raw, self.right))

    def to_json(self) -> str:
        """Return the file's content."""
        return json.dumps(asdict(self), indent=1) + "\n"


def load_calibration(model: str, prompts: str, folder: Path) -> Calibration | None:
    """Return the calibration of a VLM; None when there is none for just these weights and prompts.

    Args:
        model: the VLM's id.
        prompts: digest of the prompts that it is asked with.
        folder: where the file lies, beside the weights.
    """
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
        found |= {name: tuple(found[name]) for name in ("raw", "right")}
        fitted = Calibration(**found)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return fitted if (fitted.model, fitted.prompts) == (model, prompts) else None
