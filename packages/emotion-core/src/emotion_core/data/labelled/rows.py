"""Read the texts and labels of one file, row by row."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from emotion_core.data.cleaning import is_blank, replace_surrogates
from emotion_core.data.dataset import Split
from emotion_core.data.formats.table import Row, Table
from emotion_core.data.labelled.columns import Columns, Words
from emotion_core.data.readers import open_table
from emotion_core.errors import DataError
from emotion_core.labels import describe_labels, parse_label

_SHOWN_PROBLEMS = 5


def read_labelled(path: str | Path, columns: Columns = Columns()) -> tuple[Split, int]:
    """Read the texts and labels of one file, and count the bad rows dropped.

    Lone surrogates, which JSON can escape and UTF-8 cannot hold, become U+FFFD as in both cleanings.

    Raises:
        DataError: a column is missing, the file has no usable row, or (unless dropped) a row is bad.
    """
    return labelled_rows(open_table(path, columns.reading, labelled=True), columns, Words())


def labelled_rows(table: Table, columns: Columns, words: Words) -> tuple[Split, int]:
    """As `read_labelled`, of a table that need not be a file; ``words`` are those of its messages."""
    require_column(table, columns.text, words.text)
    require_column(table, columns.label, words.label)
    texts: list[str] = []
    labels: list[int] = []
    problems: list[str] = []
    for row in table.rows_with(columns.text, columns.label):
        try:
            label = _check(row, columns)
        except ValueError as error:
            problems.append(f"{table.path}, {table.unit} {row.line}: {error}")
            continue
        texts.append(replace_surrogates(row.cells[columns.text]))
        labels.append(label)
    if problems and columns.on_bad_rows == "error":
        raise DataError(_summary(problems, words))
    if not texts:
        raise DataError(
            _summary(problems, words, f"{table.path}: no usable row, expected at least one text with a label.")
        )
    return Split(texts, np.array(labels, dtype=np.int64)), len(problems)


def require_column(table: Table, column: str, option: str) -> None:
    """Raise a DataError that lists the columns there are, unless ``column`` is among them."""
    if column in table.columns:
        return
    if table.lacks:
        raise DataError(table.lacks)
    have = ", ".join(repr(name) for name in table.columns)
    raise DataError(f"{table.path}: the column {column!r} is missing, found {have}. Name the right one with {option}.")


def text_problem(value: object) -> str | None:
    """What is wrong with a cell that should hold a text, or None if it can be used."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "found no text (a missing value, NaN), expected a text"
    if not isinstance(value, str):
        return f"found {type(value).__name__} {value!r}, expected a text"
    if is_blank(value):
        return "found an empty text, expected at least one character that can be seen"
    if value.strip().lower() == "nan":
        return f"found the text {value!r}, which stands for a missing value, expected a text"
    return None


def _check(row: Row, columns: Columns) -> int:
    """The label id of a good row; a ValueError says what is wrong with a bad one."""
    problem = row.problem or text_problem(row.cells.get(columns.text))
    if problem:
        raise ValueError(problem)
    label = row.cells.get(columns.label)
    if label is None or label == "" or (isinstance(label, float) and math.isnan(label)):
        raise ValueError(f"found no label (a missing value, NaN), expected {describe_labels()}")
    return parse_label(label)


def _summary(problems: Iterable[str], words: Words, headline: str = "") -> str:
    problems = list(problems)
    lines = [headline] if headline else []
    lines += problems[:_SHOWN_PROBLEMS]
    if len(problems) > _SHOWN_PROBLEMS:
        lines.append(f"... and {len(problems) - _SHOWN_PROBLEMS} more bad rows.")
    if problems and not headline:
        lines.append(words.mend)
    return "\n".join(lines)
