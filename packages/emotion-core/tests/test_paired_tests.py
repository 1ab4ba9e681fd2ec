"""The paired comparison of two classifiers, against slower ways to the same figures."""

import itertools

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from emotion_core.evaluation.versus.paired_tests import compare_predictions
from noisy_predictions import noisy, uneven_labels


@pytest.fixture(scope="module")
def labels():
    """400 true ids, unevenly spread."""
    return uneven_labels()


def test_identical_predictions_do_not_differ(labels):
    """p is 1, the difference 0, and its interval small and the same on both sides."""
    predicted = noisy(labels, 0.7, seed=1)
    result = compare_predictions(labels, predicted, predicted)
    assert (result["only_first_right"], result["only_second_right"]) == (0, 0)
    for difference in (result["macro_f1_difference"], result["accuracy_difference"]):
        assert (difference["value"], difference["p"]) == (0.0, 1.0)
        assert difference["low"] == pytest.approx(-difference["high"])
        assert 0 < difference["high"] < 0.02


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
