"""Read what another program predicted from a file: six probabilities a row, or one emotion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import replace_surrogates
from emotion_core.data.formats.table import Cells, Reading, Row, Table
from emotion_core.data.labelled.label_map import LabelMap
from emotion_core.data.labelled.rows import is_missing, require_column
from emotion_core.data.readers import open_table
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS, N_EMOTIONS, describe_labels, parse_label

PREDICTED = ("predicted_emotion", "predicted_label", "prediction", "predicted", "emotion", "label")
"""Columns that are taken for the predicted emotion, the first that a file has."""

PREFIX = "probability_"
ROUNDING = 0.0301
"""How far from 1 six probabilities may add up, as where each was rounded to two digits."""

SHOWN = 5


@dataclass(frozen=True)
class FileColumns:
    """What the columns of a file of predictions mean.

    Attributes:
        text: the name of that with the texts, which may be absent.
        predicted: of that with the emotions; None looks for probabilities, and then for one of `PREDICTED`.
        true: of that with the true labels, which are compared with those of the data where rows go by order.
        label_map: what the names in the file mean, if they are not ours.
        reading: how the file is read.
        needs_text: whether the column of texts has to be there.
    """

    text: str = "text"
    predicted: str | None = None
    true: str = "label"
    label_map: LabelMap | None = None
    reading: Reading | None = None
    needs_text: bool = False


class Said(NamedTuple):
    """What a file says of its rows.

    Attributes:
        path: the file.
        unit: how its rows are called: ``line`` or ``row``.
        lines: the number of each row, shape (n,).
        texts: of the rows; None without such a column.
        true: the true labels as they stand in the file; None without such a column.
        predicted: ids, shape (n,).
        probabilities: shape (n, 6), rows summing to 1; None where the file has emotions alone.
        source: which columns it was read from, in words.
    """

    path: Path
    unit: str
    lines: list[int]
    texts: list[str] | None
    true: list[object] | None
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64] | None
    source: str


def read_said(path: Path, columns: FileColumns) -> Said:
    """Read a file of predictions.

    Raises:
        DataError: it cannot be read, has neither probabilities nor emotions, or a row is bad; the message names rows.
    """
    table = open_table(path, columns.reading)
    if columns.needs_text:
        require_column(table, columns.text, "--predicted-text-column")
    chosen = {} if columns.predicted is not None else _probability_columns(table, columns.label_map)
    predicted = None if chosen else _predicted_column(table, columns.predicted)
    rows = list(table)
    texts = [row.cells.get(columns.text) for row in rows] if columns.text in table.columns else None
    if chosen:
        probabilities = _numbers(table, rows, lambda cells: _probabilities(cells, chosen))
        found = probabilities.argmax(axis=1)
        source = f"the probabilities in {', '.join(map(repr, chosen))}"
    else:
        probabilities = None
        found = _numbers(table, rows, lambda cells: _label(cells.get(str(predicted)), columns.label_map))
        source = f"the emotions in {predicted!r}, without probabilities"
    with_true = columns.true in table.columns and columns.true != predicted
    return Said(
        path,
        table.unit,
        [row.line for row in rows],
        None if texts is None else ["" if is_missing(text) else replace_surrogates(str(text)) for text in texts],
        [row.cells.get(columns.true) for row in rows] if with_true else None,
        found.astype(np.int64),
        probabilities,
        source,
    )


def _probability_columns(table: Table, label_map: LabelMap | None) -> dict[str, int]:
    """The emotion of each column of probabilities; none where not all six emotions have one."""
    meant = {name: _meant(name.strip().casefold().removeprefix(PREFIX), label_map) for name in table.columns}
    found = {name: label for name, label in meant.items() if label is not None}
    missing = [emotion for label, emotion in enumerate(EMOTIONS) if label not in found.values()]
    if not missing:
        return found
    if any(name.casefold().startswith(PREFIX) for name in found):
        raise DataError(
            f"{table.path}: has no probability of {', '.join(missing)}, expected one column for each of "
            f"{', '.join(EMOTIONS)}. Add them, or name the column with the emotions with --predicted-column."
        )
    return {}


def _meant(name: str, label_map: LabelMap | None) -> int | None:
    if label_map is not None and label_map.names(name):
        return label_map.find(name)
    return EMOTIONS.index(name) if name in EMOTIONS else None


def _predicted_column(table: Table, named: str | None) -> str:
    if named is not None:
        require_column(table, named, "--predicted-column")
        return named
    for name in PREDICTED:
        if name in table.columns:
            return name
    have = ", ".join(map(repr, table.columns))
    raise DataError(
        f"{table.path}: found the columns {have}, expected the six probabilities ({PREFIX}{EMOTIONS[0]}, ...) or the "
        f"predicted emotion ({', '.join(PREDICTED)}). Name the right one with --predicted-column."
    )


def _numbers(table: Table, rows: list[Row], of_row: Any) -> NDArray[Any]:
    """What a function finds in the cells of each row, which raises a ValueError for what cannot be used."""
    found, problems = [], []
    for row in rows:
        try:
            if row.problem:
                raise ValueError(row.problem)
            found.append(of_row(row.cells))
        except ValueError as error:
            problems.append(f"{table.path}, {table.unit} {row.line}: {error}")
    if problems:
        more = [f"... and {len(problems) - SHOWN} more rows."] if len(problems) > SHOWN else []
        raise DataError("\n".join([*problems[:SHOWN], *more]))
    if not found:
        raise DataError(f"{table.path}: has no row, expected one for each text.")
    return np.array(found)


def _label(value: object, label_map: LabelMap | None) -> int:
    if is_missing(value) or (isinstance(value, str) and not value.strip()):
        raise ValueError(f"found no emotion, expected {describe_labels()}")
    label = parse_label(value) if label_map is None else label_map.find(value)
    if label is None:
        raise ValueError(f"found {value!r}, which the label map drops; a prediction has to be one of the six emotions")
    return label


def _probabilities(cells: Cells, columns: dict[str, int]) -> NDArray[np.float64]:
    """Six probabilities; columns that the label map gives one emotion are added up."""
    found = np.zeros(N_EMOTIONS)
    for label, value in _values(cells, columns):
        found[label] += value
    total = found.sum()
    if abs(total - 1) > ROUNDING:
        raise ValueError(f"the probabilities add up to {total:.4g}, expected 1. Of logits write the softmax")
    return np.asarray(found / total)


def _values(cells: Cells, columns: dict[str, int]) -> Iterator[tuple[int, float]]:
    for name, label in columns.items():
        value = cells.get(name)
        try:
            number = float(value)  # type: ignore[arg-type]  # what is no number is told
        except (TypeError, ValueError):
            number = float("nan")
        if not 0 <= number <= 1 + ROUNDING:
            raise ValueError(f"found {value!r} in {name!r}, expected a probability from 0 to 1")
        yield label, number
