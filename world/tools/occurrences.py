"""Occurrences of something in a film: runs of frames, their ends, and when two are one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...index.protocols import Encoder
from ...index.video.span import Span

if TYPE_CHECKING:
    from ...index.storage.store import FilmIndex

LOW, HIGH = 0.08, 0.15  # a run has a sample above HIGH and ends where samples fall below LOW
REACH = 1.5  # seconds beyond the first and the last sample in which an end is looked for
FARTHEST = 12.0  # seconds beyond them at most, when the VLM goes on seeing it
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
        score: what the VLM says of it.
        before, after: how far beyond the samples the two ends are looked for, seconds; 0 once an
            end is known.
    """

    samples: np.ndarray
    odds: np.ndarray
    span: Span
    score: float = 0.0
    before: float = REACH
    after: float = REACH

    @property
    def strength(self) -> float:
        """The best sample's likelihood."""
        return float(self.odds.max())

    @property
    def window(self) -> Span:
        """Where frames of it have been looked at."""
        first, last = float(self.samples[0]), float(self.samples[-1])
        return Span(max(0.0, first - FARTHEST), last + FARTHEST)

    def peaks(self, count: int, keyframes: np.ndarray) -> list[float]:
        """Return times of its likeliest samples, apart from each other where it is long.

        Of samples nearly as likely, the one that follows a keyframe soonest: it costs least.
        """
        out = []
        for part in np.array_split(np.arange(len(self.samples)), min(count, len(self.samples))):
            good = part[self.odds[part] >= 0.9 * self.odds[part].max()]
            after = np.searchsorted(keyframes, self.samples[good] + 1e-6, side="right") - 1
            best = int(self.odds[good].argmax())
            if len(keyframes):
                best = int((self.samples[good] - keyframes[np.maximum(after, 0)]).argmin())
            out.append(float(self.samples[good[best]]))
        return out

    def edges(self, cuts: np.ndarray, within: Span, step: float) -> list[float]:
        """Return the times to judge for its two ends; a cut near an end bounds the search."""
        first, last = float(self.samples[0]), float(self.samples[-1])
        wanted: list[float] = []
        if self.before:
            begin = max(within.start, first - self.before)
            cut = cuts[(cuts > begin - 0.5) & (cuts <= first + 1e-3)]
            begin = float(cut[-1]) + 0.02 if len(cut) else begin
            wanted += [begin, *np.arange(first, begin, -step)]
        if self.after:
            end = min(within.end - 0.05, last + self.after)
            cut = cuts[(cuts > last) & (cuts < end + 0.5)]
            end = float(cut[0]) - 0.06 if len(cut) else end
            wanted += [end, *np.arange(last, end, step)]
        return sorted({round(max(0.0, float(s)), 3) for s in wanted})

    def settle(self, judged: Sequence[tuple[float, float]], cuts: np.ndarray, within: Span) -> None:
        """Set beginning and end from judged frames: half way between the last no and the first yes.

        Where no frame says no and no cut bounds it, that end is looked for further out next time.

        Args:
            judged: (second, probability) in time order, around and inside the run.
            cuts: times at which a shot begins; an end between two frames snaps to a cut there.
            within: the part of the film that was asked about.
        """
        least = min(PRESENT, 0.6 * self.score)
        middle = float(self.samples[int(self.odds.argmax())])
        # samples that the VLM was not shown are taken on the index's word
        trusted = [float(s) for s in self.samples[self.odds >= HIGH]]
        blank = [second for second, p in judged if p < least and abs(second - middle) > 0.1]
        seen = [second for second, p in judged if p >= least]
        seen += [s for s in trusted if all(abs(s - no) > 0.1 for no in blank)]
        no_before = max((s for s in blank if s < middle), default=None)
        no_after = min((s for s in blank if s > middle), default=None)
        first = min(s for s in seen if no_before is None or s > no_before)
        last = max(s for s in seen if no_after is None or s < no_after)
        start = _edge(no_before, first, cuts)
        end = _edge(no_after, last, cuts)
        open_start = start is None and first > within.start + 0.1
        open_end = end is None and last < within.end - 0.2
        self.before = min(FARTHEST, self.before + REACH) if open_start else 0.0
        self.after = min(FARTHEST, self.after + REACH) if open_end else 0.0
        start = (within.start if first <= within.start + 0.1 else first) if start is None else start
        end = (within.end if last >= within.end - 0.2 else last) if end is None else end
        if end > start:
            self.span = Span(max(0.0, start), end)


def _edge(no: float | None, yes: float, cuts: np.ndarray) -> float | None:
    """Return when it changed between a frame without and one with it: at a cut, else half way.

    None when there is no frame without and no cut next to the frame with it.
    """
    if no is None:
        near = cuts[np.abs(cuts - yes) <= 0.12]
        return float(near[0]) if len(near) else None
    between = cuts[(cuts > min(no, yes)) & (cuts <= max(no, yes) + 1e-3)]
    if len(between):
        return float(between[-1] if no < yes else between[0])
    return (no + yes) / 2


def says_where(phrase: str) -> bool:
    """Say whether a phrase names a place (`on the beach`), which is a matter of whole frames."""
    return bool(re.match(r"(?:in|on|at|under|by|near|inside|outside)\b", phrase.strip(), re.I))


def indefinite(phrase: str) -> str:
    """Return `a red fish` for `the red fish` or `red fish`, as captions speak of things.

    A phrase that says where (`on the beach`) or how many stays as it is.
    """
    text = phrase.strip().rstrip(".")
    if says_where(text) or re.match(r"(?:there|nothing|something|\d)\b", text, re.I):
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
