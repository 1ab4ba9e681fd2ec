"""Metrics of six-emotion predictions, with intervals where a user would quote them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import SMALLEST_PROBABILITY, Labels, Probabilities
from emotion_core.evaluation.intervals import Interval, confusion_intervals, mean_interval
from emotion_core.evaluation.scores import scores_of
from emotion_core.labels import EMOTIONS, N_EMOTIONS
from emotion_core.runs.metrics import ClassScore, ClassScores, Score, Scores, Value
from emotion_core.runs.typed_json import to_json

CALIBRATION_BINS = 15
AVERAGES = (
    "accuracy", "macro_precision", "macro_recall", "macro_f1", "weighted_precision", "weighted_recall", "weighted_f1"
)  # fmt: skip


def compute_metrics(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """All metrics of one set of predictions, ready for ``metrics.json``.

    Macro averages run over the classes that occur among the labels or the predictions, as in scikit-learn; a
    class that was never predicted counts with a precision of 0. What is undefined (the recall of a class
    without texts, the average precision of a class that is absent or alone) is ``None``.

    Args:
        labels: true label ids, shape (n,).
        probabilities: shape (n, 6), rows summing to 1; the prediction is the most probable class.

    Returns:
        Each of ``accuracy``, ``macro_f1``, ... as ``{"value", "low", "high"}`` with a 95 % interval;
        ``per_class`` by emotion name; ``confusion_matrix`` (rows true, columns predicted, 6 x 6);
        ``average_precision``, ``expected_calibration_error`` as ``{"value"}``; ``n`` and ``absent_classes``.

    Raises:
        ValueError: no rows, other shapes, values that are not probabilities, or unknown label ids.
    """
    return to_json(scores(labels, probabilities))


def scores(labels: Labels, probabilities: Probabilities) -> Scores:
    """As `compute_metrics`, as a record."""
    labels, probabilities = checked_predictions(labels, probabilities)
    losses = log_losses(labels, probabilities)
    precision = _average_precisions(labels, probabilities)
    defined = [value for value in precision.values() if value is not None]
    return replace(
        _scores(labels, probabilities.argmax(axis=1), precision),
        log_loss=Score(float(losses.mean()), *mean_interval(losses)),
        expected_calibration_error=Value(expected_calibration_error(labels, probabilities)),
        average_precision=Value(float(np.mean(defined)) if defined else None),
    )


def label_scores(labels: Labels, predicted: Labels) -> Scores:
    """As `scores`, of predictions without probabilities, and so without what these alone tell.

    Args:
        labels: true ids, shape (n,), at least one.
        predicted: ids, shape (n,).
    """
    return _scores(labels, predicted, dict.fromkeys(EMOTIONS))


def _scores(labels: Labels, predicted: Labels, precision: dict[str, float | None]) -> Scores:
    confusion = confusion_matrix(labels, predicted)
    intervals = confusion_intervals(confusion)
    counted = {name: values.tolist() for name, values in scores_of(confusion).items()}
    averages: dict[str, Any] = {name: Score(counted[name], *intervals.averages[name]) for name in AVERAGES}
    return Scores(
        n=len(labels),
        **averages,
        per_class=_per_class(confusion, counted, intervals.per_class, precision),
        confusion_matrix=confusion.tolist(),
        absent_classes=[name for label, name in enumerate(EMOTIONS) if not (labels == label).any()],
    )


def confusion_matrix(labels: Labels, predicted: Labels) -> NDArray[np.int64]:
    """Counts by true class (rows) and predicted class (columns), shape (6, 6)."""
    cells = np.asarray(labels) * N_EMOTIONS + np.asarray(predicted)
    return np.bincount(cells, minlength=N_EMOTIONS**2).reshape(N_EMOTIONS, N_EMOTIONS)


def log_losses(labels: Labels, probabilities: Probabilities) -> NDArray[np.float64]:
    """The log loss of each text, shape (n,): minus the logarithm of the probability of its true class."""
    true = np.asarray(probabilities, np.float64)[np.arange(len(labels)), labels]
    return -np.log(np.clip(true, SMALLEST_PROBABILITY, 1.0))


def calibration_bins(labels: Labels, probabilities: Probabilities) -> list[dict[str, float]]:
    """Mean confidence, accuracy and count of each non-empty bin of equal width over the top probability."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    index = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    bins = []
    for number in np.unique(index):
        chosen = index == number
        bins.append(
            {
                "confidence": float(confidence[chosen].mean()),
                "accuracy": float(correct[chosen].mean()),
                "count": int(chosen.sum()),
            }
        )
    return bins


def expected_calibration_error(labels: Labels, probabilities: Probabilities) -> float:
    """Mean distance of confidence and accuracy over 15 bins, weighted by count (Guo et al., ICML 2017)."""
    bins = calibration_bins(labels, probabilities)
    return sum(b["count"] * abs(b["confidence"] - b["accuracy"]) for b in bins) / len(labels)


def checked_predictions(labels: Labels, probabilities: Probabilities) -> tuple[Labels, Probabilities]:
    """Labels as int64 and probabilities as float64, of the shapes (n,) and (n, 6).

    Raises:
        ValueError: no rows, other shapes, values that are not probabilities, or labels that are no ids.
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities, dtype=np.float64)
    if labels.ndim != 1 or len(labels) == 0 or probabilities.shape != (len(labels), N_EMOTIONS):
        shapes = f"{labels.shape} labels and {probabilities.shape} probabilities"
        raise ValueError(f"found {shapes}, expected (n,) and (n, {N_EMOTIONS}) with n of at least 1")
    if not np.isfinite(probabilities).all() or probabilities.min() < 0 or abs(probabilities.sum(1) - 1).max() > 1e-3:
        raise ValueError("the rows of the probabilities must be finite, not negative, and sum to 1")
    if labels.dtype.kind not in "iuf" or not (labels % 1 == 0).all():  # NaN and infinity leave NaN
        raise ValueError("the labels must be whole numbers")
    if labels.min() < 0 or labels.max() >= N_EMOTIONS:
        raise ValueError(f"found label ids {labels.min()} to {labels.max()}, expected 0 to {N_EMOTIONS - 1}")
    return labels.astype(np.int64), probabilities


def _per_class(
    confusion: NDArray[np.int64],
    scores: dict[str, list[float]],
    intervals: dict[str, dict[str, Interval]],
    average_precision: dict[str, float | None],
) -> dict[str, ClassScores]:
    support, predicted = confusion.sum(axis=1).tolist(), confusion.sum(axis=0).tolist()
    per_class = {}
    for label, name in enumerate(EMOTIONS):
        counted = {"precision": predicted[label], "recall": support[label], "f1": support[label] + predicted[label]}
        precision, recall, f1 = (
            ClassScore(scores[key][label], *intervals[name][key]) if count else ClassScore(None, None, None)
            for key, count in counted.items()
        )
        per_class[name] = ClassScores(precision, recall, f1, average_precision[name], support[label])
    return per_class


def precision_recall_curve(
    positive: NDArray[np.bool_], scores: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Precision and recall of what reaches each score that occurs, from the lowest on, and of nothing at the end.

    Args:
        positive: which texts are of a class, shape (n,); at least one.
        scores: probabilities of that class, shape (n,).
    """
    order = np.argsort(scores, kind="stable")[::-1]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)  # the last text with each score
    hits = np.cumsum(positive[order])[ends]
    return np.append((hits / (ends + 1))[::-1], 1.0), np.append((hits / hits[-1])[::-1], 0.0)


def average_precision(positive: NDArray[np.bool_], scores: NDArray[np.floating[Any]]) -> float:
    """The mean of the precision over what each score adds to the recall, as scikit-learn defines it.

    Args:
        positive: which texts are of a class, shape (n,); at least one.
        scores: probabilities of that class, shape (n,).
    """
    precision, recall = precision_recall_curve(positive, scores)
    return float(-np.sum(np.diff(recall) * precision[:-1]))


def _average_precisions(labels: Labels, probabilities: Probabilities) -> dict[str, float | None]:
    result: dict[str, float | None] = {}
    for label, name in enumerate(EMOTIONS):
        positive = labels == label
        defined = positive.any() and not positive.all()
        result[name] = average_precision(positive, probabilities[:, label]) if defined else None
    return result
