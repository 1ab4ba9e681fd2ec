"""Write rows of predictions one by one as csv, tsv, jsonl or parquet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from emotion_core.data.cleaning import replace_surrogates
from emotion_core.data.readers import Cells, Table
from emotion_core.errors import DataError
from emotion_core.imports import needs
from emotion_core.runs.predictions import PREDICTION_COLUMNS
from emotion_core.runs.typed_json import json_text

OUTPUT_FORMATS = (".csv", ".tsv", ".jsonl", ".parquet")
CHUNK_ROWS = 4096


class RowWriter(AbstractContextManager["RowWriter"]):
    """Write rows one by one as csv, tsv, jsonl or parquet, by the ending of the path."""

    def __init__(self, path: Path, table: Table) -> None:
        self._path, self._table = path, table
        self._columns: Sequence[str] = (*table.columns, *PREDICTION_COLUMNS)
        self._pending: list[Cells] = []
        self._parquet: Any = None
        self._file: IO[str] | None = None
        if path.suffix.lower() != ".parquet":
            self._file = path.open("w", encoding="utf-8", newline="")
            self._write_row = row_printer(self._file, path.suffix.lower(), self._columns)

    def write(self, cells: Cells) -> None:
        """Write one row."""
        if self._file is not None:
            self._write_row(cells)
            return
        self._pending.append(_writable(cells))
        if len(self._pending) >= CHUNK_ROWS:
            self._flush()

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()
        elif exception[0] is None:
            self._flush()
        if self._parquet is not None:
            self._parquet.close()

    def _flush(self) -> None:
        needs("study", "pyarrow", who=str(self._path))
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            if self._parquet is None:
                self._parquet = pq.ParquetWriter(self._path, self._schema())
            batch = pa.Table.from_pylist(self._pending, schema=self._parquet.schema)
        except (pa.ArrowException, OverflowError) as error:
            raise DataError(
                f"{self._table.path}: a column holds values that parquet cannot store together ({error}). "
                "Write a .jsonl or .csv file instead."
            ) from error
        self._parquet.write_table(batch)
        self._pending.clear()

    def _schema(self) -> Any:
        """The user's own columns as they are in a parquet source, else as the first rows tell, and ours."""
        import pyarrow as pa

        own = self._table.schema
        if own is None:
            rows = [{name: cells.get(name) for name in self._table.columns} for cells in self._pending]
            inferred = pa.Table.from_pylist(rows).schema if rows else pa.schema([])
            fields = {field.name: field.type for field in inferred if not pa.types.is_null(field.type)}
            own = pa.schema([(name, fields.get(name, pa.string())) for name in self._table.columns])
        types = (pa.int64(), pa.string(), *[pa.float64()] * (len(PREDICTION_COLUMNS) - 2))
        return pa.schema([*own, *(pa.field(n, t) for n, t in zip(PREDICTION_COLUMNS, types, strict=True))])


def row_printer(file: IO[str], suffix: str, columns: Sequence[str]) -> Callable[[Cells], Any]:
    """A function that writes one row to an open text file as csv, tsv or jsonl."""
    if suffix == ".jsonl":
        return lambda cells: file.write(_json_line(cells))
    writer = csv.DictWriter(
        file,
        columns,
        restval="",
        delimiter="\t" if suffix == ".tsv" else ",",
        lineterminator="\n",
        extrasaction="ignore",
    )
    writer.writeheader()
    return lambda cells: writer.writerow(_writable(cells))


def _json_line(cells: Cells) -> str:
    # JSON can keep a lone surrogate as an escape, which the user may want back; nothing else can.
    clean = all(value == replace_surrogates(value) for value in cells.values() if isinstance(value, str))
    return json_text(cells, ensure_ascii=not clean, default=str) + "\n"


def _writable(cells: Cells) -> Cells:
    return {name: replace_surrogates(value) if isinstance(value, str) else value for name, value in cells.items()}
