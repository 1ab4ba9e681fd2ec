"""Bootstrap intervals, against slower ways to the same figures."""

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import f1_score

from emotion_core.evaluation.bootstrap import confusion_intervals, mean_interval
from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of


def noisy(labels, share_right, seed):
    """Predictions of which about a share is right by more than chance."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(labels)) < share_right, labels, rng.integers(0, 6, len(labels)))


@pytest.fixture(scope="module")
def labels():
    """400 true ids, unevenly spread."""
    return np.random.default_rng(5).choice(6, 400, p=[0.3, 0.3, 0.1, 0.12, 0.12, 0.06])


def test_the_interval_of_accuracy_is_that_of_a_proportion():
    """80 % of 2,000 right: the normal approximation is 0.8 +- 1.96 standard errors."""
    confusion = np.zeros((6, 6), int)
    confusion[0, 0], confusion[0, 1] = 1600, 400
    interval = confusion_intervals(confusion).averages["accuracy"]
    margin = 1.96 * np.sqrt(0.8 * 0.2 / 2000)
    assert list(interval) == pytest.approx([0.8 - margin, 0.8 + margin], abs=0.002)


def test_the_interval_of_macro_f1_is_that_of_drawing_rows(labels):
    """Drawing rows with replacement and scoring each draw with scikit-learn gives the same interval."""
    predicted = noisy(labels, 0.7, seed=1)
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(labels), len(labels)) for _ in range(300)]
    expected = np.quantile([f1_score(labels[rows], predicted[rows], average="macro") for rows in draws], [0.025, 0.975])
    found = confusion_intervals(confusion_matrix(labels, predicted)).averages["macro_f1"]
    assert list(found) == pytest.approx(expected, abs=0.012)


def test_the_intervals_bracket_the_value_and_narrow_with_more_texts(labels):
    """Four times the texts halve the interval."""
    confusion = confusion_matrix(labels, noisy(labels, 0.7, seed=1))
    few, many = (confusion_intervals(confusion * times).averages for times in (1, 4))
    for name, value in scores_of(confusion).items():
        if name in few:
            assert few[name].low < value < few[name].high
            widths = [interval[name].high - interval[name].low for interval in (few, many)]
            assert widths[0] / widths[1] == pytest.approx(2, rel=0.15)


def test_a_classifier_without_error_has_intervals_without_width():
    """Every draw from perfect predictions is perfect."""
    intervals = confusion_intervals(np.eye(6, dtype=int) * 50).averages
    assert intervals["accuracy"] == intervals["macro_f1"] == (1.0, 1.0)


@pytest.mark.parametrize("n_texts", [2, 37, 400])
def test_the_interval_of_a_mean_is_that_of_scipy(n_texts):
    """The same rows are drawn and the same percentiles taken, so that recorded intervals stay as they are."""
    values = np.random.default_rng(1).exponential(size=n_texts)
    rng = np.random.default_rng(42)
    result = bootstrap((values,), np.mean, n_resamples=2000, batch=100, method="percentile", rng=rng)
    assert mean_interval(values)._asdict() == pytest.approx(
        {"low": result.confidence_interval.low, "high": result.confidence_interval.high}, rel=1e-15
    )


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation():
    """1,000 losses: the mean +- 1.96 standard errors."""
    values = np.random.default_rng(3).exponential(size=1000)
    interval = mean_interval(values)
    margin = 1.96 * values.std() / np.sqrt(1000)
    expected = [values.mean() - margin, values.mean() + margin]
    assert list(interval) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("values", [[0.5], [0.25, 0.25, 0.25]])
def test_the_interval_of_a_mean_without_spread_has_no_width(values):
    """One value, or equal values, cannot vary."""
    assert mean_interval(np.array(values)) == (values[0], values[0])


def test_intervals_are_the_same_each_time(labels):
    """The draws are seeded, so that two reports of one run agree to the last digit."""
    confusion = confusion_matrix(labels, noisy(labels, 0.7, seed=1))
    assert confusion_intervals(confusion) == confusion_intervals(confusion)
