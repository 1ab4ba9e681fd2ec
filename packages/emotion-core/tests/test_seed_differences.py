"""The difference of two trainings with several seeds on the same texts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from emotion_core.evaluation.scores import scores_of
from emotion_core.evaluation.versus.differences import difference_intervals
from emotion_core.evaluation.versus.seed_differences import seed_differences
from noisy_predictions import noisy, uneven_labels


@pytest.fixture(scope="module")
def labels():
    """400 true ids, unevenly spread."""
    return uneven_labels()


def seeds(labels, *shares_right, first=0):
    """Predictions of several seeds, each right by its own share, shape (n_seeds, n)."""
    return np.stack([noisy(labels, share, seed=first + number) for number, share in enumerate(shares_right)])


def test_of_one_seed_each_the_interval_is_that_of_two_classifiers(labels):
    """Nothing is known of other seeds then."""
    first, second = seeds(labels, 0.7), seeds(labels, 0.8, first=1)
    cells = np.zeros((6, 6, 6), int)
    np.add.at(cells, (labels, first[0], second[0]), 1)
    found = seed_differences(labels, first, second)
    for name, interval in difference_intervals(cells).items():
        assert (found[name].low, found[name].high) == pytest.approx(interval, abs=1e-12)


def test_the_value_is_the_difference_of_the_means(labels):
    """However many seeds each training has; turned round it has the other sign and the same p."""
    first, second = seeds(labels, 0.7, 0.75, 0.65), seeds(labels, 0.8, 0.82, first=3)
    found, turned = seed_differences(labels, first, second), seed_differences(labels, second, first)
    accuracies = [(rows == labels).mean() for rows in (first, second)]
    assert found["accuracy"].value == pytest.approx(accuracies[1] - accuracies[0])
    for name, difference in found.items():
        assert difference.low < difference.value < difference.high
        assert turned[name] == pytest.approx((-difference.value, -difference.high, -difference.low, difference.p))


def test_the_variance_of_the_seeds_is_added_to_that_of_the_texts(labels):
    """With trainings that answer alike in each text, the interval of accuracy is that of Welch's test and the texts."""
    first, second = seeds(labels, 0.5, 0.7, 0.9), seeds(labels, 0.55, 0.8, 0.95, first=3)
    found = seed_differences(labels, first, second)["accuracy"]
    right = [rows == labels for rows in (first, second)]
    of_seeds = [rows.mean(axis=1).var(ddof=1) / 3 for rows in right]
    of_texts = (right[1].mean(axis=0) - right[0].mean(axis=0)).var() / len(labels)
    error = np.sqrt(sum(of_seeds) + of_texts)
    freedom = (sum(of_seeds) + of_texts) ** 2 / sum(part**2 / 2 for part in of_seeds)
    assert found.high - found.low == pytest.approx(2 * t(freedom).ppf(0.975) * error, rel=0.02)
    assert found.p == pytest.approx(2 * t(freedom).sf(abs(found.value) / error), rel=0.02)


def test_equally_good_trainings_are_seldom_said_to_differ(labels):
    """Their seeds differ far more than the texts tell, which two runs picked from them would not know."""
    rng = np.random.default_rng(0)
    told = {"seeds": 0, "one of each": 0}
    for number in range(100):
        first, second = (seeds(labels, *rng.normal(0.7, 0.1, 4), first=10 * number + start) for start in (0, 4))
        told["seeds"] += seed_differences(labels, first, second)["macro_f1"].p < 0.05
        told["one of each"] += seed_differences(labels, first[:1], second[:1])["macro_f1"].p < 0.05
    assert told["seeds"] <= 8
    assert told["one of each"] > 30


def test_clearly_better_seeds_differ(labels):
    """With three seeds each, a difference of several standard deviations is found."""
    found = seed_differences(labels, seeds(labels, 0.6, 0.62, 0.61), seeds(labels, 0.9, 0.91, 0.89, first=3))
    assert found["macro_f1"].p < 0.01
    assert found["macro_f1"].low > 0


def test_macro_f1_is_the_mean_over_the_seeds(labels):
    """And not that of all predictions in one matrix."""
    first, second = seeds(labels, 0.5, 0.9), seeds(labels, 0.7, 0.8, first=2)
    scores = [np.mean([scores_of(matrix(labels, row))["macro_f1"] for row in rows]) for rows in (first, second)]
    assert seed_differences(labels, first, second)["macro_f1"].value == pytest.approx(scores[1] - scores[0])


def matrix(labels, predicted):
    """A confusion matrix."""
    found = np.zeros((6, 6), int)
    np.add.at(found, (labels, predicted), 1)
    return found
