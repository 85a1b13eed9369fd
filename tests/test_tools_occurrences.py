from __future__ import annotations

import numpy as np
import pytest

from longtake.index.video.span import Span
from longtake.world.tools.occurrences import Run, candidate_runs, indefinite, join_runs, prominence

SECONDS = np.arange(100.0)
NO_CUTS = np.zeros(0)
FILM = Span(0, 100)


def odds(*spans: tuple[int, int], level: float = 0.9) -> np.ndarray:
    out = np.full(100, 0.02)
    for start, end in spans:
        out[start:end] = level
    return out


def test_runs_are_split_at_gaps_and_cuts_and_weak_ones_are_left_out():
    cuts = np.array([30.0])
    strength = odds((10, 15), (27, 34), (60, 62))
    strength[61:63] = 0.1
    strength[80] = 0.12
    runs = candidate_runs(SECONDS, strength, cuts, FILM)
    assert [(r.samples[0], r.samples[-1]) for r in runs] == [(10, 14), (27, 29), (30, 33), (60, 62)]


def test_one_weak_sample_does_not_end_a_run():
    strength = odds((10, 20))
    strength[15] = 0.01
    assert len(candidate_runs(SECONDS, strength, NO_CUTS, FILM)) == 1


def run_of(start: int, end: int) -> Run:
    samples = np.arange(float(start), float(end))
    return Run(samples, np.full(len(samples), 0.9), Span(start, end), score=0.9)


def judged(run: Run, truth: Span, cuts: np.ndarray, within: Span = FILM) -> Span:
    """Play the eye: it sees exactly the truth."""
    seen: dict[float, float] = {}
    for _ in range(4):
        wanted = run.edges(cuts, within, 0.5)
        seen |= {s: float(truth.contains(s)) for s in wanted}
        run.settle(sorted(seen.items()), cuts, within)
    return run.span


@pytest.mark.parametrize("truth", [Span(19.7, 30.4), Span(20.0, 29.2), Span(18.9, 31.1)])
def test_ends_are_found_to_a_quarter_of_a_second(truth):
    found = judged(run_of(20, 30), truth, NO_CUTS)
    assert (found.start, found.end) == pytest.approx((truth.start, truth.end), abs=0.26)


def test_an_end_at_a_cut_is_exact():
    cuts = np.array([19.42, 30.17])
    found = judged(run_of(20, 30), Span(19.42, 30.17), cuts)
    assert (found.start, found.end) == (19.42, 30.17)


def test_ends_far_beyond_the_samples_are_followed():
    found = judged(run_of(20, 30), Span(16.2, 34.0), NO_CUTS)
    assert (found.start, found.end) == pytest.approx((16.2, 34.0), abs=0.3)


def test_ends_stop_at_the_borders_of_the_film():
    found = judged(run_of(0, 5), Span(0.0, 5.0), NO_CUTS, Span(0.0, 5.0))
    assert found == Span(0.0, 5.0)


def test_short_gaps_are_one_occurrence_and_long_ones_are_two():
    spans = [(10, 14), (15.5, 18), (40, 45), (45.2, 48)]
    runs = [Run(np.array([s]), np.array([0.9]), Span(s, e), 0.8) for s, e in spans]
    joined = [r.span for r in join_runs(runs, np.array([45.1]))]
    assert joined == [Span(10, 18), Span(40, 48)]


def test_a_gap_over_a_cut_separates():
    runs = [Run(np.array([s]), np.array([0.9]), Span(s, e), 0.8) for s, e in [(10, 14), (16, 18)]]
    assert len(join_runs(runs, np.array([15.0]))) == 2
    assert len(join_runs(runs, NO_CUTS)) == 1


def test_peaks_of_a_run_are_apart_and_follow_keyframes():
    run = run_of(20, 30)
    assert run.peaks(2, np.array([0.0, 22.9, 27.9])) == [23.0, 28.0]
    assert len(run.peaks(2, NO_CUTS)) == 2
    assert run_of(20, 21).peaks(2, NO_CUTS) == [20.0]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("the red fish", "a red fish"),
        ("orange anchor", "an orange anchor"),
        ("a red fish on the beach", "a red fish on the beach"),
        ("on the beach", "on the beach"),
        ("3 red fish", "3 red fish"),
    ],
)
def test_predicates_are_worded_as_captions_are(phrase, text):
    assert indefinite(phrase) == text


def test_an_encoder_without_a_bias_is_read_by_what_stands_out():
    class Plain:
        scale = 100.0
        bias = 0.0

    similarity = np.random.default_rng(0).normal(0.2, 0.01, 500)
    similarity[40:45] = 0.3
    strength = prominence(similarity, Plain())  # type: ignore[arg-type]
    assert (strength[40:45] > 0.9).all()
    assert (strength > 0.5).sum() < 12
