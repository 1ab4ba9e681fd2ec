"""How good a classifier is on the texts that it is surest of: the risk-coverage curve, and abstaining.

The curve is that of El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification", JMLR 11, 2010;
the area under it (AURC) that of Geifman, Uziel and El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural
Classifiers", ICLR 2019.
"""

from __future__ import annotations

import numpy as np

from emotion_core.classifier import Labels, Probabilities
from emotion_core.evaluation.intervals import proportion_bounds
from emotion_core.evaluation.metrics import checked_predictions
from emotion_core.evaluation.transfer.record import Abstained, RiskCoverage
from emotion_core.runs.metrics import Score

POINTS = 100
"""Of a curve that are recorded, at most."""


def risk_coverage(labels: Labels, probabilities: Probabilities) -> RiskCoverage:
    """The share of wrong predictions among the texts that a classifier is surest of, for each number of these.

    Texts that it is equally sure of come in no order: each of them counts as wrong as they are on average.

    Args:
        labels: true ids, shape (n,), at least one.
        probabilities: shape (n, 6), rows summing to 1; the highest of a text says how sure the classifier is.

    Raises:
        ValueError: as `compute_metrics`.
    """
    labels, probabilities = checked_predictions(labels, probabilities)
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[order].astype(np.float64)
    _, group, sizes = np.unique(-confidence[order], return_inverse=True, return_counts=True)
    even = (np.bincount(group, weights=wrong) / sizes)[group]
    covered = np.arange(1, len(labels) + 1)
    risk = np.cumsum(even) / covered
    shown = np.unique(np.linspace(0, len(labels) - 1, min(POINTS, len(labels))).round().astype(int))
    coverage = covered[shown] / len(labels)
    return RiskCoverage(float(risk.mean()), coverage.round(6).tolist(), risk[shown].round(6).tolist())


def abstained(labels: Labels, probabilities: Probabilities, below: float) -> Abstained:
    """The share of texts whose highest probability is below a threshold, and the accuracy on the others.

    Args:
        labels, probabilities: as for `risk_coverage`.
        below: the threshold.
    """
    sure = probabilities.max(axis=1) >= below
    right = (probabilities.argmax(axis=1) == labels)[sure]
    return Abstained(below, float(1 - sure.mean()), share_of(right.sum(), len(right)) if len(right) else None)


def share_of(count: int, total: int) -> Score:
    """A share with its 95 % interval."""
    low, high = proportion_bounds(np.array(count), np.array(total))
    return Score(float(count / total), float(low), float(high))
