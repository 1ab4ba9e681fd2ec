"""Intervals: how often they hold the truth, and their values against other ways to the same figures."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import bootstrap, chi2
from sklearn.metrics import f1_score
from statsmodels.stats.proportion import proportion_confint

from emotion_core.evaluation.intervals import confusion_intervals, mean_interval, proportion_bounds, score_bounds
from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of
from emotion_core.evaluation.versus.differences import difference_bounds, difference_intervals
from emotion_core.labels import EMOTIONS
from interval_coverage import (
    ACCURACIES,
    LEAST,
    MOST,
    SHARES,
    SIZES,
    Population,
    average_coverage,
    class_coverage,
    class_proportions,
    difference_coverage,
    only_one_right,
    proportion_coverage,
)
from noisy_predictions import noisy, uneven_labels

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def labels():
    """400 true ids, unevenly spread."""
    return uneven_labels()


# Coverage


@pytest.mark.parametrize("texts", SIZES)
def test_the_interval_of_accuracy_holds_the_truth_as_often_as_it_says(texts):
    """In 92 to 98.5 of 100 test sets, by exact probabilities, from 30 texts on and up to a true accuracy of 0.99."""
    for accuracy in ACCURACIES:
        assert LEAST <= proportion_coverage(proportion_bounds, accuracy, texts) <= MOST


@pytest.mark.parametrize("texts", [30, 60, 90, 300, pytest.param(2000, marks=pytest.mark.acceptance)])
@pytest.mark.parametrize("shares", SHARES)
def test_the_intervals_of_an_emotion_hold_the_truth_as_often_as_they_say(shares, texts):
    """Precision, recall and F1 in at least 92 of 100 test sets, and in at most 98.5 if two mistakes are expected.

    With fewer, the likeliest test set alone, that without a mistake, is more than that.
    """
    for accuracy in ACCURACIES:
        for truths, counted in class_proportions(Population(SHARES[shares], accuracy)).values():
            for truth, share in set(zip(truths.tolist(), counted.tolist(), strict=True)):
                covered = class_coverage(proportion_bounds, truth, texts, share)
                assert covered >= LEAST
                assert covered <= MOST or texts * share * (1 - truth) < 2


@pytest.mark.parametrize("texts", SIZES)
@pytest.mark.parametrize("shares", SHARES)
def test_the_intervals_of_averages_hold_the_truth_as_often_as_they_say(shares, texts):
    """Macro and weighted scores in 92 to 98.5 of 100 simulated test sets; weighted precision of 30 texts in 98.7."""
    for accuracy in ACCURACIES:
        covered = average_coverage(score_bounds, Population(SHARES[shares], accuracy), texts, sets=2000)
        most = dict.fromkeys(covered, MOST) | {"weighted_precision": MOST + 0.002}
        assert {name: share for name, share in covered.items() if not LEAST <= share <= most[name]} == {}


@pytest.mark.parametrize("texts", SIZES)
@pytest.mark.parametrize("factor", [1.0, 1.5], ids=["equally-good", "worse"])
def test_the_intervals_of_differences_hold_the_truth_as_often_as_they_say(factor, texts):
    """In at least 92 of 100 simulated test sets, and in at most 98.5 if many texts tell the classifiers apart.

    Where fewer than 10 are expected that one alone has right, an interval that agrees with a test seldom leaves 0 out.
    """
    for shares in SHARES.values():
        for accuracy in ACCURACIES:
            population = Population(shares, accuracy, factor)
            covered = difference_coverage(difference_bounds, population, texts, sets=2500)
            assert min(covered.values()) >= LEAST
            assert max(covered.values()) <= MOST or texts * only_one_right(population) < 10


# Values


def test_the_intervals_of_accuracy_and_of_an_emotion_are_those_of_statsmodels():
    """Wilson's, where neither 1 or 2 are right nor 1 or 2 wrong; F1 by its share of right texts."""
    confusion = np.zeros((6, 6), int)
    confusion[0, 0], confusion[0, 1], confusion[1, 1], confusion[2, 0] = 20, 5, 30, 4
    intervals = confusion_intervals(confusion)
    assert intervals.averages["accuracy"] == pytest.approx(proportion_confint(50, 59, method="wilson"))
    sadness = intervals.per_class["sadness"]
    assert sadness["recall"] == pytest.approx(proportion_confint(20, 25, method="wilson"))
    assert sadness["precision"] == pytest.approx(proportion_confint(20, 24, method="wilson"))
    assert sadness["f1"] == pytest.approx([2 * p / (1 + p) for p in proportion_confint(20, 29, method="wilson")])


def test_one_and_two_mistakes_have_the_modified_bound():
    """Of 1 or 2 mistakes as many as a Poisson distribution with a mean of 0.05 or 0.36 reaches once in twenty times."""
    low, high = proportion_bounds(np.array([1, 2, 9, 8]), np.full(4, 10))
    expected = [chi2.ppf(0.05, 2 * number) / 2 / 10 for number in (1, 2)]
    assert low[:2] == pytest.approx(expected, rel=1e-3)
    assert 1 - high[2:] == pytest.approx(expected, rel=1e-3)


def test_the_interval_of_macro_f1_of_many_texts_is_that_of_drawing_rows(labels):
    """Drawing rows with replacement and scoring each draw with scikit-learn gives the same interval."""
    predicted = noisy(labels, 0.7, seed=1)
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(labels), len(labels)) for _ in range(300)]
    expected = np.quantile([f1_score(labels[rows], predicted[rows], average="macro") for rows in draws], [0.025, 0.975])
    found = confusion_intervals(confusion_matrix(labels, predicted)).averages["macro_f1"]
    assert list(found) == pytest.approx(expected, abs=0.015)


def test_the_intervals_bracket_the_value_and_narrow_with_more_texts(labels):
    """Four times the texts halve the interval."""
    confusion = confusion_matrix(labels, noisy(labels, 0.7, seed=1))
    few, many = (confusion_intervals(confusion * times).averages for times in (1, 4))
    for name, value in scores_of(confusion).items():
        if name in few:
            assert few[name].low < value < few[name].high
            widths = [interval[name].high - interval[name].low for interval in (few, many)]
            assert widths[0] / widths[1] == pytest.approx(2, rel=0.15)


def test_a_classifier_without_error_has_intervals_with_width():
    """30 of 30 right is no proof of perfection: the bound is that of 30 texts, and of 5 for an emotion."""
    intervals = confusion_intervals(np.eye(6, dtype=int) * 5)
    assert intervals.averages["accuracy"] == pytest.approx((1 / (1 + 1.96**2 / 30), 1.0), abs=1e-4)
    assert 0.75 < intervals.averages["macro_f1"].low < 0.9
    assert {interval.high for interval in intervals.averages.values()} == {1.0}
    assert intervals.per_class["joy"]["recall"] == pytest.approx((1 / (1 + 1.96**2 / 5), 1.0), abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_every_interval_holds_its_value_and_is_one_of_shares(seed):
    """Also of few texts, of one emotion, and of one that is predicted and has no text."""
    rng = np.random.default_rng(seed)
    for texts in (1, 2, 5, 30):
        confusion = rng.multinomial(texts, rng.dirichlet(np.full(36, 0.1))).reshape(6, 6)
        values, intervals = scores_of(confusion), confusion_intervals(confusion)
        for name, (low, high) in intervals.averages.items():
            assert 0 <= low <= values[name] <= high <= 1
            assert low < high
        for label, emotion in enumerate(EMOTIONS):
            for name, (low, high) in intervals.per_class[emotion].items():
                undefined = low == 0 and high == 1
                assert undefined or 0 <= low <= values[name][label] + 1e-12 <= high + 1e-12 <= 1 + 1e-12


def test_equal_classifiers_have_a_difference_with_width():
    """Two classifiers that said the same of 30 texts may differ on others; of accuracy it is Bonett and Price's."""
    cells = np.zeros((6, 6, 6), int)
    cells[range(6), range(6), range(6)] = 5
    intervals = difference_intervals(cells)
    margin = 1.96 * np.sqrt(2) / 32
    assert intervals["accuracy"] == pytest.approx((-margin, margin), abs=1e-4)
    assert intervals["macro_f1"].low < -0.05 < 0.05 < intervals["macro_f1"].high


def test_the_pages_say_how_far_intervals_of_2000_texts_moved():
    """The ends of accuracy and macro-F1 in the report, percentiles of a bootstrap, are within 0.002 of today's."""
    report = json.loads((REPOSITORY / "docs" / "report" / "report.json").read_text(encoding="utf-8"))
    for entry in [entry for section in report["sections"] for entry in section["entries"]]:
        intervals = confusion_intervals(np.array(entry["metrics"]["confusion_matrix"]))
        for name in ("accuracy", "macro_f1"):
            stated = entry["metrics"][name]
            assert (stated["low"], stated["high"]) == pytest.approx(tuple(intervals.averages[name]), abs=0.002)


# Means


@pytest.mark.parametrize("n_texts", [2, 37, 400])
def test_the_interval_of_a_mean_is_that_of_scipy(n_texts):
    """The same rows are drawn and the same percentiles taken, so that recorded intervals stay as they are."""
    values = np.random.default_rng(1).exponential(size=n_texts)
    rng = np.random.default_rng(42)
    result = bootstrap((values,), np.mean, n_resamples=2000, batch=100, method="percentile", random_state=rng)
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
