"""95 % intervals of the difference of two classifiers that predicted the same texts.

Two texts are added, one that only the first classifier has right and one that only the second has, each spread evenly
over all mistakes; then the difference is taken plus and minus 1.96 standard errors by the delta method. For accuracy
that is the interval of Bonett and Price (Journal of Educational and Behavioral Statistics 37, 2012). So it keeps its
width where both classifiers say the same. ``benchmarks/interval_coverage.py`` shows how often it holds the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.evaluation.intervals import Floats, Interval, Z, even_mistake
from emotion_core.evaluation.scores import ratio, scores_of
from emotion_core.labels import N_EMOTIONS


def difference_intervals(cells: NDArray[np.integer[Any]]) -> dict[str, Interval]:
    """Of ``macro_f1`` and ``accuracy`` of the second classifier minus those of the first.

    Args:
        cells: texts by true class, first and second prediction, shape (6, 6, 6).
    """
    return {name: Interval(*map(float, bounds)) for name, bounds in difference_bounds(cells).items()}


def difference_bounds(cells: NDArray[Any]) -> dict[str, tuple[Floats, Floats]]:
    """As `difference_intervals`, of many tables (..., 6, 6, 6) at once: the lower and the upper bounds."""
    tables = cells.sum(axis=-1), cells.sum(axis=-2)
    occurs = tuple(occurring(table) for table in tables)
    smoothed = cells + two_texts(occurs[0] | occurs[1])
    texts = smoothed.sum(axis=(-3, -2, -1))
    shares = smoothed / texts[..., None, None, None]
    bounds = {}
    for name, slopes in SLOPES.items():
        after = [slopes(smoothed.sum(axis=axis), seen) for axis, seen in zip((-1, -2), occurs, strict=True)]
        values = [value for value, _ in after]
        effect = after[1][1][..., :, None, :] - after[0][1][..., :, :, None]  # of a text in each cell
        mean = (shares * effect).sum(axis=(-3, -2, -1), keepdims=True)
        error = np.sqrt((shares * (effect - mean) ** 2).sum(axis=(-3, -2, -1)) * texts)
        found = scores_of(tables[1])[name] - scores_of(tables[0])[name]
        low, high = values[1] - values[0] - Z * error, values[1] - values[0] + Z * error
        bounds[name] = np.clip(np.minimum(low, found), -1, 1), np.clip(np.maximum(high, found), -1, 1)
    return bounds


def occurring(table: NDArray[Any]) -> NDArray[np.bool_]:
    """Which classes a confusion matrix (..., 6, 6) has as label or prediction, shape (..., 6)."""
    occurs: NDArray[np.bool_] = (table.sum(axis=-1) + table.sum(axis=-2)) > 0
    return occurs


def two_texts(occurs: NDArray[np.bool_]) -> Floats:
    """A text that only one of two classifiers has right, for each of them, spread over (..., 6, 6, 6) cells."""
    mistake, right = even_mistake(occurs), np.eye(N_EMOTIONS)
    return mistake[..., :, None, :] * right[:, :, None] + mistake[..., :, :, None] * right[:, None, :]


def _accuracy_slopes(table: Floats, _: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The accuracy of confusion matrices (..., 6, 6), and how much a text more in a cell changes it."""
    texts = table.sum(axis=(-2, -1), keepdims=True)
    return scores_of(table)["accuracy"], np.eye(N_EMOTIONS) / texts


def _macro_f1_slopes(table: Floats, occurs: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The mean F1 of the emotions that occur, and how much a text more in a cell changes it."""
    f1 = scores_of(table)["f1"]
    weights = ratio(occurs, occurs.sum(axis=-1, keepdims=True))
    each = weights / (table.sum(axis=-1) + table.sum(axis=-2) + ~occurs)
    lost = f1 * each
    slopes = 2 * np.eye(N_EMOTIONS) * each[..., None] - lost[..., :, None] - lost[..., None, :]
    return (f1 * weights).sum(axis=-1), slopes


Slopes = Callable[[Floats, NDArray[np.bool_]], tuple[Floats, Floats]]
SLOPES: dict[str, Slopes] = {"macro_f1": _macro_f1_slopes, "accuracy": _accuracy_slopes}
"""Scores of confusion matrices (..., 6, 6), and how much a text more in a cell changes each."""
