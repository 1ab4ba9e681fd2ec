"""A file of rows, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Cells = dict[str, Any]
"""The cells of a row by column, of whatever types the file has."""

FORMAT_NAMES = ("csv", "tsv", "jsonl", "ndjson", "json", "parquet", "txt")
"""The formats that can be read; a file ends like one of them, or like one of them and ``.gz``."""

Quoting = Literal["standard", "none"]
QUOTINGS: tuple[Quoting, ...] = ("standard", "none")


@dataclass(frozen=True)
class Reading:
    """How a file is to be read, where that is not left to the file itself.

    Attributes:
        format: one of `FORMAT_NAMES`; None goes by the ending of the file.
        quoting: what a quotation mark means in csv and tsv. ``standard``: it encloses a cell, whatever the cell holds.
            ``none``: it is a character like any other. None: as ``standard``, but a quoted cell that seems to have
            swallowed rows is refused.
    """

    format: str | None = None
    quoting: Quoting | None = None


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
        format: one of `FORMAT_NAMES`; empty for what is no file.
        marked: whether the file began with a byte-order mark.
        notes: what should be said about how the file was read, one sentence each.
        lacks: why a column may be missing, as a whole message; empty if the file says nothing about that.
        schema: the Arrow schema of a parquet file, else None.
        batches: the Arrow record batches of a parquet file, else None.
    """

    path: Path
    columns: tuple[str, ...]
    _rows: Callable[[], Iterator[Row]] = field(repr=False)
    unit: str = "line"
    format: str = ""
    marked: bool = False
    notes: tuple[str, ...] = ()
    lacks: str = ""
    schema: Any = None
    batches: Callable[[], Iterator[Any]] | None = field(default=None, repr=False)
    _some: Callable[[Sequence[str]], Iterator[Row]] | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator[Row]:
        return self._rows()

    def rows_with(self, *columns: str) -> Iterator[Row]:
        """The rows with the cells of these columns; what other cells they have costs nothing to read."""
        return self._rows() if self._some is None else self._some(columns)
