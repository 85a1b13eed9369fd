"""Probabilities over a few labels from a served model, by the best way that it was proven to have.

Log-probabilities of the label's token, summed over the ways to write it (`A`, ` A`, `A.`), are one
request; an answer with its confidence under a JSON schema is another; agreement over samples works
everywhere. Numbers of different ways are not comparable, so the way is part of the result.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...prompts import render
from .capabilities import Dialect, object_schema
from .client import EndpointClient, EndpointProblem
from .completion import Completion
from .labels import YES_NO, asking_for, is_blank, label_of, label_shares
from .parsing import read_json, read_letter, read_yes
from .prompt import Prompt
from .usage import side_by_side

SAMPLES = 5
WARMTH = 0.7  # temperature of samples but the first, which is the likeliest answer
LIKELIEST = 4.5  # votes of that one: it stands, the four others only tell how sure it is
MOST_OUTSIDE = 0.5  # with more of its mass elsewhere, a model has not answered with a label


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
        for fields in self._alternatives(labels):
            choice = self._by_logprob(prompt, labels, fields)
            if choice is not None:
                return choice
        if self._dialect.binds:
            return self._by_schema(prompt, labels)
        return self._by_samples(prompt, labels, options)

    def _alternatives(self, labels: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the request fields that bring token alternatives, the best first."""
        if not self._dialect.logprobs:
            return
        found = {token: label_of(token, labels) for token in self._dialect.label_tokens}
        if set(found.values()) >= set(labels):
            # a label among many, or an unlikely one, is not always among the likeliest tokens
            yield asking_for(self._dialect.label_tokens[token] for token in found if found[token])
        yield {"logprobs": True, "top_logprobs": self._dialect.logprobs}

    def _by_logprob(
        self, prompt: Prompt, labels: Sequence[str], fields: dict[str, Any]
    ) -> Choice | None:
        """Return shares from token alternatives, None when the model did not answer with a label."""
        try:
            answer = self._client.complete(
                prompt,
                max_tokens=4,
                fits=lambda completion: None,  # to be cut off after the letter is what is wanted
                token_field=self._dialect.token_field,
                **fields,
            )
        except EndpointProblem as problem:
            # a proxy may lead to another server than the one that was probed
            if problem.kind != "refused":
                raise
            return None
        said = (token for token in answer.first_tokens if not is_blank(next(iter(token))))
        token = next(said, None)
        if token and "logprob_token_ids" in fields:
            # a server that ignores the field brings the likeliest token only
            came = {label_of(alternative, labels) for alternative in token}
            token = token if came >= set(labels) else None
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
            **self._dialect.bound(schema),
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
                temperature=WARMTH if seed else 0.0,
                token_field=self._dialect.token_field,
                seed=seed,
            )

        answers = side_by_side(sample, range(SAMPLES), self._at_once)
        votes: dict[str | None, float] = defaultdict(float)
        for number, answer in enumerate(answers):
            votes[read(answer)] += 1.0 if number else LIKELIEST
        # one vote is shared by all, since five of five do not make a certainty
        total = math.fsum(votes.values()) + 1
        return Choice(
            tuple((votes[label] + 1 / len(labels)) / total for label in labels),
            0.0,
            "samples",
            sum(answer.tokens_in for answer in answers),
            sum(answer.tokens_out for answer in answers),
        )


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
