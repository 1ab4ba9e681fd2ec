"""Read the texts and labels of one file, row by row."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from emotion_core.data.cleaning import is_blank, replace_surrogates
from emotion_core.data.dataset import Split
from emotion_core.data.dropped import (
    BROKEN_ROW,
    BY_LABEL_MAP,
    NO_LABEL,
    NO_TEXT,
    UNKNOWN_LABEL,
    Dropped,
    counted_labels,
)
from emotion_core.data.formats.table import Row, Table
from emotion_core.data.labelled.columns import Columns, Words
from emotion_core.errors import DataError
from emotion_core.labels import EMOTION_TO_ID, describe_labels, parse_label

_SHOWN_PROBLEMS = 5

MISSING = frozenset((
    "#N/A", "#N/A N/A", "#NA", "N/A", "n/a", "NA", "<NA>", "None", "NULL", "Null", "null", "(null)", r"\N", "NaT",
    "NaN", "nan", "NAN", "Nan", "-NaN", "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
    "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#NV", "#WERT!", "#BEZUG!",
))  # fmt: skip
"""What spreadsheets, databases and pandas write in the place of a value that is missing or that they cannot compute."""
_LONGEST_MISSING = max(map(len, MISSING))


class Labelled(NamedTuple):
    """The texts with labels of a file, what was left out, which rows stayed (from 0), and the reader's notes."""

    split: Split
    dropped: Dropped
    rows: Sequence[int]
    notes: tuple[str, ...] = ()


class NoLabelsError(DataError):
    """A file has no labels at all: no such column, or no row with one."""


class _BadRowError(Exception):
    """A row cannot be used: why, in the words of `dropped` and in those of a message."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_labelled(path: str | Path, columns: Columns = Columns()) -> Labelled:
    """Read the texts and labels of one file, and count the rows that are left out.

    Lone surrogates, which JSON can escape and UTF-8 cannot hold, become U+FFFD as in both cleanings.

    Raises:
        DataError: a column is missing, the file has no usable row, or (unless dropped) a row is bad.
    """
    from emotion_core.data.readers import open_table  # texts that come in no file need no readers

    return labelled_rows(open_table(path, columns.reading, labelled=True), columns, Words())


def labelled_rows(table: Table, columns: Columns, words: Words) -> Labelled:
    """As `read_labelled`, of a table that need not be a file; ``words`` are those of its messages."""
    check_columns(table, columns, words)
    reader = _Reader(table, columns)
    texts, labels, kept, number = [], array("q"), array("q"), -1
    for number, row in enumerate(table.rows_with(columns.text, columns.label)):
        label = reader.label(row)
        if label is not None:
            texts.append(replace_surrogates(row.cells[columns.text]))
            labels.append(label)
            kept.append(number)
    if reader.n_bad and columns.on_bad_rows == "error":
        raise (DataError if reader.has_label else NoLabelsError)(reader.summary(words))
    if not texts:
        raise DataError(reader.summary(words, f"{table.path}: no usable row, expected at least one text with a label."))
    dropped = Dropped(number + 1, {reason: dict(found) for reason, found in reader.reasons.items()})
    return Labelled(Split(texts, np.array(labels, dtype=np.int64)), dropped, kept, table.notes)


def check_columns(table: Table, columns: Columns, words: Words) -> None:
    """Raise a DataError unless a table has a column of texts and another of labels."""
    if columns.text == columns.label:
        raise DataError(
            f"{words.text} and {words.label} both name the column {columns.text!r}. Name the one with the texts and "
            "the one with the labels."
        )
    require_column(table, columns.text, words.text)
    if table.lacks and columns.label.casefold() in EMOTION_TO_ID:  # a row that is named as if it were the header
        raise DataError(table.lacks)
    try:
        require_column(table, columns.label, words.label)
    except DataError as error:
        raise NoLabelsError(str(error)) from None


def require_column(table: Table, column: str, option: str) -> None:
    """Raise a DataError that lists the columns there are, unless ``column`` is among them."""
    if column in table.columns:
        return
    if table.lacks:
        raise DataError(table.lacks)
    have = ", ".join(repr(name) for name in table.columns)
    raise DataError(f"{table.path}: the column {column!r} is missing, found {have}. Name the right one with {option}.")


def is_missing(value: object) -> bool:
    """Whether a cell of Python, NumPy or pandas is None or one of their kinds of NaN, NA and NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # which pandas does not compare with anything
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def text_problem(value: object) -> str | None:
    """What is wrong with a cell that should hold a text, or None if it can be used."""
    if is_missing(value):
        return "found no text (a missing value, NaN), expected a text"
    if not isinstance(value, str):
        return f"found {type(value).__name__} {value!r}, expected a text"
    if is_blank(value):
        return "found an empty text, expected at least one character that can be seen"
    if _stands_for_nothing(value):
        return f"found the text {value!r}, which stands for a missing value, expected a text"
    return None


def _stands_for_nothing(value: str) -> bool:
    return len(value) <= 2 * _LONGEST_MISSING and value.strip() in MISSING


class _Reader:
    """The labels of rows, and an account of those that are left out.

    Attributes:
        reasons: labels with their numbers of rows, by reason.
        n_bad: rows that cannot be used.
        has_label: whether a row has a label that is known.
    """

    def __init__(self, table: Table, columns: Columns) -> None:
        self._table, self._columns = table, columns
        self.reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.n_bad, self.has_label = 0, False
        self._first: list[str] = []
        self._known: dict[str, int | None] = {}

    def label(self, row: Row) -> int | None:
        """The label id of a row, None where the row is left out."""
        value = row.cells.get(self._columns.label)
        try:
            if row.problem:
                raise _BadRowError(BROKEN_ROW, row.problem)
            if problem := text_problem(row.cells.get(self._columns.text)):
                raise _BadRowError(NO_TEXT, problem)
            label = self._find(value)
        except _BadRowError as error:
            self._count(error.reason, value)
            self.n_bad += 1
            if len(self._first) < _SHOWN_PROBLEMS:
                self._first.append(f"{self._table.path}, {self._table.unit} {row.line}: {error}")
            return None
        self.has_label = True
        if label is None:
            self._count(BY_LABEL_MAP, value)
        return label

    def _find(self, value: object) -> int | None:
        if isinstance(value, str) and value in self._known:
            return self._known[value]
        try:
            label = self._parse(value)
        except ValueError as error:
            raise _BadRowError(UNKNOWN_LABEL, str(error)) from None
        if isinstance(value, str):
            self._known[value] = label
        return label

    def _parse(self, value: object) -> int | None:
        mapping = self._columns.label_map
        if mapping is not None and isinstance(value, str) and mapping.names(value):
            return mapping.find(value)
        if is_missing(value):
            raise _BadRowError(NO_LABEL, f"found no label (a missing value, NaN), expected {describe_labels()}")
        if isinstance(value, str) and (not value.strip() or _stands_for_nothing(value)):
            shown = f"the label {value!r}, which stands for a missing value"
            found = "no label (a missing value, NaN)" if not value.strip() else shown
            raise _BadRowError(NO_LABEL, f"found {found}, expected {describe_labels()}")
        return parse_label(value) if mapping is None else mapping.find(value)

    def _count(self, reason: str, value: object) -> None:
        missing = is_missing(value)
        self.reasons[reason]["" if missing else str(value).strip()] += 1

    def summary(self, words: Words, headline: str = "") -> str:
        """What is wrong with the first bad rows, the set of unknown labels, and what to do."""
        lines = [headline] if headline else []
        lines += self._first
        if self.n_bad > len(self._first):
            lines.append(f"... and {self.n_bad - len(self._first)} more bad rows.")
        if left_out := self.reasons.get(BY_LABEL_MAP):
            lines.append(f"Left out by the label map: {counted_labels(left_out)}.")
        if unknown := self.reasons.get(UNKNOWN_LABEL):
            lines.append(f"Unknown labels, with their rows: {counted_labels(unknown)}. {words.unknown}")
        elif self.n_bad and not headline:
            lines.append(words.mend)
        return "\n".join(lines)
