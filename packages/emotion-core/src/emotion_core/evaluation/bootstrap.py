"""Bootstrap intervals and the paired comparison of two classifiers.

The percentile bootstrap draws n rows with replacement. For every metric that depends only on how often each
combination of true and predicted class occurs, that is the same as one draw from a multinomial distribution over
the cells of the table, so 2,000 replicates take milliseconds (Efron and Tibshirani 1993, chapters 6 and 13).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.imports import needs
from emotion_core.labels import EMOTIONS, N_EMOTIONS
from emotion_core.runs.metrics import Difference, Versus
from emotion_core.runs.typed_json import to_json

N_REPLICATES = 2000
CONFIDENCE_LEVEL = 0.95
BOOTSTRAP_SEED = 42
N_PERMUTATIONS = 10_000
"""So many that the smallest p-value stays significant after Holm's correction for hundreds of runs."""

MEAN_BATCHES = 20
"""Replicates of a mean are drawn in so many goes, which bounds the memory."""

ROUNDING = 1e-12
"""Differences of macro-F1 closer than this are equal; they are sums of fractions."""


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
    scores = scores_of(_resample(confusion))
    names = ("precision", "recall", "f1")
    averages = ("accuracy", *(f"{average}_{name}" for average in ("macro", "weighted") for name in names))
    per_class = {
        emotion: {name: percentile_interval(scores[name][:, label]) for name in names}
        for label, emotion in enumerate(EMOTIONS)
    }
    return Intervals({name: percentile_interval(scores[name]) for name in averages}, per_class)


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
        "precision": _ratio(hits, predicted),
        "recall": _ratio(hits, support),
        "f1": _ratio(2 * hits, support + predicted),
    }
    total = confusion.sum(axis=(-2, -1))
    occurs = (support + predicted) > 0
    result = dict(scores) | {"accuracy": _ratio(hits.sum(-1), total)}
    for name, score in scores.items():
        result[f"macro_{name}"] = _ratio((score * occurs).sum(-1), occurs.sum(-1))
        result[f"weighted_{name}"] = _ratio((score * support).sum(-1), total)
    return result


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


def compare_predictions(
    labels: NDArray[np.integer[Any]], first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]
) -> dict[str, Any]:
    """Compare two classifiers that predicted the same texts.

    Args:
        labels, first, second: true ids and the two predictions, shape (n,) each.

    Returns:
        ``macro_f1_difference`` and ``accuracy_difference``, each second minus first: ``value``, ``low`` and ``high`` of
        its 95 % paired-bootstrap interval, and ``p`` of a test of that very quantity: of macro-F1 the permutation test
        (`permutation_p`), of accuracy McNemar's exact test. ``only_first_right`` and ``only_second_right`` are what
        McNemar's test counts.
    """
    return to_json(versus(labels, first, second))


def versus(
    labels: NDArray[np.integer[Any]], first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]
) -> Versus:
    """As `compare_predictions`, as a record."""
    needs("study", "statsmodels", who="comparing predictions")
    from statsmodels.stats.contingency_tables import mcnemar

    labels, first, second = np.asarray(labels), np.asarray(first), np.asarray(second)
    right = first == labels, second == labels
    table = [[int((a & b).sum()) for b in (right[1], ~right[1])] for a in (right[0], ~right[0])]
    # Cells (true, first, second): both predictions of a row are drawn together, which is what makes it paired.
    cells = np.zeros((N_EMOTIONS,) * 3, dtype=np.int64)
    np.add.at(cells, (labels, first, second), 1)
    found, replicates = _differences(cells), _differences(_resample(cells))
    p_values = {"macro_f1": permutation_p(cells), "accuracy": float(mcnemar(table, exact=True).pvalue)}
    macro_f1, accuracy = (
        Difference(float(found[name]), *percentile_interval(replicates[name]), p) for name, p in p_values.items()
    )
    return Versus(macro_f1, accuracy, only_first_right=table[0][1], only_second_right=table[1][0])


def permutation_p(cells: NDArray[np.integer[Any]]) -> float:
    """The two-sided p-value of equal macro-F1 by a paired permutation test.

    If the two classifiers were equally good, it would not matter which of them said what on a text. So each replicate
    exchanges the two predictions of each text with probability 1/2, and p is the share of replicates whose difference
    is at least as large as that found, which counts as one of them (approximate randomization: Noreen 1989, Yeh 2000).
    Of texts with the same label and the same two predictions only the number that is exchanged matters, so it is drawn
    from a binomial distribution.

    Args:
        cells: texts by true class, first and second prediction, shape (6, 6, 6).
    """
    # Each pair of different predictions of a class, whichever classifier said which; the others change nothing.
    true, one, other = np.nonzero(np.triu(cells + cells.swapaxes(1, 2), k=1))
    counts = cells[true, one, other] + cells[true, other, one]
    same = np.einsum("tpp->tp", cells).ravel()
    places = np.eye(N_EMOTIONS * N_EMOTIONS)
    one, other = places[true * N_EMOTIONS + one], places[true * N_EMOTIONS + other]
    drawn = np.random.default_rng(BOOTSTRAP_SEED).binomial(counts, 0.5, (N_PERMUTATIONS, len(counts))).astype(float)
    shape = (N_PERMUTATIONS, N_EMOTIONS, N_EMOTIONS)
    first = (same + drawn @ one + (counts - drawn) @ other).reshape(shape)
    second = (same + drawn @ other + (counts - drawn) @ one).reshape(shape)
    differences = np.abs(_macro_f1(second) - _macro_f1(first))
    found = abs(_differences(cells)["macro_f1"])
    reached = int((differences >= found - ROUNDING).sum())
    return (1 + reached) / (1 + N_PERMUTATIONS)


def _differences(cells: NDArray[np.integer[Any]]) -> dict[str, NDArray[np.float64]]:
    """Macro-F1 and accuracy of the second classifier minus those of the first, of many tables (..., 6, 6, 6)."""
    first, second = scores_of(cells.sum(axis=-1)), scores_of(cells.sum(axis=-2))
    return {name: second[name] - first[name] for name in ("macro_f1", "accuracy")}


def _macro_f1(confusion: NDArray[Any]) -> NDArray[np.float64]:
    return scores_of(confusion)["macro_f1"]


def _resample(cells: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Bootstrap replicates of a table of counts, shape (2000, *cells.shape)."""
    total = int(cells.sum())
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    return rng.multinomial(total, cells.ravel() / total, size=N_REPLICATES).reshape(N_REPLICATES, *cells.shape)


def _ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[np.float64]:
    numerator, denominator = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    ratio: NDArray[np.float64] = np.divide(
        numerator, denominator, out=np.zeros(np.broadcast(numerator, denominator).shape), where=denominator > 0
    )
    return ratio
