"""The columns that every table of predictions adds to the texts."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emotion_core.classifier import renormalize
from emotion_core.errors import RunError
from emotion_core.imports import needs
from emotion_core.labels import EMOTIONS, ID_TO_EMOTION, N_EMOTIONS
from emotion_core.runs.folder import PREDICTIONS_FILE

if TYPE_CHECKING:
    import pandas as pd

    from emotion_core.classifier import Probabilities

PROBABILITY_COLUMNS = tuple(f"probability_{name}" for name in EMOTIONS)
LABEL_COLUMNS = ("predicted_label", "predicted_emotion")
PREDICTION_COLUMNS = (*LABEL_COLUMNS, *PROBABILITY_COLUMNS)
NEUTRAL_COLUMN = "neutral"
"""The probability that a text shows none of the emotions, which only runs with a neutral gate tell."""


def prediction_cells(
    probabilities: Probabilities, only: Collection[str] | None = None
) -> list[tuple[int, str, *tuple[float | None, ...]]]:
    """The cells of `PREDICTION_COLUMNS` for each row of probabilities, shape (n, 6).

    Where it is decided among ``only`` some emotions, the others have None, so that nobody takes it for one among six.
    """
    if only is not None:
        probabilities = renormalize(probabilities, only)
    labels = probabilities.argmax(axis=1).tolist()
    rounded = np.round(probabilities.astype(float), 6).tolist()
    if only is not None:
        rounded = [[p if name in only else None for name, p in zip(EMOTIONS, row, strict=True)] for row in rounded]
    return [(label, ID_TO_EMOTION[label], *row) for label, row in zip(labels, rounded, strict=True)]


def read_predictions(run_dir: str | Path, *columns: str) -> pd.DataFrame:
    """The ids ``label`` and ``predicted_label`` of each text that a run was measured on, and further columns.

    Args:
        run_dir: of the run.
        columns: of ``predictions.csv``: ``text``, which comes as it is, or the names of probabilities, which are 0
            where `prediction_cells` has None.

    Raises:
        RunError: the file or a column is missing, or a value is not of its kind.
    """
    needs("study", "pandas", who="reading predictions")
    import pandas as pd

    path = Path(run_dir) / PREDICTIONS_FILE
    types = {"label": int, "predicted_label": int} | {name: str if name == "text" else float for name in columns}
    try:
        # With keep_default_na a text "nan" or "" would be no text; emotions left out by --only are empty.
        missing = {name: [""] for name in columns if name != "text"}
        table = pd.read_csv(path, usecols=list(types), dtype=types, keep_default_na=False, na_values=missing)
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read ({error}). Train or evaluate the run again.") from error
    ids = table[["label", "predicted_label"]]
    if not ids.isin(range(N_EMOTIONS)).all(axis=None):
        raise RunError(f"{path}: has a label that is not one of 0 to {N_EMOTIONS - 1}. Evaluate the run again.")
    return table.fillna(dict.fromkeys(missing, 0.0))
