"""The texts on which compared runs disagree, those with the largest disagreement first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import N_EMOTIONS
from emotion_core.reporting.compare import Entry
from emotion_core.reporting.compared.candidates import MeasuredRun
from emotion_core.runs.predictions import PROBABILITY_COLUMNS, read_predictions


class Disagreements(NamedTuple):
    """Texts for which not all runs predicted the same emotion; all arrays have one row a text.

    Attributes:
        total: how many there are, of which those with the largest distance are given.
        texts: the texts.
        labels: true ids, shape (n,).
        predicted: the id that each entry predicted, shape (n, n_entries); of several seeds what most of them said.
        probabilities: that each entry gave to the id it predicted, shape (n, n_entries), the mean over its seeds;
            NaN without probabilities.
        agreeing: how many of its seeds predicted that, shape (n, n_entries); 1 of a single run.
    """

    total: int
    texts: list[str]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    agreeing: NDArray[np.int64]


class _Said(NamedTuple):
    """What an entry said of each text: the predicted ids (n,), mean probabilities (n, 6), and agreeing seeds (n,)."""

    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    agreeing: NDArray[np.int64]
    has_probabilities: bool


def find_disagreements(entries: Sequence[Entry], largest: int) -> Disagreements:
    """Find the texts on which the entries of `compare.ranked_runs` disagree.

    The distance of two entries on a text is half the sum of the absolute differences of their probabilities, of several
    seeds the mean ones: 0 when they are the same, 1 when each excludes what the other holds possible. Texts are ordered
    by the largest distance of any two entries; equally distant ones keep the order of the data. An entry without
    probabilities counts as sure of what it predicted.

    Args:
        entries: of runs that were measured on the same texts.
        largest: how many texts are wanted, at most.

    Raises:
        RunError: the predictions of a run cannot be read.
    """
    said = [_said(entry.runs) for entry in entries]
    predicted = np.stack([each.predicted for each in said], axis=1)
    probabilities = np.stack([each.probabilities for each in said], axis=1)
    differing = np.flatnonzero((predicted != predicted[:, :1]).any(axis=1))
    distances = _largest_distances(probabilities[differing])
    chosen = differing[np.argsort(-distances, kind="stable")[:largest]]
    of_predicted = np.take_along_axis(probabilities[chosen], predicted[chosen, :, None], axis=2)[..., 0]
    of_predicted[:, [not each.has_probabilities for each in said]] = np.nan
    first = read_predictions(entries[0].runs[0].path, "text").iloc[chosen]
    return Disagreements(
        len(differing),
        first["text"].tolist(),
        first["label"].to_numpy(),
        predicted[chosen],
        of_predicted,
        np.stack([each.agreeing for each in said], axis=1)[chosen],
    )


def _said(runs: Sequence[MeasuredRun]) -> _Said:
    columns = PROBABILITY_COLUMNS if all(run.metrics.log_loss is not None for run in runs) else ()
    tables = [read_predictions(run.path, *columns) for run in runs]
    each = [np.eye(N_EMOTIONS, dtype=np.int64)[table["predicted_label"].to_numpy()] for table in tables]
    votes = np.sum(each, axis=0)
    stated = [table[list(PROBABILITY_COLUMNS)].to_numpy() for table in tables] if columns else each
    probabilities = np.mean(stated, axis=0)
    predicted = (votes + probabilities / 2).argmax(axis=1)  # of emotions with as many votes the more probable one
    agreeing = np.take_along_axis(votes, predicted[:, None], axis=1)[:, 0]
    return _Said(predicted, probabilities, agreeing, has_probabilities=bool(columns))


def _largest_distances(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = np.zeros(len(probabilities))
    for first, second in combinations(range(probabilities.shape[1]), 2):
        distance = np.abs(probabilities[:, first] - probabilities[:, second]).sum(axis=1) / 2
        largest = np.maximum(largest, distance)
    return largest
