from itertools import pairwise

import numpy as np

from longtake.index.clips import make_clips, shots_between
from longtake.index.video.span import Span


def test_clips_cover_the_film_without_gaps():
    rng = np.random.default_rng(0)
    for duration in (0.5, 9.0, 14.9, 15.1, 60.0, 3600.0):
        cuts = np.sort(rng.uniform(0, duration, 40)).tolist()
        clips = make_clips(cuts, duration)
        assert clips[0].span.start == 0.0
        assert clips[-1].span.end == duration
        for a, b in pairwise(clips):
            assert a.span.end == b.span.start
            assert 8.0 <= a.span.duration <= 12.0
        assert [clip.id for clip in clips] == list(range(len(clips)))


def test_a_clip_ends_at_the_nearest_cut():
    assert make_clips([8.5, 11.0, 30.0], 40.0)[0].span == Span(0.0, 11.0)


def test_without_cuts_clips_last_ten_seconds():
    assert [c.span.duration for c in make_clips([], 40.0)] == [10.0] * 4


def test_shots_lie_between_the_cuts():
    assert shots_between([4.0, 8.0, 8.0, 99.0], 10.0) == [Span(0, 4), Span(4, 8), Span(8, 10)]
    assert shots_between([], 10.0) == [Span(0, 10)]
