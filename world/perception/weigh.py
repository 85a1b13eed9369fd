"""How true a claim is of what was seen: frame by frame, and over a clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...index.video.frames import Box
from .claims import Claim, Direction, Relation
from .detections import FrameDetections, pair_score
from .grouping import Detection
from .lexicon import Lexicon, Thing

WHOLE_TRUST = 0.6  # how far the whole-frame probability counts when no detection backs it
TRACK_GAP = 4.0  # seconds between two frames that a track may bridge
TINY_SHARE = 0.6  # a tiny thing is at most this high beside the thing it is compared with
SEEN = 0.5  # a thing is in a frame from this presence on
MOVED = 0.03  # share of the frame's width that counts as motion


def presence(look: FrameDetections, thing: Thing, lexicon: Lexicon) -> float:
    """Return the probability that the thing is visible in a frame."""
    seen = max((pair_score(s.odds, thing, lexicon) for s in look.detections), default=0.0)
    if thing.tiny:
        return seen
    return max(seen, WHOLE_TRUST * pair_score(look.whole, thing, lexicon))


def frame_score(claim: Claim, look: FrameDetections, lexicon: Lexicon) -> float:
    """Return how true the claim is of one frame, 0 to 1, motion and negation left out."""
    if not claim.known:
        return 0.0
    score = 1.0
    if claim.place is not None:
        score *= float(look.places[lexicon.places.index(claim.place)])
    if claim.sign:
        score *= look.sign
    if not claim.things:
        return score
    if claim.count is not None:
        return score * count_odds(look, claim.things[0], lexicon, claim.count)
    if len(claim.things) == 1:
        return score * presence(look, claim.things[0], lexicon)
    return score * _pair(claim, look, lexicon)


def _pair(claim: Claim, look: FrameDetections, lexicon: Lexicon) -> float:
    """Return how well two different detections fit the claim's first two things and relation."""
    first, second = claim.things[:2]
    best = 0.0
    for one in look.detections:
        fits = pair_score(one.odds, first, lexicon)
        if fits < 0.02:
            continue
        for other in look.detections:
            if other is one:
                continue
            both = fits * pair_score(other.odds, second, lexicon)
            both *= related(one.box, other.box, claim.relation)
            if first.tiny and _height(one.box) > TINY_SHARE * _height(other.box):
                both *= 0.2
            best = max(best, both)
    if claim.relation is None:
        loose = presence(look, first, lexicon) * presence(look, second, lexicon)
        best = max(best, WHOLE_TRUST * loose)
    return best


def _height(box: Box) -> float:
    return box.y1 - box.y0


def related(one: Box, other: Box, relation: Relation | None) -> float:
    """Return how well `one` lies in the relation to `other`, 0 to 1."""
    if relation is None:
        return 1.0
    (x, y), (other_x, other_y) = one.centre, other.centre
    dx, dy = (x - other_x) * 16 / 9, y - other_y
    if relation == "beside":
        reach = max((other.x1 - other.x0) * 16 / 9, other.y1 - other.y0)
        return float(np.exp(-2 * max(0.0, np.hypot(dx, dy) - reach) / max(reach, 1e-6)))
    along = {"left": -dx, "right": dx, "above": -dy, "below": dy}[relation]
    across = abs(dy) if relation in ("left", "right") else abs(dx)
    return float(1 / (1 + np.exp(-20 * (along - 0.6 * across))))


def count_odds(look: FrameDetections, thing: Thing, lexicon: Lexicon, count: int) -> float:
    """Return the probability that exactly `count` such things are in the frame."""
    spread = count_spread(look, thing, lexicon)
    return float(spread[count]) if count < len(spread) else 0.0


def count_spread(look: FrameDetections, thing: Thing, lexicon: Lexicon) -> np.ndarray:
    """Return the distribution of how many such things, 0 to 12, are in the frame, float [13]."""
    spread = np.zeros(13)
    spread[0] = 1.0
    for detection in look.detections:
        p = min(0.98, pair_score(detection.odds, thing, lexicon))
        if p < 0.15:
            continue
        spread[1:] = spread[1:] * (1 - p) + spread[:-1] * p
        spread[0] *= 1 - p
    return spread


def clip_score(claim: Claim, looks: Sequence[FrameDetections], lexicon: Lexicon) -> float:
    """Return how true the claim is of a clip: its best frames, never one frame alone."""
    if not looks or claim.empty:
        return 0.0
    if claim.relation in ("before", "after") and len(claim.things) > 1:
        score = order_odds(claim, looks, lexicon)
        return 1 - score if claim.negated else score
    scores = np.array([frame_score(claim, look, lexicon) for look in looks])
    if claim.direction is not None and claim.things:
        return float(
            top_mean(scores) * direction_odds(looks, claim.things[0], lexicon)[claim.direction]
        )
    if claim.count is not None and claim.things:
        # frames that show none of them say nothing about how many stand together
        shown = np.array([1 - count_odds(look, claim.things[0], lexicon, 0) for look in looks])
        total = float(shown.sum())
        score = float((scores * shown).sum() / total) if total > 0.05 else 0.0
    else:
        score = top_mean(scores)
    return 1 - score if claim.negated else score


def order_odds(claim: Claim, looks: Sequence[FrameDetections], lexicon: Lexicon) -> float:
    """Return how true it is that the first thing is seen before (or after) the second."""
    firsts, sure = [], 1.0
    for thing in claim.things[:2]:
        shown = np.array([presence(look, thing, lexicon) for look in looks])
        sure = min(sure, float(shown.max()))
        firsts.append(looks[int(np.argmax(shown >= min(SEEN, shown.max())))].second)
    one, other = firsts if claim.relation == "before" else reversed(firsts)
    return sure if one < other else 0.0


def top_mean(scores: np.ndarray) -> float:
    """Return the mean of the best quarter (at least two, if there are two) of the scores."""
    if not len(scores):
        return 0.0
    keep = min(len(scores), max(2, round(0.25 * len(scores))))
    return float(np.sort(scores)[-keep:].mean())


def best_detection(
    look: FrameDetections, thing: Thing, lexicon: Lexicon, least: float = 0.0
) -> Detection | None:
    """Return the detection that fits the thing best, the surer of two; None when none reaches `least`."""
    fits = [
        (pair_score(detection.odds, thing, lexicon), detection) for detection in look.detections
    ]
    fits = [
        (fit * detection.score, detection) for fit, detection in fits if fit >= max(least, 1e-6)
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def direction_odds(
    looks: Sequence[FrameDetections], thing: Thing, lexicon: Lexicon
) -> dict[Direction, float]:
    """Return which way the thing moves, by its boxes from frame to frame; sums to at most 1."""
    dx = dy = 0.0
    last: tuple[float, Detection] | None = None
    for look in looks:
        detection = best_detection(look, thing, lexicon, 0.3)
        if detection is None or detection.cut:
            continue
        if last is not None and look.second - last[0] <= TRACK_GAP:
            (x0, y0), (x1, y1) = last[1].box.centre, detection.box.centre
            if np.hypot(x1 - x0, y1 - y0) < 0.5:
                dx, dy = dx + x1 - x0, dy + (y1 - y0) * 9 / 16
        last = (look.second, detection)
    ways: dict[Direction, float] = {"left": -dx, "right": dx, "up": -dy, "down": dy}
    if max(ways.values()) < MOVED:
        return dict.fromkeys(ways, 0.1)
    weights: dict[Direction, float] = {
        way: float(np.exp(12 * min(1.0, step / max(ways.values())))) for way, step in ways.items()
    }
    total = sum(weights.values())
    return {way: weight / total for way, weight in weights.items()}
