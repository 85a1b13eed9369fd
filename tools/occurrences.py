"""Occurrences of something in a film: runs of frames, their ends, and when two are one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..index.film.span import Span
from ..index.seams import Encoder

if TYPE_CHECKING:
    from ..index.store import FilmIndex

LOW, HIGH = 0.12, 0.25  # a run has a sample above HIGH and ends where samples fall below LOW
REACH = 1.5  # seconds beyond the first and the last sample in which an end is looked for
SAME_SHOT_GAP = 3.0  # seconds: shorter gaps in one shot are a thing half hidden for a moment
ANY_GAP = 1.0  # seconds: what goes on over a cut without a gap is one occurrence
PRESENT = 0.4  # a judged frame shows the thing from this probability on


@dataclass
class Run:
    """A stretch of samples in which something may be seen.

    Attributes:
        samples: times of the index's samples, float [K].
        odds: how likely each shows it, by the index, float [K].
        span: beginning and end as known so far.
        score: what the eye says of it.
    """

    samples: np.ndarray
    odds: np.ndarray
    span: Span
    score: float = 0.0

    @property
    def strength(self) -> float:
        """The best sample's likelihood."""
        return float(self.odds.max())

    @property
    def window(self) -> Span:
        """Where its ends are looked for."""
        return Span(max(0.0, float(self.samples[0]) - REACH), float(self.samples[-1]) + REACH)

    def peaks(self, count: int) -> list[float]:
        """Return the times of its likeliest samples, apart from each other where it is long."""
        parts = np.array_split(np.arange(len(self.samples)), min(count, len(self.samples)))
        best = [int(part[self.odds[part].argmax()]) for part in parts]
        return [float(self.samples[row]) for row in best]

    def edges(self, cuts: np.ndarray, within: Span, step: float) -> list[float]:
        """Return the times to judge for its two ends; a cut near an end bounds the search."""
        first, last = float(self.samples[0]), float(self.samples[-1])
        begin, end = max(within.start, first - REACH), min(within.end, last + REACH)
        before = cuts[(cuts > begin) & (cuts <= first + 1e-3)]
        after = cuts[(cuts > last) & (cuts < end)]
        begin = float(before[-1]) + 0.02 if len(before) else begin
        end = float(after[0]) - 0.06 if len(after) else end
        head = np.append(np.arange(first - step, begin, -step), begin)
        tail = np.append(np.arange(last + step, end, step), end)
        return [float(s) for s in np.unique(np.concatenate([head, tail]).round(3)) if s >= 0]

    def settle(
        self, judged: Sequence[tuple[float, float]], cuts: np.ndarray, duration: float
    ) -> None:
        """Set beginning and end from judged frames: half way between the last no and the first yes.

        Args:
            judged: (second, probability) in time order, around and inside the run.
            cuts: times at which a shot begins; an end between two frames snaps to a cut there.
            duration: end of the film, seconds.
        """
        least = min(PRESENT, 0.6 * self.score)
        seen = [second for second, p in judged if p >= least]
        if not seen:
            return
        middle = float(self.samples[int(self.odds.argmax())])
        blank = [second for second, p in judged if p < least]
        no_before = max((s for s in blank if s < middle), default=None)
        no_after = min((s for s in blank if s > middle), default=None)
        yes_first = min((s for s in seen if no_before is None or s > no_before), default=middle)
        yes_last = max((s for s in seen if no_after is None or s < no_after), default=middle)
        start = _edge(no_before, yes_first, cuts, -REACH)
        end = min(duration, _edge(yes_last, no_after, cuts, REACH))
        if end > start:
            self.span = Span(max(0.0, start), end)


def _edge(left: float | None, right: float | None, cuts: np.ndarray, reach: float) -> float:
    """Return where between two frames the change is: at a cut if there is one, else half way."""
    if left is None or right is None:
        known = right if left is None else left
        assert known is not None
        # nothing was judged beyond: the cut that bounded the search, or the frame itself
        near = cuts[np.abs(cuts - known) <= 0.1]
        return float(near[0]) if len(near) else known
    between = cuts[(cuts > left) & (cuts <= right + 1e-3)]
    if len(between):
        return float(between[-1] if reach < 0 else between[0])
    return (left + right) / 2


def indefinite(phrase: str) -> str:
    """Return `a red fish` for `the red fish` or `red fish`, as captions speak of things.

    A phrase that says where (`on the beach`) or how many stays as it is.
    """
    text = phrase.strip().rstrip(".")
    if re.match(
        r"(?:in|on|at|under|by|near|inside|outside|there|nothing|something|\d)\b", text, re.I
    ):
        return text
    bare = re.sub(r"^(?:the|a|an|any|some)\s+", "", text, flags=re.I)
    return f"{'an' if bare[:1].lower() in 'aeiou' else 'a'} {bare}" if bare else phrase


def cuts_of(index: FilmIndex) -> np.ndarray:
    """Return the times at which a shot begins, the first left out, float [N]."""
    return np.array([shot.start for shot in index.shots[1:]], dtype=np.float64)


def prominence(similarity: np.ndarray, encoder: Encoder) -> np.ndarray:
    """Turn cosines into likelihoods, float [N].

    An encoder trained with a sigmoid says how likely by itself (its `scale` and `bias`). For any
    other, a sample is likely when it stands far out of the film's own spread.
    """
    scale, bias = getattr(encoder, "scale", 1.0), getattr(encoder, "bias", 0.0)
    if bias:
        logits = similarity * scale + bias
    else:
        middle = np.median(similarity)
        spread = 1.4826 * np.median(np.abs(similarity - middle)) + 1e-6
        logits = 1.5 * ((similarity - middle) / spread - 3.0)
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))


def candidate_runs(
    seconds: np.ndarray, odds: np.ndarray, cuts: np.ndarray, within: Span
) -> list[Run]:
    """Return the runs of likely samples, each inside one shot.

    Args:
        seconds: times of the samples, float [N], rising.
        odds: likelihood of each, float [N].
        cuts: times at which a shot begins.
        within: where to look.
    """
    inside = (seconds >= within.start) & (seconds < within.end)
    rows = np.flatnonzero(inside & (odds >= LOW))
    if not len(rows):
        return []
    shot = np.searchsorted(cuts, seconds, side="right")
    step = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 1.0
    # one weak sample between two good ones does not end a run, a cut does
    apart = (np.diff(seconds[rows]) > 2.2 * step) | (np.diff(shot[rows]) > 0)
    runs = []
    for group in np.split(rows, np.flatnonzero(apart) + 1):
        if odds[group].max() >= HIGH:
            times = seconds[group]
            span = Span(float(times[0]), float(times[-1]) + 0.9 * step)
            runs.append(Run(times, odds[group], span))
    return runs


def join_runs(runs: Sequence[Run], cuts: np.ndarray) -> list[Run]:
    """Join runs that are one occurrence: a short gap in one shot, or none at all."""
    joined: list[Run] = []
    for run in sorted(runs, key=lambda r: r.span.start):
        if joined:
            last = joined[-1]
            gap = run.span.start - last.span.end
            cut_between = bool(
                ((cuts > last.span.end - 0.5) & (cuts <= run.span.start + 0.5)).any()
            )
            if gap < (ANY_GAP if cut_between else SAME_SHOT_GAP):
                last.span = Span(last.span.start, max(last.span.end, run.span.end))
                last.score = max(last.score, run.score)
                continue
        joined.append(run)
    return joined
