"""Read rows of csv, tsv, jsonl, parquet and ``text;emotion`` txt files, one at a time, with their line numbers."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from emotion_core.errors import DataError
from emotion_core.imports import needs
from emotion_core.labels import parse_label

CELL_LIMIT = 2**31 - 1
"""Characters of a cell; a C long on Windows ends here."""
PARQUET_BATCH_ROWS = 8192


Cells = dict[str, Any]
"""The cells of a row by column, of whatever types the file has."""


@dataclass(frozen=True)
class Row:
    """One data row: its line in the file (its row in a parquet file), its cells by column, what is wrong with it."""

    line: int
    cells: Cells
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """A file of rows, not yet read: iterate over it as often as needed.

    Attributes:
        path: the file.
        columns: its column names, in file order.
        unit: how rows are counted in messages: ``line`` or ``row``.
        schema: the Arrow schema of a parquet file, else None.
    """

    path: Path
    columns: tuple[str, ...]
    _rows: Callable[[], Iterator[Row]] = field(repr=False)
    unit: str = "line"
    schema: Any = None

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self._rows()
        except UnicodeDecodeError as error:
            raise _encoding_error(self.path) from error


def open_table(path: str | Path) -> Table:
    """Open a data file by its ending and read its column names.

    Raises:
        DataError: no such file, an unknown ending, an empty file, a wrong encoding, or a broken format.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path}: no such file. Check the path; relative paths start at {Path.cwd()}.")
    opener = _OPENERS.get(path.suffix.lower())
    if path.is_dir() or opener is None:
        found = "a folder" if path.is_dir() else f"the ending {path.suffix!r}"
        raise DataError(f"{path}: found {found}, expected a file that ends in {', '.join(FORMATS)}.")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty (0 bytes), expected rows of text.")
    try:
        return opener(path)
    except UnicodeDecodeError as error:
        raise _encoding_error(path) from error


def _encoding_error(path: Path) -> DataError:
    with path.open("rb") as file:
        if file.read(4).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return DataError(f"{path}: the file is UTF-16, expected UTF-8. Save it as UTF-8 and try again.")
        file.seek(0)
        for line, raw in enumerate(file, start=1):
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError as error:
                found = f"the byte 0x{raw[error.start]:02x} at position {error.start + 1}"
                return DataError(
                    f"{path}, line {line}: found {found}, expected UTF-8 text. "
                    "Save the file as UTF-8 (it may be Latin-1 or Windows-1252) and try again."
                )
    return DataError(f"{path}: the file is not UTF-8 text.")


def _open_delimited(path: Path, delimiter: str) -> Table:
    def reader_rows() -> Iterator[tuple[int, list[str]]]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            # The standard library stops at 128 KiB. Its limit is one for all readers and threads, so it stays raised.
            csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT))
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            line = 1
            try:
                for cells in reader:
                    yield line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise DataError(f"{path}, line {line}: {error}. Check the quotes in this row.") from error

    columns = _column_names(path, next((cells for _, cells in reader_rows() if cells), None), delimiter)

    def rows() -> Iterator[Row]:
        data = reader_rows()
        next(cells for _, cells in data if cells)
        for line, cells in data:
            if not cells and len(columns) == 1:
                cells = [""]  # in a file of one column, a blank line is an empty text
            if not cells:
                continue
            problem = None
            if len(cells) != len(columns):
                problem = (
                    f"found {len(cells)} cells, expected {len(columns)} as in the header. "
                    f"Put quotes round a text that holds {delimiter!r} or a quote."
                )
            yield Row(line, dict(zip(columns, cells, strict=False)), problem)

    return Table(path, columns, rows)


def _column_names(path: Path, header: list[str] | None, delimiter: str) -> tuple[str, ...]:
    if header is None:
        raise DataError(f"{path}: the file has no rows, expected a header line such as text{delimiter}label.")
    columns = tuple(name.strip() for name in header)
    if len(set(columns)) < len(columns):
        twice = sorted({name for name in columns if columns.count(name) > 1})
        raise DataError(f"{path}, line 1: the column name {twice[0]!r} stands twice. Rename one of them.")
    return columns


def _open_jsonl(path: Path) -> Table:
    def objects() -> Iterator[tuple[int, Cells]]:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for line, raw in enumerate(file, start=1):
                if not raw.strip():
                    continue
                try:
                    value = json.loads(raw)
                except (json.JSONDecodeError, RecursionError, ValueError) as error:
                    raise DataError(f"{path}, line {line}: not valid JSON ({error}). One object a line.") from error
                if not isinstance(value, dict):
                    found = type(value).__name__
                    raise DataError(f"{path}, line {line}: found a JSON {found}, expected an object with keys.")
                yield line, value

    columns: dict[str, None] = {}
    for _, value in objects():  # a key may come first in the last line, so the whole file is looked through
        columns.update(dict.fromkeys(value))
    if not columns:
        raise DataError(f"{path}: the file has no rows, expected one JSON object a line.")
    return Table(path, tuple(columns), lambda: (Row(line, value) for line, value in objects()))


def _open_txt(path: Path) -> Table:
    def lines() -> Iterator[tuple[int, str]]:
        with path.open(encoding="utf-8-sig") as file:
            yield from ((number, line.rstrip("\n")) for number, line in enumerate(file, start=1))

    # Twenty lines decide: a semicolon inside a plain text must not be taken for the separator of a label.
    labelled = any(_ends_with_label(line) for line in islice((text for _, text in lines()), 20))

    def rows() -> Iterator[Row]:
        for number, line in lines():
            if labelled and not line.strip():
                continue  # as in csv and jsonl; a file of plain texts keeps its blank lines, one row a line
            text, separator, tail = line.rpartition(";")
            cells = {"text": text if separator and _is_label(tail) else line, "label": tail}
            yield Row(number, cells if labelled else {"text": line})

    return Table(path, ("text", "label") if labelled else ("text",), rows)


def _ends_with_label(line: str) -> bool:
    text, separator, tail = line.rpartition(";")
    return bool(separator and text) and _is_label(tail)


def _is_label(tail: str) -> bool:
    try:
        parse_label(tail)
    except ValueError:
        return False
    return True


def _open_parquet(path: Path) -> Table:
    needs("study", "pyarrow", who=str(path))
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a readable parquet file ({error}).") from error

    def rows() -> Iterator[Row]:
        number = 0
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(PARQUET_BATCH_ROWS):
                    for cells in batch.to_pylist():
                        number += 1
                        yield Row(number, cells)
        except UnicodeDecodeError as error:
            found = f"a text with the byte 0x{error.object[error.start]:02x}"
            raise DataError(f"{path}, after row {number}: found {found}, expected UTF-8 text.") from error
        except OverflowError as error:  # a date after the year 9999
            raise DataError(f"{path}, after row {number}: found a value that Python cannot hold ({error}).") from error
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{path}, after row {number}: the parquet file is damaged ({error}).") from error

    return Table(path, tuple(schema.names), rows, unit="row", schema=schema)


_OPENERS: dict[str, Callable[[Path], Table]] = {
    ".csv": lambda path: _open_delimited(path, ","),
    ".tsv": lambda path: _open_delimited(path, "\t"),
    ".jsonl": _open_jsonl,
    ".parquet": _open_parquet,
    ".txt": _open_txt,
}
FORMATS: tuple[str, ...] = tuple(_OPENERS)
"""The file endings that can be read."""
