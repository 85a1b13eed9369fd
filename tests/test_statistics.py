"""Intervals agree with independent computations, and cover what they claim to cover."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from longtake.eval.statistics import (
    Estimate,
    bootstrap_mean,
    cluster_interval,
    compare,
    effective_n,
    few_clusters,
    holm,
    icc,
    macro_mean,
    mcnemar,
    minimum_detectable,
    paired_difference,
    wilson,
)
from longtake.eval.statistics.calibration import (
    adaptive_error,
    adaptive_error_interval,
    brier,
    risk_coverage,
)
from longtake.eval.statistics.comparison import cluster_p


def films_of_questions(seed=0, films=40, each=10, a=1.4, b=1.0):
    """Return right answers (0 or 1) and film names: every film has a difficulty of its own."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(max(1, each - 4), each + 5, size=films)
    rates = rng.beta(a, b, size=films)
    values = np.concatenate([rng.random(n) < p for n, p in zip(sizes, rates, strict=True)])
    names = [f"film {k}" for k, n in enumerate(sizes) for _ in range(n)]
    return values.astype(float), names


@pytest.mark.parametrize(("right", "n"), [(8, 10), (0, 5), (5, 5), (77, 103), (1200, 1549)])
def test_wilson_solves_the_equation_that_defines_it(right, n):
    found, z, rate = wilson(right, n), stats.norm.ppf(0.975), right / n

    def score(p):
        return abs(rate - p) - z * math.sqrt(p * (1 - p) / n)

    low = 0.0 if right == 0 else optimize.brentq(score, 1e-12, rate - 1e-9)
    high = 1.0 if right == n else optimize.brentq(score, rate + 1e-9, 1 - 1e-12)
    assert found.low == pytest.approx(low, abs=1e-6)
    assert found.high == pytest.approx(high, abs=1e-6)


def test_wilson_gives_the_published_interval():
    found = wilson(8, 10)
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)
    with pytest.raises(ValueError, match="n > 0"):
        wilson(0, 0)


def test_the_cluster_interval_agrees_with_a_sandwich_of_matrices():
    values, names = films_of_questions()
    found = cluster_interval(values, names)
    assert found is not None
    x = np.ones((len(values), 1))
    bread = np.linalg.inv(x.T @ x)
    residual = values - values.mean()
    meat = np.zeros((1, 1))
    for name in set(names):
        rows = [row for row, other in enumerate(names) if other == name]
        score = x[rows].T @ residual[rows]
        meat += np.outer(score, score)
    count = len(set(names))
    error = math.sqrt((count / (count - 1) * bread @ meat @ bread)[0, 0])
    low, high = stats.t.interval(0.95, count - 1, loc=values.mean(), scale=error)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
    assert (found.n, found.clusters) == (len(values), 40)


def test_intervals_and_adjusted_p_values_agree_with_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    from statsmodels.stats.contingency_tables import mcnemar as theirs
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint

    values, names = films_of_questions(1)
    found = cluster_interval(values, names)
    assert found is not None
    groups = np.unique(names, return_inverse=True)[1]
    fit = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    assert [found.low, found.high] == pytest.approx(fit.conf_int()[0].tolist(), abs=1e-6)
    ours = wilson(77, 103)
    assert (ours.low, ours.high) == pytest.approx(proportion_confint(77, 103, method="wilson"))
    p = [0.01, 0.04, 0.03, 0.005, 0.9]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist(), abs=1e-12)
    table = [[50, 12], [3, 40]]
    assert mcnemar(12, 3) == pytest.approx(theirs(table, exact=True).pvalue, abs=1e-12)


def test_with_one_question_a_film_the_cluster_interval_is_the_ordinary_t_interval():
    values = np.random.default_rng(3).random(25)
    found = cluster_interval(values, range(25))
    assert found is not None
    low, high = stats.t.interval(0.95, 24, loc=values.mean(), scale=stats.sem(values))
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_cluster_intervals_cover_and_naive_ones_do_not():
    truth, covered, naive, trials = 1.4 / 2.4, 0, 0, 1500
    for seed in range(trials):
        values, names = films_of_questions(seed)
        by_film, plain = cluster_interval(values, names), wilson(int(values.sum()), len(values))
        assert by_film is not None
        covered += by_film.low <= truth <= by_film.high
        naive += plain.low <= truth <= plain.high
    assert 0.93 <= covered / trials <= 0.97, covered / trials
    assert naive / trials < 0.75, naive / trials


def test_the_bootstrap_of_a_paired_difference_covers():
    covered, trials = 0, 300
    for seed in range(trials):
        ours, names = films_of_questions(seed, films=50, each=6)
        theirs, _ = films_of_questions(seed + 10_000, films=50, each=6)
        size = min(len(ours), len(theirs))
        pairs: dict = {}
        for name, a, b in zip(names[:size], ours[:size], theirs[:size], strict=True):
            pairs.setdefault(name, []).append((a, b))
        found = paired_difference(pairs, rounds=500, seed=seed)
        covered += found.low <= 0 <= found.high
    assert 0.91 <= covered / trials <= 0.985, covered / trials


def test_the_bootstrap_agrees_with_the_formula_where_films_are_many():
    values, names = films_of_questions(5, films=300)
    formula, drawn = cluster_interval(values, names), bootstrap_mean(values, names)
    assert formula is not None
    assert drawn.value == formula.value
    assert drawn.low == pytest.approx(formula.low, abs=0.004)
    assert drawn.high == pytest.approx(formula.high, abs=0.004)


def test_the_bootstrap_of_a_mean_agrees_with_scipy_where_each_film_has_one_question():
    values = np.random.default_rng(8).random(200)
    ours = bootstrap_mean(values, range(200), rounds=20_000)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=1, vectorized=True
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.0015)


def test_a_paired_difference_is_the_same_every_time():
    pairs = {f"film {k}": [(1, 0)] * (3 + k) + [(1, 1)] * 4 for k in range(6)}
    found = paired_difference(pairs, rounds=500)
    assert found.low < found.value < found.high
    assert found == paired_difference(pairs, rounds=500)
    assert paired_difference({"a": [(1, 1)] * 9}).high == 0
    with pytest.raises(ValueError, match="at least one sample"):
        paired_difference({})


def test_the_questions_of_a_single_film_are_drawn_instead_of_films():
    found = paired_difference({"only": [(1, 0)] * 6 + [(0, 1)] * 4})
    assert found.clusters == 1
    assert found.value == pytest.approx(0.2)
    assert found.low < 0.2 < found.high


def test_no_spread_and_one_film_have_no_cluster_interval():
    assert cluster_interval([1, 1, 1], ["a", "b", "c"]) is None
    assert cluster_interval([1, 0, 1], ["a", "a", "a"]) is None
    assert few_clusters(12) == (
        "12 films: below 30 films the intervals over films are only a rough guide"
    )
    assert few_clusters(30) is None


def test_icc_agrees_with_its_definition_and_finds_what_was_put_in():
    values, names = films_of_questions(2, films=2000, each=10)
    a, b = 1.4, 1.0  # the rates are Beta(a, b): the correlation of two questions is 1/(a+b+1)
    assert icc(values, names) == pytest.approx(1 / (a + b + 1), abs=0.02)
    labels = np.array(names)
    groups = [values[labels == name] for name in list(dict.fromkeys(names))[:20]]
    some = np.concatenate(groups)
    rows = [k for k, group in enumerate(groups) for _ in group]
    f = stats.f_oneway(*groups).statistic
    sizes = np.array([len(group) for group in groups])
    typical = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)
    assert icc(some, rows) == pytest.approx((f - 1) / (f - 1 + typical), abs=1e-6)
    assert icc([1, 0], ["a", "b"]) is None


def test_effective_n_is_all_samples_without_correlation_and_the_films_with_full():
    assert effective_n([1, 1, 0, 0] * 5, [k // 2 for k in range(20)]) == pytest.approx(10)
    assert effective_n([1, 0] * 10, [k // 2 for k in range(20)]) == 20


def test_the_minimum_detectable_difference_is_detected_in_four_of_five_cases():
    rng = np.random.default_rng(4)
    names = [k // 5 for k in range(300)]
    shared = np.repeat(rng.normal(0, 0.5, 60), 5)
    noise = shared + rng.normal(0, 1, 300)
    least = minimum_detectable(noise, names)
    assert least is not None
    found, trials = 0, 800
    for _ in range(trials):
        gains = np.repeat(rng.normal(0, 0.5, 60), 5) + rng.normal(0, 1, 300)
        p = cluster_p(gains + least, names)
        found += p is not None and p < 0.05
    # `least` comes from one draw of the noise, so it is itself some percent off
    assert 0.68 < found / trials < 0.92


def test_a_comparison_counts_discordant_samples():
    found = compare([1, 1, 1, 0], [0, 0, 1, 1], ["a", "b", "c", "d"], rounds=200)
    assert (found.first_only, found.second_only) == (2, 1)
    assert found.mcnemar_p == 1
    assert found.difference.value == 0.25


def test_mcnemar_is_exact():
    assert mcnemar(0, 0) == 1
    assert mcnemar(5, 0) == pytest.approx(2 / 32)
    assert mcnemar(10, 2) == mcnemar(2, 10)
    tail = sum(math.comb(12, k) for k in range(3)) / 2**12
    assert mcnemar(10, 2) == pytest.approx(2 * tail, abs=1e-12)


def test_holm_multiplies_by_what_is_left_and_never_falls():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_macro_mean_weighs_groups_alike_and_draws_films_within_each():
    values = [1] * 30 + [0, 1] * 5
    groups = ["easy"] * 30 + ["hard"] * 10
    films = list(range(40))
    found = macro_mean(values, groups, films, rounds=2000)
    assert found.value == pytest.approx(0.75)
    # all of the spread is that of the ten hard ones, halved
    half = (found.high - found.low) / 2
    assert half == pytest.approx(1.96 * 0.5 / math.sqrt(10) / 2, rel=0.15)


def test_films_that_serve_several_groups_are_drawn_together():
    rng = np.random.default_rng(6)
    rates = rng.random(60)
    right = rng.random((60, 4)) < rates[:, None]
    films = [k for k in range(60) for _ in range(4)]
    groups = ["a", "b", "a", "b"] * 60
    found = macro_mean(right.ravel().astype(float), groups, films, rounds=3000)
    formula = cluster_interval(right.ravel().astype(float), films)
    assert formula is not None
    assert (found.low, found.high) == pytest.approx((formula.low, formula.high), abs=0.01)


def test_calibration_measures():
    assert brier([1.0, 0.5], [True, False]) == pytest.approx(0.125)
    rng = np.random.default_rng(7)
    scores = rng.random(4000)
    right = rng.random(4000) < scores
    films = [k // 10 for k in range(4000)]
    honest = adaptive_error_interval(scores.tolist(), right.tolist(), films, rounds=200)
    assert honest.value < 0.03
    assert isinstance(honest, Estimate)
    assert adaptive_error(np.sqrt(scores), right) == pytest.approx(
        float(np.mean(np.sqrt(scores) - scores)), abs=0.02
    )
    # ties: the order of answers of one confidence says nothing
    assert adaptive_error([0.5] * 10, [True] * 5 + [False] * 5) == pytest.approx(0)


def test_the_risk_coverage_curve_ends_at_the_error_rate():
    found = risk_coverage([0.9, 0.8, 0.8, 0.1], [True, True, False, False])
    assert found.coverage == (0.25, 0.75, 1.0)
    assert found.risk == pytest.approx((0.0, 1 / 3, 0.5))
    assert found.area == pytest.approx((0 * 1 + 1 / 3 * 2 + 0.5) / 4)
