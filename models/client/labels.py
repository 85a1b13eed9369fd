"""Labels that a served model answers with, and the tokens that write them: `A`, ` A`, `A.`, ` Yes`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...world.perception.prompts import LETTERS, NO, YES

YES_NO = (YES, NO)
LABELS = (*LETTERS, *YES_NO)
_FORMS = (*LETTERS, *(form for word in YES_NO for form in (word, word.capitalize(), word.upper())))
LABEL_TEXT = "\n".join(_FORMS) + "\n " + " ".join(_FORMS)
"""Every label at the beginning of a line and after a space, as tokenizers write them apart."""
_AROUND = " \t\r\n\"'`*().:,ĠĊ▁"


def asking_for(tokens: Iterable[int]) -> dict[str, Any]:
    """Return vLLM's fields that bring the log-probabilities of these tokens, by id."""
    return {"logprobs": True, "logprob_token_ids": sorted(tokens)}


def is_blank(token: str) -> bool:
    """Say whether a token writes nothing that counts, such as a line's end."""
    return not token.strip(_AROUND)


def label_shares(
    alternatives: Mapping[str, float], labels: Sequence[str]
) -> tuple[tuple[float, ...], float] | None:
    """Return each label's share and the mass outside, None when no label is among the tokens.

    Args:
        alternatives: token to log-probability, the likeliest tokens at one place.
        labels: a label that is missing counts as less likely than the least likely token.
    """
    masses = {token: _mass(logprob) for token, logprob in alternatives.items()}
    found = dict.fromkeys(labels, 0.0)
    for token, mass in masses.items():
        label = label_of(token, labels)
        if label is not None:
            found[label] += mass
    inside = math.fsum(found.values())
    if inside <= 0:
        return None
    least = min((mass for mass in masses.values() if mass > 0), default=0.0) / 2
    filled = [mass or least for mass in found.values()]
    total = math.fsum(filled)
    return tuple(mass / total for mass in filled), max(0.0, 1 - inside)


def _mass(logprob: float) -> float:
    return math.exp(min(0.0, logprob)) if not math.isnan(logprob) else 0.0


def label_of(token: str, labels: Sequence[str]) -> str | None:
    """Return the label that a token writes, None for anything else."""
    bare = token.strip(_AROUND)
    # letters may come as one string, whose parts are no labels
    if bare in tuple(labels):
        return bare
    # words may be written Yes or YES; a small letter is no label but the start of a word
    return next((label for label in labels if len(label) > 1 and bare.lower() == label), None)
