"""The columns that every table of predictions adds to the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emotion_core.labels import EMOTIONS, ID_TO_EMOTION

if TYPE_CHECKING:
    from emotion_core.evaluation.metrics import Probabilities

PROBABILITY_COLUMNS = tuple(f"probability_{name}" for name in EMOTIONS)
PREDICTION_COLUMNS = ("predicted_label", "predicted_emotion", *PROBABILITY_COLUMNS)


def prediction_cells(probabilities: Probabilities) -> list[tuple[int, str, *tuple[float, ...]]]:
    """The cells of `PREDICTION_COLUMNS` for each row of probabilities, shape (n, 6)."""
    labels = probabilities.argmax(axis=1).tolist()
    rounded = np.round(probabilities.astype(float), 6).tolist()
    return [(label, ID_TO_EMOTION[label], *row) for label, row in zip(labels, rounded, strict=True)]
