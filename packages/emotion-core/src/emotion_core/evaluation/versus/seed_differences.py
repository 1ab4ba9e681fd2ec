"""The difference of two trainings, of which several seeds were run and measured on the same texts.

The mean score over the seeds varies with the texts and with the seeds. The former is the standard error of the paired
difference, by the delta method as in `differences`, with the predictions of all seeds for a text taken together; the
latter is the variance of the scores over the seeds, divided by their number, of each training. Both are added, and the
sum is that of Student's distribution with the degrees of freedom of Welch and Satterthwaite (Biometrics Bulletin 2,
1946), where that of the texts is infinite. The interaction of seeds and texts is part of both, so that the interval is
rather too wide than too narrow (as in Owen, Annals of Applied Statistics 1, 2007). A training with one seed is taken as
it is. ``benchmarks/seed_difference.py`` shows how often it finds a difference where there is none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.evaluation.intervals import Floats
from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of
from emotion_core.evaluation.versus.differences import SLOPES, occurring, two_texts
from emotion_core.imports import needs

Ids = NDArray[np.integer[Any]]


class SeedDifference(NamedTuple):
    """The mean score of the second training minus that of the first, its 95 % interval, and p of no difference."""

    value: float
    low: float
    high: float
    p: float


def seed_differences(labels: Ids, first: Ids, second: Ids) -> dict[str, SeedDifference]:
    """Of ``macro_f1`` and ``accuracy``.

    Args:
        labels: true ids, shape (n,).
        first, second: the ids that each seed of a training predicted, shape (n_seeds, n); the numbers may differ.
    """
    needs("study", "scipy", who="comparing seeds")
    from scipy.stats import t as student

    tables = [np.stack([confusion_matrix(labels, row) for row in predicted]) for predicted in (first, second)]
    added = two_texts(np.any([occurring(table).any(axis=0) for table in tables], axis=0))
    found = {}
    for name, slopes in SLOPES.items():
        scores = [scores_of(table)[name] for table in tables]
        smoothed = [
            slopes(table + added.sum(axis=axis), occurring(table)) for table, axis in zip(tables, (-1, -2), strict=True)
        ]
        values, effects = zip(*smoothed, strict=True)
        of_texts = _variance(labels, (first, second), effects, added)
        of_seeds = [float(score.var(ddof=1)) / len(score) if len(score) > 1 else 0.0 for score in scores]
        error = np.sqrt(of_texts + sum(of_seeds))
        own = sum(part**2 / (len(score) - 1) for part, score in zip(of_seeds, scores, strict=True) if part)
        distribution = student((of_texts + sum(of_seeds)) ** 2 / own if own else np.inf)
        reach = distribution.ppf(0.975) * error
        value = float(scores[1].mean() - scores[0].mean())
        centre = float(values[1].mean() - values[0].mean())
        low, high = max(-1.0, min(centre - reach, value)), min(1.0, max(centre + reach, value))
        found[name] = SeedDifference(value, float(low), float(high), float(2 * distribution.sf(abs(value) / error)))
    return found


def _variance(labels: Ids, predicted: tuple[Ids, Ids], effects: tuple[Floats, ...], added: Floats) -> float:
    """The variance over the texts, those that are added included, of the difference of the mean scores.

    Args:
        labels: true ids, shape (n,).
        predicted: by the two trainings, shape (n_seeds, n) each.
        effects: how much a text more in each cell of a confusion matrix changes the score, shape (n_seeds, 6, 6) each.
        added: texts by true class, first and second prediction, shape (6, 6, 6).
    """
    sides = [
        effect[np.arange(len(rows))[:, None], labels, rows].mean(axis=0)
        for effect, rows in zip(effects, predicted, strict=True)
    ]
    of_cells = effects[1].mean(axis=0)[:, None, :] - effects[0].mean(axis=0)[:, :, None]
    values = np.append(sides[1] - sides[0], of_cells)
    weights = np.append(np.ones(len(labels)), added)
    mean = np.average(values, weights=weights)
    return float((weights * (values - mean) ** 2).sum())
