"""How a csv or tsv file is written: its delimiter, its quotation marks and its header, found in its first lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from emotion_core.errors import DataError
from emotion_core.labels import EMOTION_TO_ID

CELL_LIMIT = 2**31 - 1
"""Characters of a cell; a C long on Windows ends here."""
DELIMITERS = (",", "\t", ";", "|")
NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
SAMPLE_LINES = 200
SENTENCE_WORDS = 5
_MOST = 0.8
_SEP_LINE = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How the cells of a file are told apart.

    Attributes:
        delimiter: between two cells.
        quoted: whether a quotation mark encloses a cell; else it is a character like any other.
        skipped: lines before the header, which say ``sep=;``, as Excel understands it.
    """

    delimiter: str
    quoted: bool = True
    skipped: int = 0

    def parse(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """The first line and the cells of each record, which may be empty; lines are counted from 1.

        Raises:
            csv.Error: a quotation mark stands where it may not, or the last one is missing.
        """
        # The standard library stops at 128 KiB. Its limit is one for all readers and threads, so it stays raised.
        csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT))
        lines = iter(lines)
        for _ in range(self.skipped):
            next(lines)
        reader = csv.reader(
            lines, delimiter=self.delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        )
        line = 1
        try:
            for cells in reader:
                yield line + self.skipped, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise RecordError(str(error), line + self.skipped) from error


class RecordError(csv.Error):
    """A record that cannot be parsed, and the line on which it begins."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def find_dialect(sample: list[str], usual: str, *, quoted: bool) -> Dialect:
    """How a file is written whose first lines are ``sample``.

    Another delimiter than the usual one is taken if a first line says so (``sep=;``), or if it divides the header and
    most rows into the same number of cells, two or more, and the usual one does not.
    """
    if said := _SEP_LINE.fullmatch(sample[0]) if sample else None:
        return Dialect(said[1], quoted, skipped=1)
    by_usual = _agreement(sample, Dialect(usual, quoted))
    if by_usual <= 1 - _MOST:
        for delimiter in DELIMITERS:
            if delimiter != usual and _agreement(sample, Dialect(delimiter, quoted)) >= _MOST:
                return Dialect(delimiter, quoted)
    return Dialect(usual, quoted)


def _agreement(sample: list[str], dialect: Dialect) -> float:
    """The share of rows that have as many cells as the header; 0 if the header has fewer than two."""
    records: list[list[str]] = []
    try:
        records.extend(cells for _, cells in dialect.parse(sample) if any(cells))
    except csv.Error:  # perhaps because the sample ends within a cell
        if not records:
            return 0.0
    if not records or (width := len(without_empty_end(records[0]))) < 2:
        return 0.0
    agree = [len(without_empty_end(cells)) <= width <= len(cells) for cells in records[1:]]
    return sum(agree) / len(agree) if agree else 1.0


def without_empty_end(cells: list[str]) -> list[str]:
    """The cells of a record up to the last that is not empty."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def column_names(cells: list[str], where: str) -> tuple[str, ...]:
    """The names in a header, without those of empty columns at its end.

    A column without a name keeps the empty name; of several, as pandas writes a MultiIndex, each gets a name by its
    place.

    Raises:
        DataError: two columns have the same name.
    """
    columns = [name.strip() for name in without_empty_end(cells)]
    if columns.count("") > 1:
        columns = [name or f"Unnamed: {number}" for number, name in enumerate(columns)]
    if len(set(columns)) < len(columns):
        twice = sorted({name for name in columns if columns.count(name) > 1})
        raise DataError(f"{where}: the column name {twice[0]!r} stands twice. Rename one of them.")
    return tuple(columns)


def looks_like_row(columns: Sequence[str]) -> bool:
    """Whether names in a header look like the cells of a row: a sentence, an emotion or a number beside some words."""
    words = max(len(name.split()) for name in columns)
    value = any(name.casefold() in EMOTION_TO_ID or name.isdecimal() for name in columns)
    return words >= SENTENCE_WORDS or (
        value and (words > 1 or len(columns) == 2) and not all(map(str.isdecimal, columns))
    )
