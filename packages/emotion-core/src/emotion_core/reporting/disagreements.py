"""The texts on which compared runs disagree, those with the largest disagreement first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.reporting.compare import Entry
from emotion_core.runs.predictions import PROBABILITY_COLUMNS, read_predictions


class Disagreements(NamedTuple):
    """Texts for which not all runs predicted the same emotion; all arrays have one row a text."""

    total: int
    """How many there are, of which those with the largest distance are given."""

    texts: list[str]

    labels: NDArray[np.int64]
    """True ids, shape (n,)."""

    predicted: NDArray[np.int64]
    """The id that each run predicted, shape (n, runs)."""

    probabilities: NDArray[np.float64]
    """The probability that each run gave to the id it predicted, shape (n, runs)."""


def find_disagreements(entries: Sequence[Entry], largest: int) -> Disagreements:
    """Find the texts on which the runs of `compare.ranked_runs` disagree.

    The distance of two runs on a text is half the sum of the absolute differences of their probabilities: 0 when they
    are the same, 1 when each run excludes what the other holds possible. Texts are ordered by the largest distance of
    any two runs; equally distant ones keep the order of the data.

    Args:
        entries: of runs that were measured on the same texts.
        largest: how many texts are wanted, at most.

    Raises:
        RunError: the predictions of a run cannot be read.
    """
    tables = [read_predictions(entry.path, "text", *PROBABILITY_COLUMNS) for entry in entries]
    predicted = np.stack([table["predicted_label"].to_numpy() for table in tables], axis=1)
    probabilities = np.stack([table[list(PROBABILITY_COLUMNS)].to_numpy() for table in tables], axis=1)
    differing = np.flatnonzero((predicted != predicted[:, :1]).any(axis=1))
    distances = _largest_distances(probabilities[differing])
    chosen = differing[np.argsort(-distances, kind="stable")[:largest]]
    of_predicted = np.take_along_axis(probabilities[chosen], predicted[chosen, :, None], axis=2)[..., 0]
    first = tables[0].iloc[chosen]
    return Disagreements(
        len(differing), first["text"].tolist(), first["label"].to_numpy(), predicted[chosen], of_predicted
    )


def _largest_distances(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = np.zeros(len(probabilities))
    for first, second in combinations(range(probabilities.shape[1]), 2):
        distance = np.abs(probabilities[:, first] - probabilities[:, second]).sum(axis=1) / 2
        largest = np.maximum(largest, distance)
    return largest
