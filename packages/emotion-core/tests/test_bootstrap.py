"""Bootstrap intervals and the paired comparison, against slower ways to the same figures."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, bootstrap
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from emotion_core.evaluation.bootstrap import compare_predictions, confusion_intervals, mean_interval, scores_of
from emotion_core.evaluation.metrics import confusion_matrix

NAMES = ("precision", "recall", "f1")
tables = arrays(np.int64, (6, 6), elements=st.integers(0, 5)).filter(np.any)


def noisy(labels, share_right, seed):
    """Predictions of which about a share is right by more than chance."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(labels)) < share_right, labels, rng.integers(0, 6, len(labels)))


@pytest.fixture(scope="module")
def labels():
    """400 true ids, unevenly spread."""
    return np.random.default_rng(5).choice(6, 400, p=[0.3, 0.3, 0.1, 0.12, 0.12, 0.06])


@settings(max_examples=40)
@given(tables)
def test_scores_of_a_confusion_matrix_agree_with_scikit_learn(confusion):
    """Accuracy, class scores, macro and weighted averages, from counts alone."""
    true, predicted = (np.repeat(index.ravel(), confusion.ravel()) for index in np.indices((6, 6)))
    scores = scores_of(confusion)
    assert scores["accuracy"] == pytest.approx(accuracy_score(true, predicted))
    per_class = precision_recall_fscore_support(true, predicted, labels=range(6), zero_division=0)
    for name, column in zip(NAMES, per_class, strict=False):
        assert scores[name] == pytest.approx(column)
    for average in ("macro", "weighted"):
        expected = precision_recall_fscore_support(true, predicted, average=average, zero_division=0)
        assert [scores[f"{average}_{name}"] for name in NAMES] == pytest.approx(expected[:3])


@settings(max_examples=20)
@given(st.lists(tables, min_size=1, max_size=4))
def test_many_confusion_matrices_score_as_each_alone(confusions):
    """The array of replicates is scored as one matrix after the other would be."""
    together = scores_of(np.stack(confusions))
    for number, confusion in enumerate(confusions):
        for name, score in scores_of(confusion).items():
            assert together[name][number] == pytest.approx(score)


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


def test_identical_predictions_do_not_differ(labels):
    """p is 1, the difference 0, and its interval without width."""
    predicted = noisy(labels, 0.7, seed=1)
    result = compare_predictions(labels, predicted, predicted)
    nothing = {"value": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    assert result == {
        "macro_f1_difference": nothing,
        "accuracy_difference": nothing,
        "only_first_right": 0,
        "only_second_right": 0,
    }


def test_the_p_value_of_accuracy_is_that_of_the_binomial_test_of_discordant_texts(labels):
    """The exact McNemar test asks whether the texts that only one got right fall evenly on both."""
    first, second = noisy(labels, 0.70, seed=1), noisy(labels, 0.76, seed=2)
    result = compare_predictions(labels, first, second)
    only_first = int(((first == labels) & (second != labels)).sum())
    only_second = int(((first != labels) & (second == labels)).sum())
    assert (result["only_first_right"], result["only_second_right"]) == (only_first, only_second)
    p_value = result["accuracy_difference"]["p"]
    assert p_value == pytest.approx(binomtest(only_first, only_first + only_second).pvalue)
    assert 0 < p_value < 1


def test_the_p_value_of_macro_f1_is_that_of_exchanging_the_predictions_of_texts():
    """It is the share of all 512 exchanges with a difference as large as that found, up to the chance of the draws."""
    labels = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 1, 2])
    first = np.array([0, 1, 0, 1, 0, 1, 2, 0, 1, 0, 1, 2])
    second = np.array([1, 0, 2, 2, 1, 0, 0, 2, 2, 0, 1, 2])
    differences = []
    for exchanged in itertools.product([False, True], repeat=9):
        chosen = np.array([*exchanged, False, False, False])
        pair = np.where(chosen, second, first), np.where(chosen, first, second)
        scores = [f1_score(labels, predicted, average="macro") for predicted in pair]
        differences.append(abs(scores[1] - scores[0]))
    exact = np.mean(np.array(differences) >= differences[0] - 1e-12)
    assert 0.1 < exact < 0.9
    assert compare_predictions(labels, first, second)["macro_f1_difference"]["p"] == pytest.approx(exact, abs=0.02)


def test_equal_accuracy_with_a_rare_emotion_lost_differs_in_macro_f1_alone():
    """As many texts fall to either, but all texts of a rare emotion to one, so only macro-F1 differs significantly."""
    labels = np.array([0] * 470 + [5] * 30)
    first, second = labels.copy(), labels.copy()
    first[:30], second[470:] = 5, 0
    result = compare_predictions(labels, first, second)
    assert result["accuracy_difference"]["p"] == 1.0
    assert result["macro_f1_difference"]["p"] < 0.001
    assert result["macro_f1_difference"]["high"] < 0


def test_a_clearly_better_classifier_differs_with_an_interval_above_0(labels):
    """The difference is second minus first, and turns its sign when the two change places."""
    worse, better = noisy(labels, 0.4, seed=1), noisy(labels, 0.9, seed=2)
    result, turned = compare_predictions(labels, worse, better), compare_predictions(labels, better, worse)
    expected = f1_score(labels, better, average="macro") - f1_score(labels, worse, average="macro")
    assert result["accuracy_difference"]["p"] < 1e-6
    assert result["macro_f1_difference"]["p"] == 1 / 10_001  # no exchange reaches it
    assert result["macro_f1_difference"]["value"] == pytest.approx(expected)
    assert result["macro_f1_difference"]["low"] > 0
    assert turned["macro_f1_difference"]["value"] == pytest.approx(-expected)
    assert turned["macro_f1_difference"]["high"] < 0


def test_the_interval_of_a_difference_is_that_of_drawing_rows_of_both(labels):
    """Each draw takes both predictions of a text together, and is scored with scikit-learn here."""
    first, second = noisy(labels, 0.7, seed=1), noisy(labels, 0.78, seed=2)
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(300):
        rows = rng.integers(0, len(labels), len(labels))
        scores = [f1_score(labels[rows], predicted[rows], average="macro") for predicted in (first, second)]
        differences.append(scores[1] - scores[0])
    found = compare_predictions(labels, first, second)["macro_f1_difference"]
    assert [found["low"], found["high"]] == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=0.015)


def test_intervals_are_the_same_each_time(labels):
    """The draws are seeded, so that two reports of one run agree to the last digit."""
    confusion = confusion_matrix(labels, noisy(labels, 0.7, seed=1))
    assert confusion_intervals(confusion) == confusion_intervals(confusion)
