"""Temperature scaling: one number, fitted on validation, that makes the probabilities as sure as they are right.

Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from emotion_core.classifier import Labels, Probabilities, apply_temperature, log_probabilities, log_softmax
from emotion_core.evaluation.metrics import (
    checked_predictions,
    expected_calibration_error,
    log_losses,
)
from emotion_core.runs.record_parts import Calibration

LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = 0.05, 20.0
"""Where the temperature is looked for. A split without a single mistake would drive it to 0."""

LEAST_TEXTS = 100
"""With fewer, the temperature that fits them best makes other texts worse about as often as better: of simulated
classifiers that were sure by a factor of 1.25 too much, every second with 20 texts, and one in seven with 100."""


class Fitted(NamedTuple):
    """A temperature, and if none was fitted, why it is 1."""

    temperature: float
    reason: str | None = None


def fit_temperature(probabilities: Probabilities, labels: Labels) -> float:
    """The temperature T with the lowest log loss of softmax(log p / T).

    With fewer than 100 texts it is 1, and so it is if every text is classified rightly or the log loss falls to an end
    of the range from 0.05 to 20.

    Args:
        probabilities: of texts that the model was not trained on, shape (n, 6), rows summing to 1.
        labels: their true label ids, shape (n,).

    Returns:
        Above 1 for a model that is too sure, below 1 for one that is too modest, and 1 where nothing is better.

    Raises:
        ValueError: no rows, other shapes, values that are not probabilities, or unknown label ids.
    """
    return fitted_temperature(probabilities, labels).temperature


def fitted_temperature(probabilities: Probabilities, labels: Labels) -> Fitted:
    """As `fit_temperature`, with the reason if none was fitted."""
    labels, probabilities = checked_predictions(labels, probabilities)
    if len(labels) < LEAST_TEXTS:
        return Fitted(1.0, f"{len(labels)} texts are too few to fit it; {LEAST_TEXTS} are needed")
    if (probabilities.argmax(axis=1) == labels).all():
        return Fitted(1.0, "not one text is classified wrongly, so that no temperature is low enough")
    logits, rows = log_probabilities(probabilities), np.arange(len(labels))

    def log_loss(temperature: float) -> float:
        return float(-log_softmax(logits / temperature)[rows, labels].mean())

    def slope(sharpness: float) -> float:
        """The derivative of the log loss by 1/T: it grows with 1/T, since the log loss is convex there."""
        return float(((np.exp(log_softmax(logits * sharpness)) * logits).sum(axis=1) - logits[rows, labels]).mean())

    # So the log loss is lowest where its slope is 0, which halving the logarithm of the range finds.
    low, high = -math.log(HIGHEST_TEMPERATURE), -math.log(LOWEST_TEMPERATURE)
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (middle, high) if slope(math.exp(middle)) < 0 else (low, middle)
    found = math.exp(-(low + high) / 2)
    if log_loss(found) >= log_loss(1.0):
        return Fitted(1.0)
    if math.isclose(found, HIGHEST_TEMPERATURE, rel_tol=1e-6):
        return Fitted(1.0, "the classifier knows nothing of these texts: the log loss is lowest without it")
    if math.isclose(found, LOWEST_TEMPERATURE, rel_tol=1e-6):
        return Fitted(1.0, "hardly a text is classified wrongly, so that no temperature is low enough")
    return Fitted(found)


def calibration_record(labels: Labels, probabilities: Probabilities) -> Calibration:
    """Fit the temperature on the validation split; what a run records of it.

    Args:
        labels: true label ids, shape (n,).
        probabilities: without a temperature, shape (n, 6).

    Returns:
        The temperature, or why it is 1, and log loss and expected calibration error on those texts before and after.
    """
    temperature, reason = fitted_temperature(probabilities, labels)
    after = apply_temperature(probabilities, temperature)
    return Calibration(
        temperature,
        log_loss_before=float(log_losses(labels, probabilities).mean()),
        ece_before=expected_calibration_error(labels, probabilities),
        log_loss_after=float(log_losses(labels, after).mean()),
        ece_after=expected_calibration_error(labels, after),
        reason=reason,
    )
