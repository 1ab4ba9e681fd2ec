"""What a hyperparameter search leaves: one ranked row a point as CSV, and macro-F1 over the settings as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emotion_core.errors import RunError
from emotion_core.evaluation import figures

TABLE_FILE = "trials.csv"
FIGURES = ("macro_f1", "accuracy", "val_loss", "epochs", "seconds", "error")
"""The columns that follow ``state``."""


@dataclass(frozen=True)
class SearchRow:
    """A point of a search and what its training gave; None where it has no result.

    Attributes:
        rank: from 1, best macro-F1 first, points without a result last.
        point: its number.
        settings: the searched hyperparameters.
        state: ``complete``, ``pruned`` or ``fail``.
        macro_f1, accuracy, val_loss: on validation.
        epochs, seconds: of the training.
        error: why it failed.
    """

    rank: int
    point: int
    settings: Mapping[str, Any]
    state: str
    macro_f1: float | None = None
    accuracy: float | None = None
    val_loss: float | None = None
    epochs: int | None = None
    seconds: float | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The cells by column: the searched hyperparameters stand between ``point`` and ``state``."""
        cells = dict(vars(self))
        settings = cells.pop("settings")
        return {"rank": cells.pop("rank"), "point": cells.pop("point"), **settings, **cells}


def read_trials(search_dir: str | Path) -> tuple[list[SearchRow], list[str]]:
    """The rows of ``trials.csv`` in the folder of a search, and the names of the searched settings.

    Returns:
        One row a point, best macro-F1 first, and the names of the columns between ``point`` and ``state``.

    Raises:
        RunError: the table cannot be read, lacks a column, or holds no result.
    """
    path = Path(search_dir) / TABLE_FILE
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read ({error}). Run the search again with --resume.") from error
    columns = list(table.columns)
    missing = [name for name in ("point", "state", "macro_f1") if name not in columns]
    names = [] if missing else columns[columns.index("point") + 1 : columns.index("state")]
    if not names:
        what = missing[0] if missing else "with a searched setting, between point and state,"
        raise RunError(f"{path}: has no column {what}. Run the search again with --resume.")
    if not pd.api.types.is_numeric_dtype(table["macro_f1"]) or table["macro_f1"].isna().all():
        raise RunError(f"{path}: holds no point with a macro-F1. Run the search again with --resume.")
    if table.loc[table["macro_f1"].notna(), names].isna().any(axis=None):
        raise RunError(f"{path}: a point with a macro-F1 lacks a setting. Run the search again with --resume.")
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [_row(row, names) for row in rows], names


def _row(cells: Mapping[Any, Any], names: Sequence[str]) -> SearchRow:
    figures = {name: cells.get(name) for name in FIGURES}
    settings = {name: cells[name] for name in names}
    return SearchRow(cells.get("rank", 0), cells["point"], settings, cells["state"], **figures)


def heat_map(rows: Sequence[SearchRow], names: Sequence[str]) -> Figure:
    """Draw macro-F1 over the first two searched hyperparameters; the best over the others stands in a cell.

    Args:
        rows: one a point, best first.
        names: of the hyperparameters, at least one.
    """
    down, across = (names[0], names[1]) if len(names) > 1 else (names[0], names[0])
    done = [row for row in rows if row.macro_f1 is not None]
    sides = [sorted({row.settings[name] for row in done}) for name in (down, across)]
    values = np.full([len(side) for side in sides], np.nan)
    for row in reversed(done):  # the best is written last
        values[sides[0].index(row.settings[down]), sides[1].index(row.settings[across])] = row.macro_f1
    labels = [[f"{value:g}" if isinstance(value, int | float) else str(value) for value in side] for side in sides]
    title = "Macro-F1 on validation" + (f", best over {', '.join(names[2:])}" if len(names) > 2 else "")
    return figures.heat_map(values, (down, across), (labels[0], labels[1]), title)
