"""Tests of two classifiers that predicted the same texts: of macro-F1 by permutation, of accuracy by McNemar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.evaluation.scores import scores_of
from emotion_core.evaluation.versus.differences import difference_intervals
from emotion_core.evaluation.versus.seed_differences import seed_differences
from emotion_core.imports import needs
from emotion_core.labels import N_EMOTIONS
from emotion_core.runs.metrics import Difference, Versus
from emotion_core.runs.typed_json import to_json

SIGNIFICANCE_LEVEL = 0.05
PERMUTATION_SEED = 42
N_PERMUTATIONS = 10_000
"""So many that the smallest p-value stays significant after Holm's correction for hundreds of runs."""

ROUNDING = 1e-12
"""Differences of macro-F1 closer than this are equal; they are sums of fractions."""


def compare_predictions(
    labels: NDArray[np.integer[Any]], first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]
) -> dict[str, Any]:
    """Compare two classifiers that predicted the same texts.

    Args:
        labels, first, second: true ids and the two predictions, shape (n,) each.

    Returns:
        ``macro_f1_difference`` and ``accuracy_difference``, each second minus first: ``value``, ``low`` and ``high`` of
        its 95 % interval (`difference_intervals`), and ``p`` of a test of that very quantity: of macro-F1 the
        permutation test (`permutation_p`), of accuracy McNemar's exact test. ``only_first_right`` and
        ``only_second_right`` are what McNemar's test counts.
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
    found, intervals = _differences(cells), difference_intervals(cells)
    p_values = {"macro_f1": permutation_p(cells), "accuracy": float(mcnemar(table, exact=True).pvalue)}
    macro_f1, accuracy = (Difference(float(found[name]), *intervals[name], p) for name, p in p_values.items())
    return Versus(macro_f1, accuracy, only_first_right=table[0][1], only_second_right=table[1][0])


def versus_seeds(
    labels: NDArray[np.integer[Any]], first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]
) -> Versus:
    """The second of two trainings against the first, as `seed_differences` compares them.

    Args:
        labels: true ids, shape (n,).
        first, second: the ids that each seed of a training predicted, shape (n_seeds, n).
    """
    found = seed_differences(labels, first, second)
    macro_f1, accuracy = (Difference(*found[name]) for name in ("macro_f1", "accuracy"))
    return Versus(macro_f1, accuracy, only_first_right=None, only_second_right=None)


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
    drawn = np.random.default_rng(PERMUTATION_SEED).binomial(counts, 0.5, (N_PERMUTATIONS, len(counts))).astype(float)
    shape = (N_PERMUTATIONS, N_EMOTIONS, N_EMOTIONS)
    first = (same + drawn @ one + (counts - drawn) @ other).reshape(shape)
    second = (same + drawn @ other + (counts - drawn) @ one).reshape(shape)
    differences = np.abs(_macro_f1(second) - _macro_f1(first))
    found = abs(_differences(cells)["macro_f1"])
    reached = int((differences >= found - ROUNDING).sum())
    return (1 + reached) / (1 + N_PERMUTATIONS)


def corrected(compared: Sequence[Versus]) -> list[Versus]:
    """With Holm's p-value and the verdict on each difference; each quantity is a family of tests of its own."""
    macro_f1 = _with_verdicts([against.macro_f1_difference for against in compared])
    accuracy = _with_verdicts([against.accuracy_difference for against in compared])
    return [
        replace(against, macro_f1_difference=first, accuracy_difference=second)
        for against, first, second in zip(compared, macro_f1, accuracy, strict=True)
    ]


def _with_verdicts(differences: Sequence[Difference]) -> list[Difference]:
    p_values = _holm([difference.p for difference in differences])
    return [
        replace(difference, p_holm=p_value, significant=p_value < SIGNIFICANCE_LEVEL)
        for difference, p_value in zip(differences, p_values, strict=True)
    ]


def _holm(p_values: list[float]) -> list[float]:
    from statsmodels.stats.multitest import multipletests

    return multipletests(p_values, method="holm")[1].tolist() if p_values else []


def _differences(cells: NDArray[np.integer[Any]]) -> dict[str, NDArray[np.float64]]:
    """Macro-F1 and accuracy of the second classifier minus those of the first, of many tables (..., 6, 6, 6)."""
    first, second = scores_of(cells.sum(axis=-1)), scores_of(cells.sum(axis=-2))
    return {name: second[name] - first[name] for name in ("macro_f1", "accuracy")}


def _macro_f1(confusion: NDArray[Any]) -> NDArray[np.float64]:
    return scores_of(confusion)["macro_f1"]
