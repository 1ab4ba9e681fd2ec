"""How often two equally good trainings are said to differ, with several seeds of each.

    python benchmarks/seed_difference.py --sets 2000

Each set draws the texts, how hard each of them is, how good each seed is, and what each seed says of each text. The two
trainings are the same, so that a test at 5 % should find a difference in at most 5 % of the sets. The ways:

- ``seeds``: what `emotion_core.evaluation.versus.seed_differences` does, with the variance of texts and of seeds.
- ``luckiest``: the best seed of each, as two single runs.
- ``one``: one seed of the first against the best seed of the second.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of
from emotion_core.evaluation.versus.seed_differences import seed_differences
from emotion_core.labels import N_EMOTIONS
from emotion_core.system.environment import host, installed_versions

SHARES = np.array([0.29, 0.335, 0.08, 0.135, 0.12, 0.04])
"""Of the emotions, as in the public tweets."""

LEVEL = 0.05


def predicted(rng: np.random.Generator, labels: Any, hard: Any, seeds: int, spread: float) -> NDArray[np.int64]:
    """What each of some seeds says, shape (seeds, n): the better the seed and the easier the text, the more is right.

    Args:
        rng: draws.
        labels: true ids, shape (n,).
        hard: of each text and each emotion, shape (n,).
        seeds: how many.
        spread: standard deviation of what a seed adds to the logit of being right.
    """
    good = rng.normal(0, spread, (seeds, 1)) + rng.normal(0, spread, (seeds, N_EMOTIONS))[:, labels]
    right = rng.random((seeds, len(labels))) < 1 / (1 + np.exp(-(2.0 + good - hard + rng.normal(0, 1, good.shape))))
    other = (labels + rng.integers(1, N_EMOTIONS, right.shape)) % N_EMOTIONS
    return np.where(right, labels, other)


def best(labels: Any, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The predictions of the seed with the highest macro-F1, shape (1, n)."""
    scores = [scores_of(confusion_matrix(labels, row))["macro_f1"] for row in rows]
    return rows[[int(np.argmax(scores))]]


def found(rng: np.random.Generator, texts: int, seeds: tuple[int, int], spread: float) -> dict[str, bool]:
    """Which ways find a difference in one set."""
    labels = rng.choice(N_EMOTIONS, texts, p=SHARES)
    hard = rng.normal(0, 1.5, texts)
    first, second = (predicted(rng, labels, hard, count, spread) for count in seeds)
    pairs = {
        "seeds": (first, second),
        "luckiest": (best(labels, first), best(labels, second)),
        "one": (first[:1], best(labels, second)),
    }
    told = {name: seed_differences(labels, *pair) for name, pair in pairs.items()}
    macro_f1 = {name: differences["macro_f1"].p < LEVEL for name, differences in told.items()}
    return macro_f1 | {"seeds, accuracy": told["seeds"]["accuracy"].p < LEVEL}


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2000)
    sets = parser.parse_args().sets
    rows = []
    for texts in (150, 2000):
        for spread in (0.0, 0.1, 0.3):
            for seeds in ((2, 2), (3, 3), (5, 5), (5, 2)):
                rng = np.random.default_rng(1)
                told = [found(rng, texts, seeds, spread) for _ in range(sets)]
                shares = {name: round(float(np.mean([each[name] for each in told])), 4) for name in told[0]}
                rows.append({"texts": texts, "spread": spread, "seeds": seeds, **shares})
    print(json.dumps({"sets": sets, "rows": rows, "host": host(), "versions": installed_versions()}))


if __name__ == "__main__":
    main()
