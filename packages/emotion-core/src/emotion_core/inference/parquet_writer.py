"""Write predicted rows as parquet: the columns of the source as they are, or with types that hold all their values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from emotion_core.data.cleaning import replace_surrogates
from emotion_core.data.formats.table import Cells, Table
from emotion_core.errors import DataError
from emotion_core.imports import needs
from emotion_core.runs.predictions import PREDICTION_COLUMNS

_TYPED = ("jsonl", "ndjson", "json")
"""Formats whose cells are more than texts."""


class ParquetRows:
    """Writes predicted rows, a chunk at a time.

    The columns of a parquet table pass on as Arrow values, whatever the rows hold of them: no value becomes one of
    Python on the way, which could not hold each.

    Args:
        path: of the file.
        table: whose rows were predicted; if it is JSON, it is read once more to find types for all its values.
        chunk_rows: how many rows are written at a time.
        added: the columns of the predictions: a label, an emotion, and probabilities.

    Raises:
        DataError: no type holds all values of a column unchanged.
    """

    def __init__(self, path: Path, table: Table, chunk_rows: int, added: Sequence[str] = PREDICTION_COLUMNS) -> None:
        needs("study", "pyarrow", who=str(path))
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._table, self._chunk_rows = table, chunk_rows
        self._passed = _Passed(table) if table.batches is not None else None
        self._own = table.schema if self._passed else _found_schema(table, chunk_rows)
        types = (pa.int64(), pa.string(), *[pa.float64()] * (len(added) - 2))
        self._added = pa.schema(list(zip(added, types, strict=True)))
        self._pending: list[Cells] = []
        with _telling(table):
            self._file = pq.ParquetWriter(path, pa.schema([*self._own, *self._added]))

    def write(self, cells: Cells) -> None:
        """Write one row."""
        self._pending.append(cells)
        if len(self._pending) >= self._chunk_rows:
            self._flush()

    def close(self, *, complete: bool) -> None:
        """Write what is left, unless the rows broke off, and end the file."""
        try:
            if complete:
                self._flush()
        finally:
            self._file.close()

    def _flush(self) -> None:
        import pyarrow as pa

        own = self._passed.take(len(self._pending)) if self._passed else self._converted()
        added = pa.Table.from_pylist(self._pending, schema=self._added)
        with _telling(self._table):
            self._file.write_table(pa.table([*own.columns, *added.columns], schema=self._file.schema))
        self._pending.clear()

    def _converted(self) -> Any:
        import pyarrow as pa

        columns = []
        for field in self._own:
            values = [_writable(cells.get(field.name)) for cells in self._pending]
            with _telling(self._table, field.name):
                column = pa.array(values, field.type)
            if not pa.types.is_string(field.type) and not _same(values, column.to_pylist()):
                raise _no_type(self._table, field.name, f"{field.type} would change some")
            columns.append(column)
        return pa.table(columns, schema=self._own)


class _Passed:
    """The columns of a parquet table, so many rows at a time."""

    def __init__(self, table: Table) -> None:
        assert table.batches is not None
        self._schema, self._batches = table.schema, table.batches()
        self._left: Any = None

    def take(self, rows: int) -> Any:
        """The next rows as an Arrow table."""
        import pyarrow as pa

        parts = []
        while rows:
            if not self._left:
                self._left = next(self._batches)
            part = self._left.slice(0, rows)
            self._left = self._left.slice(part.num_rows)
            rows -= part.num_rows
            parts.append(part)
        return pa.Table.from_batches(parts, schema=self._schema)


def _found_schema(table: Table, chunk_rows: int) -> Any:
    """For each column the type that holds all its values; text where it has none."""
    import pyarrow as pa

    schema = pa.schema([(name, pa.null()) for name in table.columns])
    if table.format in _TYPED:
        rows: Iterator[Cells] = (row.cells for row in table)
        while chunk := list(islice(rows, chunk_rows)):
            for number, name in enumerate(table.columns):
                with _telling(table, name):
                    found = pa.schema([(name, pa.array([_writable(cells.get(name)) for cells in chunk]).type)])
                    known = pa.schema([schema.field(number)])
                    both = pa.unify_schemas([known, found], promote_options="permissive")
                schema = schema.set(number, both.field(0))
    return pa.schema([(field.name, pa.string() if pa.types.is_null(field.type) else field.type) for field in schema])


@contextmanager
def _telling(table: Table, column: str = "") -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OverflowError) as error:
        raise _no_type(table, column, str(error)) from error


def _no_type(table: Table, column: str, reason: str) -> DataError:
    which = f"the column {column!r}" if column else "a column"
    return DataError(
        f"{table.path}: {which} holds values that parquet cannot store together ({reason}). "
        "Write a .jsonl or .csv file instead."
    )


def _writable(value: Any) -> Any:
    """A value of JSON without lone surrogates, which Arrow cannot hold."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {replace_surrogates(name): _writable(item) for name, item in value.items()}
    return value


def _same(before: Any, after: Any) -> bool:
    """Whether a value of JSON came through Arrow unchanged; an object may have gained keys without a value."""
    if isinstance(before, dict):
        gained: Iterable[str] = after if isinstance(after, dict) else ()
        return isinstance(after, dict) and all(_same(before.get(name), after.get(name)) for name in {*before, *gained})
    if isinstance(before, list):
        return isinstance(after, list) and len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, float) and math.isnan(before):
        return isinstance(after, float) and math.isnan(after)
    return isinstance(before, bool) == isinstance(after, bool) and before == after
