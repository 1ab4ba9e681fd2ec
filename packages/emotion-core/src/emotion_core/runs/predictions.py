"""The columns that every table of predictions adds to the texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

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


def prediction_cells(probabilities: Probabilities) -> list[tuple[int, str, *tuple[float, ...]]]:
    """The cells of `PREDICTION_COLUMNS` for each row of probabilities, shape (n, 6)."""
    labels = probabilities.argmax(axis=1).tolist()
    rounded = np.round(probabilities.astype(float), 6).tolist()
    return [(label, ID_TO_EMOTION[label], *row) for label, row in zip(labels, rounded, strict=True)]


def read_predictions(run_dir: str | Path, *columns: str) -> pd.DataFrame:
    """The ids ``label`` and ``predicted_label`` of each text that a run was measured on, and further columns.

    Args:
        run_dir: of the run.
        columns: of ``predictions.csv``: ``text``, which comes as it is, or the names of probabilities.

    Raises:
        RunError: the file or a column is missing, or a value is not of its kind.
    """
    needs("study", "pandas", who="reading predictions")
    import pandas as pd

    path = Path(run_dir) / PREDICTIONS_FILE
    types = {"label": int, "predicted_label": int} | {name: str if name == "text" else float for name in columns}
    try:
        # Without keep_default_na a text "nan" or "" would be no text.
        table = pd.read_csv(path, usecols=list(types), dtype=types, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read ({error}). Train or evaluate the run again.") from error
    ids = table[["label", "predicted_label"]]
    if not ids.isin(range(N_EMOTIONS)).all(axis=None):
        raise RunError(f"{path}: has a label that is not one of 0 to {N_EMOTIONS - 1}. Evaluate the run again.")
    return table
