"""Predict files of any size in chunks, keeping the user's own columns and the order of the rows."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from emotion_core.classifier import Classifier
from emotion_core.dataset import require_column, text_problem
from emotion_core.errors import DataError, RunError
from emotion_core.evaluate import PREDICTION_COLUMNS, prediction_cells
from emotion_core.readers import Row, Table, open_table
from emotion_core.text import replace_surrogates

CHUNK_ROWS = 4096
OUTPUT_FORMATS = (".csv", ".tsv", ".jsonl", ".parquet")

Cells = dict[str, Any]
Progress = Callable[[int], None] | None


def predict_rows(
    classifier: Classifier, rows: Iterable[Cells], text_column: str = "text", progress: Progress = None
) -> Iterator[Cells]:
    """Add the prediction columns to each row, a chunk at a time.

    A row without a usable text (missing, empty, not a text) keeps its place, with its prediction columns ``None``.
    """
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        usable = [cells for cells in chunk if text_problem_in_prediction(cells.get(text_column)) is None]
        texts = [cells[text_column] for cells in usable]
        predicted = iter(prediction_cells(classifier.predict_proba(texts, progress=progress)) if texts else [])
        usable_ids = {id(cells) for cells in usable}
        for cells in chunk:
            added = next(predicted) if id(cells) in usable_ids else [None] * len(PREDICTION_COLUMNS)
            yield cells | dict(zip(PREDICTION_COLUMNS, added, strict=True))


def text_problem_in_prediction(value: object) -> str | None:
    """As `dataset.text_problem`, but the text ``nan`` is a text like any other."""
    return None if isinstance(value, str) and value.strip() else text_problem(value)


def predict_table(
    classifier: Classifier,
    table: Table,
    output: str | Path,
    *,
    text_column: str = "text",
    force: bool = False,
    progress: Progress = None,
) -> tuple[int, int]:
    """Predict every row of a table into a file, which appears complete or not at all.

    Args:
        table: from `checked_table` or `text_table`.
        output: csv, tsv, jsonl or parquet, chosen by its ending.
        text_column: the column with the texts.
        force: replace an existing output.

    Returns:
        The number of rows, and how many of them had no usable text and so no prediction.

    Raises:
        DataError: the table cannot be read to its end.
        RunError: the output exists, is the input, or cannot be written.
    """
    output = Path(output)
    check_output_file(output, table.path, force=force)
    aside = output.with_name(f".{output.name}.partial-{os.getpid()}{output.suffix}")
    total = without = 0
    try:
        with RowWriter(aside, table) as writer:
            for cells in predict_rows(classifier, table_cells(table), text_column, progress):
                total += 1
                without += cells["predicted_label"] is None
                writer.write(cells)
        aside.replace(output)
    except OSError as error:
        raise RunError(f"{output}: cannot be written ({error}).") from error
    finally:
        aside.unlink(missing_ok=True)
    return total, without


def text_table(texts: Iterable[str], name: str) -> Table:
    """A table of one column ``text`` that is not a file, with ``name`` for messages; an iterator is read once."""
    return Table(Path(name), ("text",), lambda: (Row(line, {"text": text}) for line, text in enumerate(texts, start=1)))


def checked_table(source: str | Path, text_column: str) -> Table:
    """Open a file whose rows can be predicted.

    Raises:
        DataError: the file cannot be read, lacks the text column, or has a column named like one that is added.
    """
    table = open_table(source)
    require_column(table, text_column, "--text-column")
    taken = [name for name in PREDICTION_COLUMNS if name in table.columns]
    if taken:
        raise DataError(f"{table.path}: has a column {taken[0]!r} already, which prediction adds. Rename or remove it.")
    return table


def check_output_file(output: Path, source: Path, *, force: bool) -> None:
    """Raise a RunError unless the predictions of ``source`` may be written to ``output``."""
    if output.resolve() == source.resolve():
        raise RunError(f"{output}: is the input itself. Choose another --output.")
    if output.suffix.lower() not in OUTPUT_FORMATS:
        raise RunError(f"{output}: found the ending {output.suffix!r}, expected one of {', '.join(OUTPUT_FORMATS)}.")
    if output.exists() and not force:
        raise RunError(f"{output}: exists already. Choose another --output, or replace it with --force.")
    if not output.parent.is_dir():
        raise RunError(f"{output}: the folder {output.parent} does not exist. Make it first.")


def table_cells(table: Table) -> Iterator[Cells]:
    """The cells of each row of a table.

    Raises:
        DataError: a row does not fit the header, so that its text cannot be known.
    """
    for row in table:
        if row.problem:
            raise DataError(f"{table.path}, {table.unit} {row.line}: {row.problem}")
        yield row.cells


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
    return json.dumps(cells, ensure_ascii=not clean, default=str) + "\n"


def _writable(cells: Cells) -> Cells:
    return {name: replace_surrogates(value) if isinstance(value, str) else value for name, value in cells.items()}
