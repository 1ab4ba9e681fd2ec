"""csv and tsv files, as programs and spreadsheets write them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from emotion_core.data.formats.dialect import (
    NAMES,
    SAMPLE_LINES,
    Dialect,
    RecordError,
    column_names,
    find_dialect,
    looks_like_row,
)
from emotion_core.data.formats.source import Source
from emotion_core.data.formats.swallowed import swallows_rows
from emotion_core.data.formats.table import Quoting, Row, Table
from emotion_core.errors import DataError

USUAL = {"csv": ",", "tsv": "\t"}
"""The delimiter of a format, unless the file has another."""
QUOTING_ADVICE = "If quotation marks are part of the texts, read the file with --quoting none."


def open_delimited(source: Source, form: str, quoting: Quoting | None = None) -> Table:
    """A table of the rows below the header, whatever delimiter the file has.

    Empty cells at the end of a row, beyond those of the header, are left out.

    Raises:
        DataError: the file is no text, has no header, or two columns have one name; while rows are read, that
            quotation marks do not match.
    """
    source.check_text()
    usual = USUAL[form]
    dialect = find_dialect(list(islice(source.lines(), SAMPLE_LINES)), usual, quoted=quoting != "none")
    records = _Records(source, dialect, watched=quoting is None)
    line, header = next(((line, cells) for line, cells in records if any(cells)), (0, []))
    if not header:
        raise DataError(f"{source.path}: the file has no rows, expected a header line such as text{usual}label.")
    columns = column_names(header, f"{source.path}, line {line}")
    notes: tuple[str, ...] = ()
    if dialect.delimiter != usual:
        found = NAMES.get(dialect.delimiter, repr(dialect.delimiter))
        notes = (f"{source.path}: the cells are separated by {found}, not by {NAMES[usual]}.",)
    lacks = ""
    if looks_like_row(columns):
        lacks = (
            f"{source.path}, line {line}: found {', '.join(map(repr, columns))}, which looks like a row. Put a line of "
            f"column names above it, such as text{dialect.delimiter}label; if these are column names, say with "
            "--text-column and --label-column which ones hold the texts and the labels."
        )
    rows = lambda: _rows(records, columns, len(header), dialect.delimiter)  # noqa: E731
    return Table(source.path, columns, rows, format=form, notes=notes, lacks=lacks)


class _Records:
    """The records of a file with the lines on which they start, as often as needed."""

    def __init__(self, source: Source, dialect: Dialect, *, watched: bool) -> None:
        self._source, self._dialect, self._watched = source, dialect, watched and dialect.quoted

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        path, held = self._source.path, list[str]()
        lines = self._source.lines()
        try:
            for line, cells in self._dialect.parse(_kept(lines, held) if self._watched else lines):
                if len(held) > 1:
                    self._check(line, held[self._dialect.skipped if line <= 2 else 0 :], cells)
                held.clear()
                yield line, cells
        except RecordError as error:
            reason = str(error).replace("\t", r"\t")
            raise DataError(
                f"{path}, line {error.line}: {reason}. Check the quotes in this row. {QUOTING_ADVICE}"
            ) from error

    def _check(self, line: int, lines: list[str], cells: list[str]) -> None:
        if len(lines) > 1 and swallows_rows(lines, cells, self._dialect.delimiter):
            raise DataError(
                f"{self._source.path}, line {line}: a quoted cell goes on to line {line + len(lines) - 1}, and these "
                f"{len(lines)} lines look like rows of their own. {QUOTING_ADVICE} "
                "If the cell is meant to hold these lines, read it with --quoting standard."
            )


def _kept(lines: Iterator[str], held: list[str]) -> Iterator[str]:
    for line in lines:
        held.append(line)
        yield line


def _rows(records: _Records, columns: tuple[str, ...], header_cells: int, delimiter: str) -> Iterator[Row]:
    data = iter(records)
    next(cells for _, cells in data if any(cells))
    width = len(columns)
    for line, cells in data:
        if not cells and width == 1:
            cells = [""]  # in a file of one column, a blank line is an empty text
        if not cells:
            continue
        problem = None
        if len(cells) > width and not any(cells[width:]) and (width > 1 or len(cells) <= header_cells):
            del cells[width:]
        if len(cells) != width:
            problem = (
                f"found {len(cells)} cells, expected {width} as in the header. "
                f"Put quotes round a text that holds {delimiter!r} or a quote."
            )
        yield Row(line, dict(zip(columns, cells, strict=False)), problem)
