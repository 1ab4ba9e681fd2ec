"""Write rows to an open text file as csv, tsv or jsonl, so that every reader gets back each cell as it was."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

from emotion_core.data.cleaning import replace_surrogates
from emotion_core.data.formats.table import Cells

DELIMITERS = {".csv": ",", ".tsv": "\t"}
MARK = "\ufeff"


class DelimitedWriter:
    """Writes records of a csv or tsv file.

    A record with a line break gets quotes round every cell: Python's writer leaves a lone carriage return bare before
    3.11.9 and 3.12.3, and a record of which all cells are quoted is never taken for rows that a stray quotation mark
    has swallowed (`swallowed`).

    Args:
        file: opened with ``newline=""``.
        suffix: ``.csv`` or ``.tsv``.
        marked: begin with a byte-order mark, without which Excel takes UTF-8 for something else.
    """

    def __init__(self, file: IO[str], suffix: str, *, marked: bool = False) -> None:
        if marked:
            file.write(MARK)
        delimiter = DELIMITERS[suffix]
        self._plain = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        self._quoted = csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(self, cells: Iterable[object]) -> None:
        """Write one record; None is an empty cell, a list or an object is JSON."""
        written = [_cell(value) for value in cells]
        breaks = any(isinstance(cell, str) and ("\n" in cell or "\r" in cell) for cell in written)
        (self._quoted if breaks else self._plain).writerow(written)


def _cell(value: object) -> object:
    if isinstance(value, list | dict):
        value = _json(value, ensure_ascii=False)
    return replace_surrogates(value) if isinstance(value, str) else value


def row_printer(
    file: IO[str], suffix: str, columns: Sequence[str], *, marked: bool = False
) -> Callable[[Cells], object]:
    """A function that writes one row as csv, tsv or jsonl, after the header of the former two.

    Args:
        file: opened with ``newline=""``.
        suffix: the ending of the format.
        columns: that are written, in order; a row without one of them has an empty cell there.
        marked: begin csv and tsv with a byte-order mark.
    """
    if suffix == ".jsonl":
        return lambda cells: file.write(_json_line(cells))
    writer = DelimitedWriter(file, suffix, marked=marked)
    writer.write(columns)
    return lambda cells: writer.write([cells.get(name) for name in columns])


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, marked: bool = False) -> None:
    """Write a whole csv or tsv file.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = DelimitedWriter(file, path.suffix.lower(), marked=marked)
        writer.write(columns)
        for row in rows:
            writer.write(row)


def _json_line(cells: Cells) -> str:
    line = _json(cells, ensure_ascii=False)
    if line != replace_surrogates(line):  # as an escape JSON can keep half a character, which nothing else can
        line = _json(cells, ensure_ascii=True)
    return line + "\n"


def _json(value: object, *, ensure_ascii: bool) -> str:
    """The JSON of a value, with null for what is no finite number, which JSON does not know."""
    try:
        return json.dumps(value, ensure_ascii=ensure_ascii, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=ensure_ascii, default=str)


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {name: _finite(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
