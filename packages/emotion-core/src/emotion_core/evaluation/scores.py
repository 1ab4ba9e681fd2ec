"""Accuracy, precision, recall and F1 from counts, of one confusion matrix or of many at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SCORES = ("precision", "recall", "f1")
"""Of one emotion."""


def scores_of(confusion: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Accuracy, per-class, macro and weighted precision, recall and F1 of many confusion matrices at once.

    Args:
        confusion: counts, shape (..., 6, 6), rows true and columns predicted.

    Returns:
        Arrays of shape (...) for averages and (..., 6) for ``precision``, ``recall``, ``f1``. Macro averages run
        over the classes that occur as label or prediction; 0 stands where a score of such a class is undefined.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1).astype(np.float64)
    support, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    scores = {
        "precision": ratio(hits, predicted),
        "recall": ratio(hits, support),
        "f1": ratio(2 * hits, support + predicted),
    }
    total = confusion.sum(axis=(-2, -1))
    occurs = (support + predicted) > 0
    result = dict(scores) | {"accuracy": ratio(hits.sum(-1), total)}
    for name, score in scores.items():
        result[f"macro_{name}"] = ratio((score * occurs).sum(-1), occurs.sum(-1))
        result[f"weighted_{name}"] = ratio((score * support).sum(-1), total)
    return result


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> NDArray[np.float64]:
    """The quotients of two arrays, and 0 where the denominator is 0."""
    numerator, denominator = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    quotients: NDArray[np.float64] = np.divide(
        numerator, denominator, out=np.zeros(np.broadcast(numerator, denominator).shape), where=denominator > 0
    )
    return quotients
