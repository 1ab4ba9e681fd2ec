"""95 % intervals of scores over the texts, which keep their width where no mistake was seen.

Accuracy, precision and recall are proportions, and have Wilson's interval, modified at its ends as Brown, Cai and
DasGupta proposed (Statistical Science 16, 2001, section 4.1.1). So has F1 of one emotion: with TP of the m texts that
have the emotion as label or prediction right, F1 is 2J / (1 + J) of the proportion J = TP / m.

An average of several emotions has Wilson's interval for as many texts as a proportion would need to vary as much, its
effective number (Korn and Graubard, Survey Methodology 24, 1998). Its centre takes each emotion as if half a text more
had been seen, right as often as texts are in general: an emotion of one text says little about itself. Means of
anything else, such as the log loss, have percentiles of a bootstrap (Efron and Tibshirani 1993, chapter 13).

``benchmarks/interval_coverage.py`` shows how often these and other intervals hold the truth.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.evaluation.scores import SCORES, ratio, scores_of
from emotion_core.labels import EMOTIONS, N_EMOTIONS

N_REPLICATES = 2000
CONFIDENCE_LEVEL = 0.95
BOOTSTRAP_SEED = 42
TAIL = (1 - CONFIDENCE_LEVEL) / 2
Z = NormalDist().inv_cdf(1 - TAIL)

MEAN_BATCHES = 20
"""Replicates of a mean are drawn in so many goes, which bounds the memory."""

ENDS = {1: 0.0513, 2: 0.3554}
"""The means of Poisson distributions that reach 1 and 2 with a probability of 5 %: the texts that are expected, at
least, where 1 or 2 were counted."""

Floats = NDArray[np.float64]


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
    bounds = score_bounds(confusion)
    per_class = {
        emotion: {name: Interval(*(float(bound[label]) for bound in bounds[name])) for name in SCORES}
        for label, emotion in enumerate(EMOTIONS)
    }
    averages = {name: Interval(*map(float, pair)) for name, pair in bounds.items() if name not in SCORES}
    return Intervals(averages, per_class)


def score_bounds(confusion: NDArray[Any]) -> dict[str, tuple[Floats, Floats]]:
    """The lower and upper bounds of what `scores_of` gives, of many confusion matrices at once.

    Args:
        confusion: counts, shape (..., 6, 6), rows true and columns predicted, each with one text or more.

    Returns:
        Two arrays of the shape of each score; 0 and 1 where the score of an emotion is undefined.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    support, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    total = support.sum(axis=-1)
    occurs = (support + predicted) > 0
    values = scores_of(confusion)
    bounds = {"accuracy": proportion_bounds(hits.sum(axis=-1), total)}
    weights = {"macro": ratio(occurs, occurs.sum(axis=-1, keepdims=True)), "weighted": ratio(support, total[..., None])}
    for name, counts in {"precision": predicted, "recall": support, "f1": support + predicted - hits}.items():
        low, high = proportion_bounds(hits, counts)
        bounds[name] = (_f1(low), _f1(high)) if name == "f1" else (low, high)
        related = _f1_correlations(confusion) if name == "f1" else np.eye(N_EMOTIONS)
        for average, weight in weights.items():
            found = _average_bounds(
                hits, counts, weight, related, of_f1=name == "f1", texts=total if average == "weighted" else None
            )
            value = values[f"{average}_{name}"]
            bounds[f"{average}_{name}"] = np.clip(found[0], 0, value), np.clip(found[1], value, 1)
    return {**bounds, "weighted_recall": bounds["accuracy"]}


def proportion_bounds(hits: NDArray[Any], counts: NDArray[Any]) -> tuple[Floats, Floats]:
    """The modified Wilson interval of ``hits`` out of ``counts``, arrays of one shape; 0 and 1 where nothing counts."""
    low, high = _wilson(ratio(hits, counts), np.maximum(counts, 1))
    misses = counts - hits
    for number, expected in ENDS.items():
        low = np.where(hits == number, np.minimum(low, ratio(expected, counts)), low)
        high = np.where(misses == number, np.maximum(high, 1 - ratio(expected, counts)), high)
    return np.where(hits == 0, 0.0, low), np.where(misses == 0, 1.0, high)


def _wilson(share: Floats, texts: NDArray[Any]) -> tuple[Floats, Floats]:
    """The shares that a test at 5 % does not reject (Wilson 1927)."""
    centre = (share + Z**2 / (2 * texts)) / (1 + Z**2 / texts)
    half = Z / (1 + Z**2 / texts) * np.sqrt(share * (1 - share) / texts + (Z / (2 * texts)) ** 2)
    return centre - half, centre + half


def _average_bounds(
    hits: NDArray[Any], counts: NDArray[Any], weights: Floats, related: Floats, *, of_f1: bool, texts: Floats | None
) -> tuple[Floats, Floats]:
    """Wilson's interval of a weighted mean of the scores of emotions, for its effective number of texts.

    Args:
        hits, counts: of the proportion of each emotion, shape (..., 6).
        weights: of each emotion, in sum 1.
        related: correlations of the scores, (..., 6, 6).
        of_f1: the scores are F1 of these proportions.
        texts: how many there are if the weights are the shares of their labels, and so vary as well; else None.
    """
    pooled = ratio(hits.sum(axis=-1), counts.sum(axis=-1))[..., None]
    centre = (hits + pooled / 2) / (counts + 0.5)
    careful = (hits + Z**2 / 2) / (counts + Z**2)  # as Agresti and Coull (1998): of 1 text that is right, 0.6 and not 1
    # F1 also varies with how many texts it is of; one less makes up for that, as simulation shows.
    spread = np.sqrt(careful * (1 - careful) / np.maximum(counts - of_f1, 1))
    if of_f1:
        centre, careful, spread = _f1(centre), _f1(careful), spread * 2 / (1 + careful) ** 2
    parts = weights * spread
    variance = np.einsum("...i,...ij,...j->...", parts, related, parts)
    mean = (weights * careful).sum(axis=-1)
    if texts is not None:
        variance = variance + (weights * (careful - mean[..., None]) ** 2).sum(axis=-1) / texts
    return _wilson((weights * centre).sum(axis=-1), mean * (1 - mean) / variance)


def _f1(proportion: Floats) -> Floats:
    """F1 of the share of right texts among those that have an emotion as label or prediction."""
    return 2 * proportion / (1 + proportion)


def _f1_correlations(confusion: NDArray[Any]) -> Floats:
    """How F1 of the emotions vary together, (..., 6, 6): a mistake lowers that of two.

    By the delta method, with one mistake more than was counted, spread evenly.
    """
    occurs = (confusion.sum(axis=-1) + confusion.sum(axis=-2)) > 0
    table = confusion + even_mistake(occurs)
    each = np.eye(N_EMOTIONS)
    both, either = each[:, :, None] * each[:, None, :], each[:, :, None] + each[:, None, :]
    slopes = 2 * both - scores_of(table)["f1"][..., None, None] * either
    covariance = np.einsum("...ij,...cij,...dij->...cd", table, slopes, slopes)
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    related = ratio(covariance, spread[..., :, None] * spread[..., None, :])
    return np.where(np.eye(N_EMOTIONS, dtype=bool), 1.0, related)


def even_mistake(occurs: NDArray[np.bool_]) -> Floats:
    """One mistake, spread over the cells between the emotions that occur (..., 6): a confusion matrix (..., 6, 6).

    If one emotion alone occurs, it is taken for any other.
    """
    taken_for = occurs | (occurs.sum(axis=-1, keepdims=True) == 1)
    wrong = occurs[..., :, None] & taken_for[..., None, :] & ~np.eye(N_EMOTIONS, dtype=bool)
    return ratio(wrong, wrong.sum(axis=(-2, -1), keepdims=True))


def mean_interval(values: Floats) -> Interval:
    """95 % bootstrap interval of a mean over rows, shape (n,): that of ``scipy.stats.bootstrap``, to the last bit."""
    if len(values) < 2 or np.ptp(values) == 0:
        return Interval(float(values.mean()), float(values.mean()))
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    size = (N_REPLICATES // MEAN_BATCHES, len(values))
    means = [values[rng.integers(0, len(values), size)].mean(axis=1) for _ in range(MEAN_BATCHES)]
    replicates = np.sort(np.concatenate(means))
    return Interval(_quantile(replicates, TAIL), _quantile(replicates, 1 - TAIL))


def _quantile(ordered: Floats, share: float) -> float:
    # np.quantile interpolates the same numbers in another way, and so rounds otherwise.
    place = share * len(ordered) + (1 - share)
    below, part = int(place) - 1, place % 1
    return float((1 - part) * ordered[below] + part * ordered[below + 1])
