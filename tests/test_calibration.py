"""A confidence becomes a share of right answers, for the weights and prompts it was fitted with."""

import numpy as np
import pytest
from agent_doubles import Toolbox, looked, run_double, verdict

from longtake.eval.statistics.calibration import (
    accuracy_at,
    calibration_error,
    cross_fitted,
    fit_isotonic,
)
from longtake.models.calibration import FILE, Calibration, load_calibration
from longtake.world.vlm.prompts import prompts_digest


def answers(count, seed=0):
    """Answers that are twice as sure as they should be."""
    rng = np.random.default_rng(seed)
    raw = rng.uniform(0, 1, count)
    return raw, rng.uniform(0, 1, count) < raw / 2


def test_a_fitted_map_rises_and_mends_an_overconfident_model():
    raw, right = answers(2000)
    levels, shares = fit_isotonic(raw, right)
    assert (np.diff(levels) > 0).all()
    assert (np.diff(shares) >= 0).all()
    fresh, truth = answers(2000, seed=1)
    assert calibration_error(fresh, truth) > 0.2
    assert calibration_error(np.interp(fresh, levels, shares), truth) < 0.05


def test_few_answers_make_nothing_certain():
    levels, shares = fit_isotonic([0.9, 0.9], [True, True])
    assert np.interp(0.9, levels, shares) < 1
    with pytest.raises(ValueError, match="at least one"):
        fit_isotonic([], [])


def test_cross_fitting_never_uses_the_answers_of_the_film_itself():
    raw, right = answers(400)
    films = ["a"] * 200 + ["b"] * 200
    found = cross_fitted(raw, right, films)
    expected = np.interp(raw[:200], *fit_isotonic(raw[200:], right[200:]))
    np.testing.assert_allclose(found[:200], expected)
    assert len(cross_fitted(raw, right, ["a"] * 400)) == 400


def test_the_error_of_a_perfect_confidence_is_nought_and_of_a_wrong_one_its_distance():
    assert calibration_error([1.0, 1.0, 0.0], [True, True, False]) == 0
    assert calibration_error([0.9] * 10, [True] * 4 + [False] * 6) == pytest.approx(0.5)


def test_the_most_confident_answers_are_right_more_often():
    raw, right = answers(1000)
    assert accuracy_at(raw, right, 0.2) > accuracy_at(raw, right, 1.0) + 0.1
    assert accuracy_at([0.9, 0.1], [True, False], 0.5) == 1


def test_a_calibration_holds_for_its_own_weights_and_prompts_only(tmp_path):
    assert load_calibration("m@1", prompts_digest(), tmp_path) is None
    fitted = Calibration("m@1", prompts_digest(), (0.0, 1.0), (0.2, 0.8), 100)
    (tmp_path / FILE).write_text(fitted.to_json())
    assert load_calibration("m@1", prompts_digest(), tmp_path) == fitted
    assert fitted(0.5) == pytest.approx(0.5)
    assert load_calibration("m@2", prompts_digest(), tmp_path) is None
    (tmp_path / FILE).write_text(Calibration("m@1", "other", (0.0,), (0.0,), 1).to_json())
    assert load_calibration("m@1", prompts_digest(), tmp_path) is None
    (tmp_path / FILE).write_text("[]")
    assert load_calibration("m@1", prompts_digest(), tmp_path) is None


def test_answers_carry_the_calibrated_confidence_and_abstentions_do_not(tmp_path):
    class Calibrated(Toolbox):
        def calibrated(self, raw):
            return raw / 2

    sure, wrong = {"A": 0.1, "B": 0.9}, {"A": 0.5, "B": 0.5}
    found = {
        "overview": lambda args, frames: looked("overview", 10, 20, sure, "blue"),
        "verify": lambda args, frames: verdict(),
    }
    question, choices = "What colour is the tent?", ["red", "blue"]
    answer = run_double(tmp_path, Calibrated(found), question, choices)
    assert (answer.status, answer.confidence.raw) == ("answered", pytest.approx(0.9))
    assert answer.confidence.calibrated == pytest.approx(answer.confidence.raw / 2, abs=1e-4)
    found["overview"] = lambda args, frames: looked("overview", 10, 20, wrong, enough=False)
    answer = run_double(
        tmp_path, Calibrated(found), question, choices, run_id="r2", abstain_below=0.7
    )
    assert (answer.status, answer.confidence.calibrated) == ("abstained", None)
