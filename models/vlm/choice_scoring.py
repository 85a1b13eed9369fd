"""Probabilities of a few labels from one reply: by log-probabilities, else as the model states.

The label's token is looked for inside the reply (`{"answer": "B", …`), its alternatives are summed
over the ways to write a label (`B`, ` B`, `"B`), and renormalised over the labels. Numbers of
different ways are not comparable, so the way is part of the result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..client.completion import Completion

MOST_OUTSIDE = 0.5  # with more of its mass elsewhere, a model has not answered with a label
MOST_MASS = 1.05  # of the tokens at one place: with more, the numbers are no log-probabilities
UNSTATED = 0.5  # confidence of a model that states none
LEAD = 0.01  # by which the chosen label is above chance, however unsure the model is
_AROUND = " \t\r\n\"'`*().:,{[ĠĊ▁"


@dataclass(frozen=True, slots=True)
class Shares:
    """Probabilities of labels.

    Attributes:
        of: each label's, summing to 1.
        method: `logprob` or `stated`.
        outside: probability that the model put on anything else, before renormalising.
    """

    of: tuple[float, ...]
    method: str
    outside: float = 0.0


def score_labels(
    completion: Completion,
    name: str,
    labels: Sequence[str],
    chosen: int,
    stated: float | None,
) -> Shares:
    """Return how probable each label is.

    Args:
        completion: the reply.
        name: the JSON property that holds the label.
        labels: letters or words; no word begins another.
        chosen: the place of the label that the reply names.
        stated: the reply's confidence in it, None where it states none.
    """
    alternatives = label_token(completion.tokens, name, labels)
    found = label_shares(alternatives, labels) if alternatives else None
    if found is not None and found.outside <= MOST_OUTSIDE:
        return found
    return stated_shares(len(labels), chosen, stated)


def stated_shares(count: int, chosen: int, stated: float | None) -> Shares:
    """Return shares by a stated confidence: what is left of it is for the others alike."""
    # a confidence below chance in its own choice means that the model does not know, yet it chose
    least = min(1.0, 1 / count + LEAD)
    sure = max(UNSTATED if stated is None else stated, least)
    rest = (1 - sure) / max(1, count - 1)
    shares = [sure if number == chosen else rest for number in range(count)]
    total = math.fsum(shares)
    return Shares(tuple(share / total for share in shares), "stated")


def label_token(
    tokens: Sequence[tuple[str, Mapping[str, float]]], name: str, labels: Sequence[str]
) -> Mapping[str, float] | None:
    """Return the alternatives of the token that writes the label; None when there is none.

    Looked for is the last `"name": "` of the text (reasoning may stand before the answer), else a
    reply that begins with the label.
    """
    written, starts = "", []
    for token, _ in tokens:
        starts.append(len(written))
        written += _plain(token)
    least = _value_start(written, name)
    if least is None:
        least = len(written) - len(written.lstrip(_AROUND))
    for (token, alternatives), start in zip(tokens, starts, strict=True):
        if start + len(token) > least:
            return alternatives if label_of(token, labels) is not None else None
    return None


def answer_confidence(tokens: Sequence[tuple[str, Mapping[str, float]]], name: str) -> float | None:
    """Return how sure a model is of an answer in words, 0 to 1; None where its tokens do not say.

    The geometric mean of the probabilities of the tokens that write it (VideoThinker, arXiv
    2601.15724), so that a long answer is not less sure than a short one.

    Args:
        tokens: each token written, and the log-probabilities of the likeliest in its place.
        name: the JSON property that holds the answer.
    """
    text = "".join(_plain(token) for token, _ in tokens)
    first = _value_start(text, name)
    if first is None:
        return None
    closing = re.compile(r'(?<!\\)(?:\\\\)*"').search(text, first)
    last = closing.end() - 1 if closing else len(text)
    place, found = 0, []
    for token, alternatives in tokens:
        start, place = place, place + len(_plain(token))
        if start < last and place > first:
            found.append(alternatives.get(token, math.nan))
    sure = [logprob for logprob in found if not math.isnan(logprob)]
    return math.exp(min(0.0, math.fsum(sure) / len(sure))) if sure else None


def _value_start(text: str, name: str) -> int | None:
    """Return where the value of the last `"name": "` begins; None without one."""
    begins = [found.end() for found in re.finditer(rf'"{re.escape(name)}"\s*:\s*"', text)]
    return begins[-1] if begins else None


def label_shares(alternatives: Mapping[str, float], labels: Sequence[str]) -> Shares | None:
    """Return each label's share and the mass outside, None when no label is among the tokens.

    None too when the numbers cannot be log-probabilities of one place.

    Args:
        alternatives: token to log-probability, the likeliest tokens at one place.
        labels: a label that is missing counts as less likely than the least likely token.
    """
    masses = {token: _mass(logprob) for token, logprob in alternatives.items()}
    if len(masses) < 2 or math.fsum(masses.values()) > MOST_MASS:
        return None
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
    return Shares(tuple(mass / total for mass in filled), "logprob", max(0.0, 1 - inside))


def label_of(token: str, labels: Sequence[str]) -> str | None:
    """Return the label that a token writes or begins, None for anything else."""
    bare = token.strip(_AROUND)
    if not bare:
        return None
    if bare in labels:
        return bare
    # words may be cut into tokens, and written Yes or YES; a small letter is no label
    begun = [label for label in labels if len(label) > 1 and label.startswith(bare.lower())]
    return begun[0] if len(begun) == 1 else None


def _plain(token: str) -> str:
    return token.replace("Ġ", " ").replace("Ċ", "\n").replace("▁", " ")


def _mass(logprob: float) -> float:
    return math.exp(min(0.0, logprob)) if not math.isnan(logprob) else 0.0
