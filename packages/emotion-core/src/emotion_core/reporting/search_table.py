"""What a hyperparameter search leaves: one ranked row a point as CSV, and macro-F1 over the settings as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emotion_core.errors import RunError
from emotion_core.evaluation import figures

TABLE_FILE = "trials.csv"


def read_trials(search_dir: str | Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of ``trials.csv`` in the folder of a search, and the names of the searched settings.

    Returns:
        One dictionary a point, best macro-F1 first, with None where a cell is empty; and the names of the columns
        between ``point`` and ``state``.

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
    return [{str(name): cell for name, cell in row.items()} for row in rows], names


def heat_map(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Figure:
    """Draw macro-F1 over the first two searched hyperparameters; the best over the others stands in a cell.

    Args:
        rows: one a point, best first, with the searched hyperparameters and ``macro_f1``, None without a result.
        names: of the hyperparameters, at least one.
    """
    down, across = (names[0], names[1]) if len(names) > 1 else (names[0], names[0])
    done = [row for row in rows if row["macro_f1"] is not None]
    sides = [sorted({row[name] for row in done}) for name in (down, across)]
    values = np.full([len(side) for side in sides], np.nan)
    for row in reversed(done):  # the best is written last
        values[sides[0].index(row[down]), sides[1].index(row[across])] = row["macro_f1"]
    labels = [[f"{value:g}" if isinstance(value, int | float) else str(value) for value in side] for side in sides]
    title = "Macro-F1 on validation" + (f", best over {', '.join(names[2:])}" if len(names) > 2 else "")
    return figures.heat_map(values, (down, across), (labels[0], labels[1]), title)
