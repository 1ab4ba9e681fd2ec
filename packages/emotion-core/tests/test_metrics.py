"""The metrics agree with scikit-learn and with figures worked out by hand."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from emotion_core.evaluation.metrics import (
    CALIBRATION_BINS,
    calibration_bins,
    compute_metrics,
    confusion_matrix,
    expected_calibration_error,
)
from emotion_core.labels import EMOTIONS
from emotion_core.runs.metrics import ClassScore, Score

AVERAGES = ("macro", "weighted")


def predictions(n, seed, sharpness=1.0, classes=6):
    """Labels and probabilities of a classifier that is right more often than chance."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, 6)) + sharpness * np.eye(6)[labels]
    probabilities = np.exp(logits)
    return labels, probabilities / probabilities.sum(axis=1, keepdims=True)


cases = st.builds(predictions, st.integers(1, 60), st.integers(0, 10_000), st.floats(0, 5), st.integers(1, 6))
few = settings(max_examples=25)


EXACT = {"rel": 1e-12, "abs": 1e-12}


@few
@given(cases)
def test_averages_agree_with_scikit_learn(case):
    """Accuracy and the macro and weighted scores, with classes absent or never predicted too."""
    labels, probabilities = case
    predicted = probabilities.argmax(axis=1)
    found = compute_metrics(labels, probabilities)
    assert found["accuracy"]["value"] == pytest.approx(sk.accuracy_score(labels, predicted), **EXACT)
    for average in AVERAGES:
        expected = sk.precision_recall_fscore_support(labels, predicted, average=average, zero_division=0)
        values = [found[f"{average}_{name}"]["value"] for name in ("precision", "recall", "f1")]
        assert values == pytest.approx(expected[:3], **EXACT)


@few
@given(cases)
def test_class_scores_agree_with_scikit_learn_or_are_undefined(case):
    """Each score of each class is scikit-learn's, and None exactly where that is not defined."""
    labels, probabilities = case
    predicted = probabilities.argmax(axis=1)
    found = compute_metrics(labels, probabilities)["per_class"]
    expected = sk.precision_recall_fscore_support(labels, predicted, labels=range(6), zero_division=np.nan)
    for label, name in enumerate(EMOTIONS):
        values = [found[name][key]["value"] for key in ("precision", "recall", "f1")]
        wanted = [None if np.isnan(column[label]) else column[label] for column in expected[:3]]
        np.testing.assert_allclose(np.array(values, float), np.array(wanted, float), rtol=1e-12)
        assert found[name]["support"] == expected[3][label]


@few
@given(cases)
def test_log_loss_and_average_precision_agree_with_scikit_learn(case):
    """Log loss over all rows; average precision for each class that some texts have and some have not."""
    labels, probabilities = case
    found = compute_metrics(labels, probabilities)
    assert found["log_loss"]["value"] == pytest.approx(sk.log_loss(labels, probabilities, labels=range(6)))
    scores = []
    for label, name in enumerate(EMOTIONS):
        positive = labels == label
        value = found["per_class"][name]["average_precision"]
        if positive.any() and not positive.all():
            assert value == pytest.approx(sk.average_precision_score(positive, probabilities[:, label]), **EXACT)
            scores.append(value)
        else:
            assert value is None
    assert found["average_precision"]["value"] == (pytest.approx(np.mean(scores)) if scores else None)


@few
@given(cases)
def test_intervals_lie_between_0_and_1_and_in_order(case):
    """Every interval of every score is a part of 0 to 1, and None where the score is undefined."""
    found = compute_metrics(*case)
    scores = [found["accuracy"], *(found[f"{a}_{n}"] for a in AVERAGES for n in ("precision", "recall", "f1"))]
    scores += [found["per_class"][name][key] for name in EMOTIONS for key in ("precision", "recall", "f1")]
    for score in scores:
        if score["value"] is None:
            assert (score["low"], score["high"]) == (None, None)
        else:
            assert 0 <= score["low"] <= score["high"] <= 1


@few
@given(cases)
def test_the_result_is_json_without_nan(case):
    """What is undefined is null, so that any reader of JSON can read metrics.json."""
    found = compute_metrics(*case)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_rows_of_the_confusion_matrix_are_true_and_columns_predicted():
    """Two texts of joy taken for love count in row 1, column 2."""
    matrix = confusion_matrix(np.array([1, 1, 0]), np.array([2, 2, 0]))
    assert matrix.shape == (6, 6)
    assert (matrix[1, 2], matrix[0, 0], matrix.sum()) == (2, 1, 3)


def test_absent_classes_are_named():
    """A split without surprise and love says so, and their recall is undefined."""
    labels, probabilities = np.array([0, 1, 3, 4]), np.eye(6)[[0, 1, 3, 4]]
    found = compute_metrics(labels, probabilities)
    assert found["absent_classes"] == ["love", "surprise"]
    assert found["per_class"]["love"]["recall"]["value"] is None
    assert found["macro_f1"]["value"] == 1.0


def test_calibration_bins_hold_confidence_accuracy_and_count():
    """Three texts: two in one bin, of which one is right, and a sure one, which belongs to the last bin."""
    probabilities = np.array([[0.42, 0.58, 0, 0, 0, 0], [0.41, 0.59, 0, 0, 0, 0], [1.0, 0, 0, 0, 0, 0]])
    bins = calibration_bins(np.array([1, 0, 0]), probabilities)
    assert [b["count"] for b in bins] == [2, 1]
    assert [b["confidence"] for b in bins] == pytest.approx([0.585, 1.0])
    assert [b["accuracy"] for b in bins] == [0.5, 1.0]
    assert expected_calibration_error(np.array([1, 0, 0]), probabilities) == pytest.approx(2 / 3 * 0.085)


@few
@given(cases)
def test_calibration_error_agrees_with_a_plain_loop(case):
    """The weighted distance of accuracy and confidence, bin by bin, written out."""
    labels, probabilities = case
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for number in range(CALIBRATION_BINS):
        low, high = number / CALIBRATION_BINS, (number + 1) / CALIBRATION_BINS
        chosen = (confidence >= low) & (confidence < high)
        if chosen.any():
            expected += chosen.mean() * abs(confidence[chosen].mean() - right[chosen].mean())
    assert expected_calibration_error(labels, probabilities) == pytest.approx(expected)


def test_a_probability_of_zero_for_the_truth_gives_a_finite_log_loss():
    """A classifier that was sure and wrong is punished, not with infinity."""
    found = compute_metrics(np.array([0, 1]), np.eye(6)[[1, 1]])
    assert found["log_loss"]["value"] == pytest.approx(-np.log(1e-15) / 2)


GOOD_LABELS, GOOD = np.array([0, 1]), np.eye(6)[[0, 1]]


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        (np.array([], int), np.zeros((0, 6)), r"found \(0,\) labels"),
        (GOOD_LABELS, GOOD[:, :5], r"\(2, 5\) probabilities"),
        (GOOD_LABELS, GOOD[:1], r"\(1, 6\) probabilities"),
        (GOOD_LABELS[:, None], GOOD, r"found \(2, 1\) labels"),
        (GOOD_LABELS, GOOD * 2, "must be finite, not negative, and sum to 1"),
        (GOOD_LABELS, GOOD * np.nan, "must be finite"),
        (GOOD_LABELS, np.array([[2, -1, 0, 0, 0, 0]] * 2), "must be finite, not negative"),
        (np.array([0, 6]), GOOD, "found label ids 0 to 6, expected 0 to 5"),
        (np.array([-1, 0]), GOOD, "found label ids -1 to 0"),
        (np.array([0, 0.5]), GOOD, "the labels must be whole numbers"),
        (np.array([0, np.nan]), GOOD, "the labels must be whole numbers"),
        (np.array(["joy", "love"]), GOOD, "the labels must be whole numbers"),
    ],
)
def test_what_are_no_predictions_is_refused(labels, probabilities, message):
    """Other shapes, no rows, values that are no probabilities, and labels that are no ids."""
    with pytest.raises(ValueError, match=message):
        compute_metrics(labels, probabilities)


@pytest.mark.parametrize(
    ("metric", "shown"),
    [
        (Score(0.93, 0.9185, 0.941), "0.9300 [0.9185, 0.9410]"),
        (ClassScore(None, None, None), "undefined"),
    ],
)
def test_a_metric_is_shown_with_its_interval(metric, shown):
    """Four digits, the interval in brackets, and a word where there is no value."""
    assert str(metric) == shown
