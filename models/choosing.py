"""Probabilities over a few labels from a served model, by the best way that it was proven to have.

Log-probabilities of the label's token, summed over the ways to write it (`A`, ` A`, `A.`), are one
request; an answer with its confidence under a JSON schema is another; agreement over samples works
everywhere. Numbers of different ways are not comparable, so the way is part of the result.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..prompts import render
from .completion import Completion
from .dialect import Dialect, json_format, object_schema
from .endpoint import EndpointClient, EndpointProblem
from .prompt import Prompt
from .readings import read_json, read_letter, read_yes
from .usage import side_by_side

YES_NO = ("yes", "no")
SAMPLES = 5
WARMTH = 0.7  # temperature of samples
MOST_OUTSIDE = 0.5  # with more of its mass elsewhere, a model has not answered with a label
_AROUND = " \t\r\n\"'`*().:,Ġ▁Ċ"


@dataclass(frozen=True, slots=True)
class Choice:
    """Probabilities of labels.

    Attributes:
        shares: of each label, summing to 1.
        outside: probability that the model put on anything else, 0 to 1, before renormalising.
        method: `logprob`, `schema` or `samples`.
        tokens_in: tokens read.
        tokens_out: tokens written.
    """

    shares: tuple[float, ...]
    outside: float
    method: str
    tokens_in: int
    tokens_out: int


class Chooser:
    """Lets a served model choose among labels.

    Args:
        client: the model.
        dialect: what it was proven to do.
        at_once: requests under way at a time.
    """

    def __init__(self, client: EndpointClient, dialect: Dialect, at_once: int = 4) -> None:
        self._client = client
        self._dialect = dialect
        self._at_once = at_once

    def choose(self, prompt: Prompt, labels: Sequence[str], options: Sequence[str] = ()) -> Choice:
        """Return how probable each label is.

        Args:
            prompt: asks for one of the labels.
            labels: single capital letters, or `YES_NO`.
            options: the text behind each letter.

        Raises:
            EndpointProblem: there is no usable answer.
        """
        if self._dialect.logprobs:
            try:
                choice = self._by_logprob(prompt, labels)
            except EndpointProblem as problem:
                # a proxy may lead to another server than the one that was probed
                if problem.kind != "refused":
                    raise
                choice = None
            if choice is not None:
                return choice
        if self._dialect.json_schema:
            return self._by_schema(prompt, labels)
        return self._by_samples(prompt, labels, options)

    def _by_logprob(self, prompt: Prompt, labels: Sequence[str]) -> Choice | None:
        """Return shares from token alternatives, None when the model did not answer with a label."""
        answer = self._client.complete(
            prompt,
            max_tokens=4,
            fits=lambda completion: None,  # to be cut off after the letter is what is wanted
            token_field=self._dialect.token_field,
            logprobs=True,
            top_logprobs=self._dialect.logprobs,
        )
        said = (token for token in answer.first_tokens if next(iter(token)).strip(_AROUND))
        token = next(said, None)
        shares = label_shares(token, labels) if token else None
        if shares is None or shares[1] > MOST_OUTSIDE:
            return None
        return Choice(*shares, "logprob", answer.tokens_in, answer.tokens_out)

    def _by_schema(self, prompt: Prompt, labels: Sequence[str]) -> Choice:
        asked = render("served_json", asked=prompt.asked, labels=", ".join(labels))
        schema = object_schema(
            answer={"type": "string", "enum": list(labels)},
            confidence={"type": "number", "minimum": 0, "maximum": 1},
        )
        answer = self._client.complete(
            replace(prompt, asked=asked),
            max_tokens=64,
            fits=lambda completion: _misfit(completion, labels),
            token_field=self._dialect.token_field,
            response_format=json_format(schema),
        )
        chosen, sure = _read_object(answer.text, labels)
        # who says less than chance of its own choice means that it does not know
        sure = max(sure, 1 / len(labels))
        rest = (1 - sure) / max(1, len(labels) - 1)
        shares = tuple(sure if label == chosen else rest for label in labels)
        total = math.fsum(shares)
        return Choice(
            tuple(share / total for share in shares),
            0.0,
            "schema",
            answer.tokens_in,
            answer.tokens_out,
        )

    def _by_samples(self, prompt: Prompt, labels: Sequence[str], options: Sequence[str]) -> Choice:
        def read(completion: Completion) -> str | None:
            if tuple(labels) == YES_NO:
                yes = read_yes(completion.text)
                return None if yes is None else YES_NO[not yes]
            return read_letter(completion.text, "".join(labels), options)

        def sample(seed: int) -> Completion:
            return self._client.complete(
                prompt,
                max_tokens=24,
                fits=lambda completion: None if read(completion) else f"give one of {labels}",
                temperature=WARMTH,
                token_field=self._dialect.token_field,
                seed=seed,
            )

        answers = side_by_side(sample, range(SAMPLES), self._at_once)
        votes = Counter(read(answer) for answer in answers)
        # one vote is shared by all, since five of five do not make a certainty
        total = len(answers) + 1
        return Choice(
            tuple((votes[label] + 1 / len(labels)) / total for label in labels),
            0.0,
            "samples",
            sum(answer.tokens_in for answer in answers),
            sum(answer.tokens_out for answer in answers),
        )


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
        label = _label_of(token, labels)
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


def _label_of(token: str, labels: Sequence[str]) -> str | None:
    bare = token.strip(_AROUND)
    if bare in labels:
        return bare
    # words may be written Yes or YES; a small letter is no label but the start of a word
    return next((label for label in labels if len(label) > 1 and bare.lower() == label), None)


def _read_object(text: str, labels: Sequence[str]) -> tuple[str, float]:
    """Read `{"answer": …, "confidence": …}`.

    Raises:
        ValueError: it is something else.
    """
    value = read_json(text)
    if not isinstance(value, dict) or value.get("answer") not in labels:
        raise ValueError(f"`answer` must be one of {', '.join(labels)}")
    sure = value.get("confidence")
    if isinstance(sure, bool) or not isinstance(sure, int | float) or not 0 <= sure <= 1:
        raise ValueError("`confidence` must be a number from 0 to 1")
    return value["answer"], float(sure)


def _misfit(completion: Completion, labels: Sequence[str]) -> str | None:
    try:
        _read_object(completion.text, labels)
    except ValueError as error:
        return str(error)[:200]
    return None
