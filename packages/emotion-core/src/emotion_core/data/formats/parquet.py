"""parquet files, by pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from emotion_core.data.formats.source import Source
from emotion_core.data.formats.table import Row, Table
from emotion_core.errors import DataError
from emotion_core.imports import needs

BATCH_ROWS = 8192


def open_parquet(source: Source) -> Table:
    """A table of the rows of a parquet file.

    Raises:
        DataError: it is no such file, or two columns have one name; while rows are read, that the file is damaged.
        MissingLibraryError: pyarrow is not installed.
    """
    needs("study", "pyarrow", who=str(source.path))
    import pyarrow.parquet as pq

    with _telling(f"{source.path}: not a readable parquet file"), pq.ParquetFile(source.seekable()) as file:
        schema = file.schema_arrow
    names = schema.names
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise DataError(f"{source.path}: the column name {twice[0]!r} stands twice. Rename one of them.")
    return Table(
        source.path,
        tuple(names),
        lambda: _rows(source, names),
        unit="row",
        format="parquet",
        schema=schema,
        batches=lambda: (batch for _, batch in _batches(source, None)),
        _some=lambda columns: _rows(source, columns),
    )


def _batches(source: Source, columns: Sequence[str] | None) -> Iterator[tuple[int, Any]]:
    """The record batches of a file, each with the number of rows before it; of all columns, or of some."""
    import pyarrow.parquet as pq

    number = 0
    damaged = _telling(lambda: f"{source.path}, after row {number}: the parquet file is damaged")
    with damaged, pq.ParquetFile(source.seekable()) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=None if columns is None else list(columns)):
            yield number, batch
            number += batch.num_rows


def _rows(source: Source, columns: Sequence[str]) -> Iterator[Row]:
    for before, batch in _batches(source, columns):
        values = [_values(batch.column(name), f"{source.path}, after row {before}") for name in columns]
        for number, cells in enumerate(zip(*values, strict=True), start=before + 1):
            yield Row(number, dict(zip(columns, cells, strict=True)))


@contextmanager
def _telling(what: str | Callable[[], str]) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{what if isinstance(what, str) else what()} ({error}).") from error


def _values(array: Any, where: str) -> list[Any]:
    """The values of a column as Python has them, exactly; see `_value` for those that it cannot hold."""
    import pyarrow as pa

    try:
        if not _has_nanoseconds(array.type):
            return list(array.to_pylist())
    except UnicodeDecodeError as error:
        found = f"a text with the byte 0x{error.object[error.start]:02x}"
        raise DataError(f"{where}: found {found}, expected UTF-8 text.") from error
    except (OverflowError, ValueError, pa.ArrowException):
        pass
    return [_value(scalar) for scalar in array]


def _has_nanoseconds(kind: Any) -> bool:
    """Whether Python would cut values of a type, or of one within it, to microseconds without a word."""
    import pyarrow as pa

    if pa.types.is_nested(kind):
        return any(_has_nanoseconds(kind.field(number).type) for number in range(kind.num_fields))
    return bool(pa.types.is_time64(kind) and kind.unit == "ns")


def _value(scalar: Any) -> Any:
    """The value of one cell: a time with nanoseconds as text, a date beyond Python's years as Arrow's number of it."""
    import pyarrow as pa

    if not scalar.is_valid:
        return None
    if isinstance(scalar, pa.StructScalar):
        return {name: _value(scalar[name]) for name in scalar.type.names}
    if isinstance(scalar, pa.ListScalar | pa.LargeListScalar | pa.FixedSizeListScalar):
        return [_value(item) for item in scalar.values]
    if _has_nanoseconds(scalar.type):
        return scalar.cast(pa.string()).as_py()
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return scalar.value
