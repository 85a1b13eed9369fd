import numpy as np
import pytest

from longtake.index.sampling import Deduper, covered, gaps, sample_instants, signatures
from longtake.index.video.span import Span


def frames(*levels: int, height: int = 128, width: int = 224) -> np.ndarray:
    return np.stack([np.full((height, width, 3), level, np.uint8) for level in levels])


def test_instants_lie_inside_the_film():
    assert sample_instants(3.0, 1.0).tolist() == [0, 1, 2]
    assert sample_instants(3.2, 1.0).tolist() == [0, 1, 2, 3]
    assert sample_instants(0.04, 1.0).tolist() == [0]
    assert sample_instants(1.0, 4.0).tolist() == [0, 0.25, 0.5, 0.75]


def test_a_rate_of_zero_is_refused():
    with pytest.raises(ValueError, match="fps = 0"):
        sample_instants(3.0, 0)


def test_signatures_are_the_mean_colours_of_cells():
    pixels = np.random.default_rng(1).integers(0, 256, (2, 24, 40, 3), np.uint8)
    marks = signatures(pixels)
    assert marks.shape == (2, 3, 5, 3)
    np.testing.assert_allclose(
        marks[1, 2, 4], pixels[1, 16:24, 32:40].reshape(-1, 3).mean(0), rtol=1e-5
    )


def test_a_size_that_is_no_multiple_of_a_cell_keeps_its_border():
    pixels = frames(0, height=20, width=30)
    pixels[0, 19, 29] = 255
    assert signatures(pixels)[0, -1, -1].max() > 0


def test_the_same_frame_with_coding_noise_is_a_duplicate():
    rng = np.random.default_rng(2)
    still = rng.integers(40, 200, (1, 128, 224, 3))
    noisy = np.clip(still + rng.integers(-4, 5, (20, 128, 224, 3)), 0, 255).astype(np.uint8)
    assert Deduper().keep(signatures(noisy)).tolist() == [True] + [False] * 19


@pytest.mark.parametrize("colour", [(190, 120, 120), (90, 150, 120), (120, 120, 60)])
@pytest.mark.parametrize("corner", [(40, 80), (44, 84), (0, 0), (121, 217)])
def test_a_thing_of_a_twentieth_of_the_height_is_not_merged_away(colour, corner):
    pixels = frames(120, 120)
    top, left = corner
    pixels[1, top : top + 7, left : left + 7] = colour
    assert Deduper().keep(signatures(pixels)).tolist() == [True, True]


def test_slow_drift_is_kept_in_the_end():
    kept = Deduper().keep(signatures(frames(*range(100, 110)))).tolist()
    assert kept[0]
    assert sum(kept) >= 5


def test_deduplication_goes_on_from_the_last_kept_frame():
    marks = signatures(frames(100, 100, 150, 150))
    first = Deduper()
    a = first.keep(marks[:2])
    b = Deduper(first.last).keep(marks[2:])
    assert [*a, *b] == Deduper().keep(marks).tolist()


def test_coverage_and_gaps_make_up_the_film():
    coverage = covered([0.0, 1.0, 2.0, 5.0, 6.0], 1.0, 6.5)
    assert coverage == [Span(0.0, 3.0), Span(5.0, 6.5)]
    assert gaps(coverage, 6.5) == [Span(3.0, 5.0)]
    assert gaps([], 4.0) == [Span(0.0, 4.0)]
