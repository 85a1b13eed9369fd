"""When an answer counts as right. One rule a kind, no judge model, no partial credit.

* `absent`: right when the method abstained.
* with options: right when the chosen option is the true one; abstaining is wrong.
* `when` (and any other open question with spans): the method's time has to lie within the true
  span widened by a second on both sides, and overlap the true span itself. The method's time is
  the span written in its answer, or else the span of its first piece of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...index.video.span import Span, parse_seconds
from ..result import Result
from ..sample import Sample
from .accuracy import unit_id
from .metric import Metric, Unit, mean

TOLERANCE = 1.0  # seconds

_CLOCK = r"\d+(?::\d{2}){0,2}(?:\.\d+)?"
_RANGE = re.compile(rf"(?<![\d:.])({_CLOCK})\s*(?:-|–|to|until)\s*({_CLOCK})")


def is_right(
    sample: Sample, *, abstained: bool, choice: int | None = None, span: Span | None = None
) -> bool:
    """Apply the rule of the sample's kind.

    Args:
        sample: the question and its truth.
        abstained: whether the method declined to answer.
        choice: index of the option that it chose.
        span: the time that it named.
    """
    if not sample.answerable:
        return abstained
    if abstained:
        return False
    if sample.options is not None:
        return choice == sample.answer_index
    return span is not None and any(is_within(span, truth) for truth in sample.truths)


def is_within(span: Span, truth: Span, tolerance: float = TOLERANCE) -> bool:
    """Say whether a predicted span lies in the true one, give or take, and touches it."""
    inside = span.start >= truth.start - tolerance and span.end <= truth.end + tolerance
    return inside and span.overlap(truth) > 0


def span_in_text(text: str | None) -> Span | None:
    """Return the first `START-END` written in a text (`12:04.5-12:10.0`); None without one."""
    for match in _RANGE.finditer(text or ""):
        try:
            return Span(parse_seconds(match[1]), parse_seconds(match[2]))
        except ValueError:
            continue  # two numbers that are no span, `4-3`
    return None


def named_span(text: str | None, evidence: Sequence[Span]) -> Span | None:
    """Return the time that an answer gives: written in its text, or its first evidence's."""
    return span_in_text(text) or (evidence[0] if evidence else None)


def needle_metrics(scored: Sequence[tuple[Sample, Result]]) -> list[Metric]:
    """Return the share of right answers by the rules above."""
    units = tuple(
        Unit(
            unit_id(result),
            result.film,
            float(
                result.status in ("ok", "limit", "abstained")
                and is_right(
                    sample,
                    abstained=result.status == "abstained",
                    choice=result.pred_index,
                    span=next(
                        (Span(*pair) for pair in result.pred_spans or () if pair[1] > pair[0]), None
                    ),
                )
            ),
            sample.kind,
        )
        for sample, result in scored
    )
    return [Metric("accuracy", "strict", units, mean, headline=True)]
