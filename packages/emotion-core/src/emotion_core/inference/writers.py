"""Write rows of predictions one by one as csv, tsv, jsonl or parquet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from emotion_core.data.formats.table import Cells, Table
from emotion_core.data.formats.writing import row_printer
from emotion_core.inference.parquet_writer import ParquetRows
from emotion_core.runs.predictions import PREDICTION_COLUMNS

OUTPUT_FORMATS = (".csv", ".tsv", ".jsonl", ".parquet")
CHUNK_ROWS = 4096


class RowWriter(AbstractContextManager["RowWriter"]):
    """Write predicted rows one by one as csv, tsv, jsonl or parquet, by the ending of the path.

    Args:
        path: of the file.
        table: whose rows were predicted.
        added: the columns of the predictions.
    """

    def __init__(self, path: Path, table: Table, added: Sequence[str] = PREDICTION_COLUMNS) -> None:
        self._file: IO[str] | None = None
        self._write_row: Callable[[Cells], object]
        if path.suffix.lower() == ".parquet":
            self._rows = ParquetRows(path, table, CHUNK_ROWS, added)
            self._write_row = self._rows.write
            return
        self._file = path.open("w", encoding="utf-8", newline="")
        columns = (*table.columns, *added)
        self._write_row = row_printer(self._file, path.suffix.lower(), columns, marked=table.marked)

    @staticmethod
    def passes_on(path: Path, table: Table) -> bool:
        """Whether the columns of the table go to the file as they are, so that rows need only the text column."""
        return path.suffix.lower() == ".parquet" and table.batches is not None

    def write(self, cells: Cells) -> None:
        """Write one row."""
        self._write_row(cells)

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()
        else:
            self._rows.close(complete=exception[0] is None)
