"""How often 95 % intervals hold the truth.

A population is the probability of each cell of a confusion matrix, its truth the score of these probabilities. A test
set is so many texts drawn from it, each by itself. The coverage of an interval is the share of test sets in which it
holds the truth:

- of accuracy, exactly, as the sum over all numbers of right texts;
- of precision, recall and F1 of an emotion, exactly, among the test sets in which the score is defined;
- of averages and differences, by simulation. The truth of a macro average is the mean over the emotions that the test
  set has, as labels or predictions; of an emotion that was predicted and has no text, the score in the population.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from emotion_core.evaluation.scores import SCORES, ratio, scores_of
from emotion_core.labels import N_EMOTIONS

SIZES = (30, 60, 90, 300, 2000)
ACCURACIES = (0.6, 0.9, 0.95, 0.99)
LEAST, MOST = 0.92, 0.985

EVEN = np.full(N_EMOTIONS, 1 / N_EMOTIONS)
TWEETS = np.array([0.2916, 0.3351, 0.0815, 0.1349, 0.1211, 0.0358])
"""The shares of the emotions among the public emotion tweets."""
SHARES = {"even": EVEN, "tweets": TWEETS}

RARE = 1e-7
"""Numbers of texts that are less probable than this are passed over."""

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


class Population(NamedTuple):
    """What test sets are drawn from: emotions of certain shares, each right as often as all are.

    Attributes:
        shares: of the emotions, in sum 1.
        accuracy: of the classifier, or of the first one.
        factor: how many times as many mistakes the second classifier makes.
    """

    shares: NDArray[np.float64]
    accuracy: float
    factor: float = 1.0

    def confusion(self) -> NDArray[np.float64]:
        """The probabilities of the cells, 6 x 6: mistakes fall on the other emotions in proportion to their shares."""
        return self.shares[:, None] * (self.accuracy * np.eye(N_EMOTIONS) + (1 - self.accuracy) * self._mistaken())

    def pair(self) -> NDArray[np.float64]:
        """Of label, first and second prediction, 6 x 6 x 6: they share half of the first's mistakes, 6 of 10 alike."""
        first, second = 1 - self.accuracy, self.factor * (1 - self.accuracy)
        both, right, mistaken = first / 2, np.eye(N_EMOTIONS), self._mistaken()
        alike = mistaken[:, :, None] * np.eye(N_EMOTIONS)
        cells = both * (0.6 * alike + 0.4 * mistaken[:, :, None] * mistaken[:, None, :])
        cells += (1 - first - second + both) * right[:, :, None] * right[:, None, :]
        cells += (first - both) * mistaken[:, :, None] * right[:, None, :]
        cells += (second - both) * right[:, :, None] * mistaken[:, None, :]
        return self.shares[:, None, None] * cells

    def _mistaken(self) -> NDArray[np.float64]:
        others = self.shares * (1 - np.eye(N_EMOTIONS))
        return others / others.sum(axis=1, keepdims=True)


def proportion_coverage(bounds: Callable[[Any, Any], Bounds], truth: float, texts: int) -> float:
    """Of a proportion of so many texts, exactly."""
    few, many = binom.ppf([RARE, 1 - RARE], texts, truth).astype(int)
    hits = np.arange(few, many + 1)
    low, high = bounds(hits, np.full(len(hits), texts))
    return float(binom.pmf(hits, texts, truth)[(low <= truth) & (truth <= high)].sum())


def class_coverage(bounds: Callable[[Any, Any], Bounds], truth: float, texts: int, share: float) -> float:
    """Of a proportion of those of ``texts`` that count, each with probability ``share``, exactly, if any counts."""
    numbers = np.arange(1, texts + 1)
    weights = binom.pmf(numbers, texts, share)
    likely = weights > RARE
    covered = [proportion_coverage(bounds, truth, int(number)) for number in numbers[likely]]
    return float(np.average(covered, weights=weights[likely]))


def class_proportions(population: Population) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The proportion that precision, recall and F1 of each emotion come from, and the share of texts that count."""
    cells = population.confusion()
    hits, support, predicted = np.diagonal(cells), cells.sum(axis=1), cells.sum(axis=0)
    counts = {"precision": predicted, "recall": support, "f1": support + predicted - hits}
    return {name: (hits / share, share) for name, share in counts.items()}


def average_coverage(
    score_bounds: Callable[[Any], dict[str, Bounds]], population: Population, texts: int, sets: int
) -> dict[str, float]:
    """Of the macro and weighted averages, in so many simulated test sets."""
    cells = population.confusion()
    drawn = np.random.default_rng(texts).multinomial(texts, cells.ravel(), size=sets).reshape(sets, *cells.shape)
    truth, bounds = _truth(cells, drawn), score_bounds(drawn)
    return {name: _share(bounds[name], truth[name]) for name in truth}


def difference_coverage(
    difference_bounds: Callable[[Any], dict[str, Bounds]], population: Population, texts: int, sets: int
) -> dict[str, float]:
    """Of the differences of macro-F1 and accuracy of two classifiers, in so many simulated test sets."""
    cells = population.pair()
    drawn = np.random.default_rng(texts).multinomial(texts, cells.ravel(), size=sets).reshape(sets, *cells.shape)
    first, second = (_truth(cells.sum(axis=axis), drawn.sum(axis=axis)) for axis in (-1, -2))
    bounds = difference_bounds(drawn)
    accuracy = (1 - population.factor) * (1 - population.accuracy)
    return {
        "macro_f1": _share(bounds["macro_f1"], second["macro_f1"] - first["macro_f1"]),
        "accuracy": _share(bounds["accuracy"], np.full(sets, accuracy)),
    }


def only_one_right(population: Population) -> float:
    """The share of texts that one of two classifiers alone has right."""
    mistakes = 1 - population.accuracy
    return mistakes * population.factor  # of each half of the first's mistakes: those of its own, and the second's own


def _truth(cells: NDArray[np.float64], drawn: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    scores, occurs = scores_of(cells), (drawn.sum(axis=-1) + drawn.sum(axis=-2)) > 0
    truth = {f"macro_{name}": ratio((scores[name] * occurs).sum(-1), occurs.sum(-1)) for name in SCORES}
    return truth | {f"weighted_{name}": np.full(len(drawn), scores[f"weighted_{name}"]) for name in SCORES}


def _share(bounds: Bounds, truth: NDArray[np.float64]) -> float:
    low, high = bounds
    return float(((low <= truth + 1e-12) & (truth - 1e-12 <= high)).mean())
