"""How often 95 % intervals hold the truth: those that are used, beside three kinds of bootstrap.

    python benchmarks/interval_coverage.py --sets 1000

Populations, truth and coverage are defined in `tests/support/interval_coverage.py`. For 30 to 2,000 texts and true
accuracies of 0.6 to 0.99, with emotions as frequent as in the public tweets and equally frequent: the lowest and the
highest coverage of each score, where that was, and the mean width.

- ``used``: what `emotion_core.evaluation` computes.
- ``percentile``: the bootstrap that draws the texts with replacement, which was used before.
- ``bayesian``: the Bayesian bootstrap (Rubin 1981), which weights the texts at random.
- ``smoothed``: the Bayesian bootstrap with half a text more that is right and half a text that is wrong, spread evenly.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from emotion_core.evaluation.intervals import even_mistake, proportion_bounds, score_bounds
from emotion_core.evaluation.scores import scores_of
from emotion_core.evaluation.versus.differences import difference_bounds
from emotion_core.labels import N_EMOTIONS
from emotion_core.system.environment import host, installed_versions
from interval_coverage import (
    ACCURACIES,
    SHARES,
    SIZES,
    Bounds,
    Population,
    average_coverage,
    class_coverage,
    class_proportions,
    difference_coverage,
    only_one_right,
    proportion_coverage,
)

REPLICATES = 500
AVERAGES = tuple(f"{average}_{name}" for average in ("macro", "weighted") for name in ("precision", "recall", "f1"))

Draw = Callable[[NDArray[np.int64], np.random.Generator], NDArray[np.float64]]
"""Replicates of a table of counts."""


def percentile(table: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Texts drawn with replacement."""
    total = int(table.sum())
    return rng.multinomial(total, table.ravel() / total, size=REPLICATES).reshape(-1, *table.shape).astype(float)


def bayesian(table: NDArray[np.int64] | NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Texts weighted at random."""
    return rng.standard_gamma(table.ravel().astype(float), (REPLICATES, table.size)).reshape(-1, *table.shape)


def smoothed(table: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """As `bayesian`, with a text more, half of which is right."""
    occurs = (table.sum(axis=0) + table.sum(axis=1)) > 0
    more = even_mistake(occurs) / 2 + np.diag(occurs / occurs.sum() / 2)
    return bayesian(table + more, rng)


def bootstrap_bounds(draw: Draw) -> Callable[[NDArray[np.int64]], dict[str, Bounds]]:
    """The central 95 % of the replicates of each average, which always hold the value itself."""

    def bounds(tables: NDArray[np.int64]) -> dict[str, Bounds]:
        rng, found = np.random.default_rng(0), scores_of(tables)
        low, high = ({name: np.empty(len(tables)) for name in AVERAGES} for _ in range(2))
        for number, table in enumerate(tables):
            scores = scores_of(draw(table, rng))
            for name in AVERAGES:
                low[name][number], high[name][number] = np.quantile(scores[name], [0.025, 0.975])
        return {name: (np.minimum(low[name], found[name]), np.maximum(high[name], found[name])) for name in AVERAGES}

    return bounds


METHODS: dict[str, Callable[[Any], dict[str, Bounds]]] = {
    "used": score_bounds,
    "percentile": bootstrap_bounds(percentile),
    "bayesian": bootstrap_bounds(bayesian),
    "smoothed": bootstrap_bounds(smoothed),
}


def summary(rows: list[tuple[float, dict[str, Any]]]) -> dict[str, Any]:
    """The lowest and the highest coverage, and where each was."""
    ordered = sorted(rows, key=lambda row: row[0])
    return {end: {"coverage": round(row[0], 4), **row[1]} for end, row in (("low", ordered[0]), ("high", ordered[-1]))}


def populations(factor: float = 1.0) -> list[tuple[dict[str, Any], Population, int]]:
    """What is measured: how it is called, the population, and the number of texts."""
    return [
        ({"shares": name, "texts": texts, "accuracy": accuracy}, Population(shares, accuracy, factor), texts)
        for name, shares in SHARES.items()
        for texts in SIZES
        for accuracy in ACCURACIES
    ]


def class_rows(score: str) -> list[tuple[float, dict[str, Any]]]:
    """The coverage of a score of each emotion, with the mistakes that are expected among the texts that count."""
    rows = []
    for where, population, texts in populations():
        truths, shares = class_proportions(population)[score]
        for label in range(N_EMOTIONS):
            truth, share = float(truths[label]), float(shares[label])
            mistakes = round(texts * share * (1 - truth), 2)
            covered = class_coverage(proportion_bounds, truth, texts, share)
            rows.append((covered, {**where, "label": label, "mistakes": mistakes}))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=1000, help="simulated test sets of each kind")
    sets = parser.parse_args().sets
    accuracy = [
        (proportion_coverage(proportion_bounds, population.accuracy, texts), where)
        for where, population, texts in populations()
    ]
    result: dict[str, Any] = {"benchmark": "interval_coverage", "sets": sets, "accuracy": summary(accuracy)}
    for score in ("precision", "recall", "f1"):
        rows = class_rows(score)
        result[score] = {
            "all": summary(rows),
            "with a mistake expected": summary([row for row in rows if row[1]["mistakes"] >= 1]),
        }
    for method, bounds in METHODS.items():
        found = [
            (average_coverage(bounds, population, texts, sets), where) for where, population, texts in populations()
        ]
        result[method] = {name: summary([(covered[name], where) for covered, where in found]) for name in AVERAGES}
    pairs = [
        (
            difference_coverage(difference_bounds, population, texts, sets),
            {**where, "factor": factor, "only one right": round(texts * only_one_right(population), 1)},
        )
        for factor in (1.0, 1.5)
        for where, population, texts in populations(factor)
    ]
    for name in ("macro_f1", "accuracy"):
        rows = [(covered[name], where) for covered, where in pairs]
        many = [row for row in rows if row[1]["only one right"] >= 10]
        result[f"difference of {name}"] = {"all": summary(rows), "with 10 that one alone has right": summary(many)}
    print(json.dumps({**result, "host": host(), "versions": installed_versions()}, indent=2))


if __name__ == "__main__":
    main()
