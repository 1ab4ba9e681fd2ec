"""Bootstrap intervals: of what a confusion matrix determines, and of means.

The percentile bootstrap draws n rows with replacement. For every metric that depends only on how often each
combination of true and predicted class occurs, that is the same as one draw from a multinomial distribution over
the cells of the table, so 2,000 replicates take milliseconds (Efron and Tibshirani 1993, chapters 6 and 13).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.evaluation.scores import scores_of
from emotion_core.labels import EMOTIONS

N_REPLICATES = 2000
CONFIDENCE_LEVEL = 0.95
BOOTSTRAP_SEED = 42

MEAN_BATCHES = 20
"""Replicates of a mean are drawn in so many goes, which bounds the memory."""


class Interval(NamedTuple):
    """The bounds of a 95 % interval."""

    low: float
    high: float


class Intervals(NamedTuple):
    """Of accuracy and the averages by name, and of precision, recall and F1 of each emotion, by its name and theirs."""

    averages: dict[str, Interval]
    per_class: dict[str, dict[str, Interval]]


def confusion_intervals(confusion: NDArray[np.integer[Any]]) -> Intervals:
    """95 % intervals of accuracy, macro, weighted and per-class scores from one confusion matrix (6 x 6)."""
    scores = scores_of(resample(confusion))
    names = ("precision", "recall", "f1")
    averages = ("accuracy", *(f"{average}_{name}" for average in ("macro", "weighted") for name in names))
    per_class = {
        emotion: {name: percentile_interval(scores[name][:, label]) for name in names}
        for label, emotion in enumerate(EMOTIONS)
    }
    return Intervals({name: percentile_interval(scores[name]) for name in averages}, per_class)


def mean_interval(values: NDArray[np.float64]) -> Interval:
    """95 % bootstrap interval of a mean over rows, shape (n,): that of `scipy.stats.bootstrap`, to the last bit."""
    if len(values) < 2 or np.ptp(values) == 0:
        return Interval(float(values.mean()), float(values.mean()))
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    size = (N_REPLICATES // MEAN_BATCHES, len(values))
    means = [values[rng.integers(0, len(values), size)].mean(axis=1) for _ in range(MEAN_BATCHES)]
    replicates = np.sort(np.concatenate(means))
    tail = (1 - CONFIDENCE_LEVEL) / 2
    return Interval(_quantile(replicates, tail), _quantile(replicates, 1 - tail))


def _quantile(ordered: NDArray[np.float64], share: float) -> float:
    # np.quantile interpolates the same numbers in another way, and so rounds otherwise.
    place = share * len(ordered) + (1 - share)
    below, part = int(place) - 1, place % 1
    return float((1 - part) * ordered[below] + part * ordered[below + 1])


def percentile_interval(replicates: NDArray[np.float64]) -> Interval:
    """The central 95 % of bootstrap replicates."""
    tail = (1 - CONFIDENCE_LEVEL) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return Interval(float(low), float(high))


def resample(cells: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Bootstrap replicates of a table of counts, shape (2000, *cells.shape)."""
    total = int(cells.sum())
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    return rng.multinomial(total, cells.ravel() / total, size=N_REPLICATES).reshape(N_REPLICATES, *cells.shape)
