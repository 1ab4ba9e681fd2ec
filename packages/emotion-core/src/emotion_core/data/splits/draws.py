"""The seeded draws: rows with the label shares of the whole, and folds that keep groups together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_stratified(labels: NDArray[np.int64], size: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw ``size`` rows with the label shares of the whole: the rows that are left, and those that are drawn.

    The seed draws the rows that ``train_test_split`` of scikit-learn draws with it, in that order.

    Raises:
        ValueError: a class has fewer than two rows, or there are more classes than rows on one side.
    """
    classes, of_rows, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2 or min(size, len(labels) - size) < len(classes):
        raise ValueError(f"found {counts.tolist()} rows of the classes, too few for {size} of {len(labels)}")
    rng = np.random.RandomState(seed)
    kept = _shares(counts, len(labels) - size, rng)
    drawn = _shares(counts - kept, size, rng)
    sides: tuple[list[int], list[int]] = ([], [])
    for label in range(len(classes)):
        rows = rng.permutation(np.flatnonzero(of_rows == label))
        sides[0].extend(rows[: kept[label]])
        sides[1].extend(rows[kept[label] : kept[label] + drawn[label]])
    return rng.permutation(sides[0]), rng.permutation(sides[1])


def _shares(counts: NDArray[np.int64], size: int, rng: np.random.RandomState) -> NDArray[np.int64]:
    """How many of ``size`` rows each class gets; what rounding leaves over goes to the largest remainders."""
    exact = counts / counts.sum() * size
    shares = np.floor(exact)
    remainders, missing = exact - shares, int(size - shares.sum())
    for remainder in np.unique(remainders)[::-1]:
        if not missing:
            break
        tied = np.flatnonzero(remainders == remainder)
        chosen = rng.choice(tied, size=min(len(tied), missing), replace=False)
        shares[chosen] += 1
        missing -= len(chosen)
    whole: NDArray[np.int64] = shares.astype(np.int64)
    return whole


def draw_folds(labels: NDArray[np.int64], groups: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each row, shape (n,); the rows of a group stay together.

    The groups are shuffled, those of one label come first, and each goes where the shares of the labels then differ
    least between the folds: ``StratifiedGroupKFold(shuffle=True)`` of scikit-learn makes the same folds of a seed.

    Args:
        labels, groups: of each row, shape (n,); groups are numbered from 0.
        folds: how many.
        seed: of the shuffling.
    """
    classes, of_rows, totals = np.unique(labels, return_inverse=True, return_counts=True)
    counts = np.zeros((groups.max() + 1, len(classes)))
    np.add.at(counts, (groups, of_rows), 1)
    order = np.arange(len(counts))
    np.random.RandomState(seed).shuffle(order)
    order = order[np.argsort(-np.std(counts[order], axis=1), kind="stable")]
    filled, fold_of = np.zeros((folds, len(classes))), np.zeros(len(counts), dtype=np.int64)
    for group in order:
        # Each fold in turn gets the group on trial: shape (folds on trial, folds, classes).
        trials = (filled + np.eye(folds)[:, :, None] * counts[group]) / totals
        spreads = np.std(trials, axis=1).mean(axis=1).tolist()
        fold_of[group] = _best_fold(spreads, filled.sum(axis=1).tolist())
        filled[fold_of[group]] += counts[group]
    return fold_of[groups]


def _best_fold(spreads: list[float], sizes: list[float]) -> int:
    """The fold with the smallest spread; of nearly equal ones that with the fewest rows."""
    best = 0
    for fold in range(1, len(spreads)):
        tied = abs(spreads[fold] - spreads[best]) <= 1e-8 + 1e-5 * spreads[best]
        if spreads[fold] < spreads[best] or (tied and sizes[fold] < sizes[best]):
            best = fold
    return best
