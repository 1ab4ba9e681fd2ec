"""Open a file of rows in any format: csv, tsv, jsonl, json, parquet, txt, and each of them compressed with gzip."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import IO

from emotion_core.data.formats.delimited import open_delimited
from emotion_core.data.formats.json_rows import open_json
from emotion_core.data.formats.parquet import open_parquet
from emotion_core.data.formats.source import Source, open_source, read_stream
from emotion_core.data.formats.table import FORMAT_NAMES, Reading, Table
from emotion_core.data.formats.txt import open_txt
from emotion_core.errors import DataError

_OPENERS: dict[str, Callable[[Source, Reading, bool], Table]] = {
    "csv": lambda source, reading, labelled: open_delimited(source, "csv", reading.quoting),
    "tsv": lambda source, reading, labelled: open_delimited(source, "tsv", reading.quoting),
    "jsonl": lambda source, reading, labelled: open_json(source, "jsonl"),
    "ndjson": lambda source, reading, labelled: open_json(source, "ndjson"),
    "json": lambda source, reading, labelled: open_json(source, "json"),
    "parquet": lambda source, reading, labelled: open_parquet(source),
    "txt": lambda source, reading, labelled: open_txt(source, labelled=labelled),
}
FORMATS: tuple[str, ...] = tuple(f".{name}" for name in FORMAT_NAMES)
"""The file endings that can be read, each of them also with ``.gz`` after it."""
PACKED = ".gz"


def open_table(path: str | Path, reading: Reading | None = None, *, labelled: bool = False) -> Table:
    """Open a data file, or read a stream (a named pipe, a device) to its end, and find its column names.

    Args:
        path: the file, whose ending says how it is read.
        reading: what is said about it instead.
        labelled: whether labels are read as well, which the lines of a txt file then end with.

    Raises:
        DataError: no such file, an unknown ending, an empty file, a wrong encoding, or a broken format.
    """
    path, reading = Path(path), reading or Reading()
    if not path.exists():
        raise DataError(f"{path}: no such file. Check the path; relative paths start at {Path.cwd()}.")
    found = "a folder" if path.is_dir() else f"the ending {path.suffix!r}" if path.suffix else "no ending"
    name = reading.format or format_of(path)
    if path.is_dir() or name is None:
        raise DataError(
            f"{path}: found {found}, expected a file that ends in {', '.join(FORMATS)}, or one of these and {PACKED}; "
            "or say with --format what it is."
        )
    return _opened(open_source(path), name, reading, labelled)


def open_stream(stream: IO[bytes], name: str, reading: Reading | None = None) -> Table:
    """Read a stream to its end; without a format it holds one text a line.

    Args:
        stream: the bytes.
        name: for messages.
        reading: how to read it.

    Raises:
        DataError: as for `open_table`.
    """
    reading = reading or Reading()
    return _opened(read_stream(stream, Path(name)), reading.format or "txt", reading, labelled=False)


def _opened(source: Source, name: str, reading: Reading, labelled: bool) -> Table:
    table = _OPENERS[name](source, reading, labelled)
    notes = table.notes
    if source.encoding.said and name != "parquet":
        notes = (f"{source.path}: the text is {source.encoding.said} and was read as such.", *notes)
    return dataclasses.replace(table, notes=notes, marked=source.encoding.marked)


def format_of(path: Path) -> str | None:
    """The format that the ending of a file names, whether it is compressed or not; None for no known ending."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == PACKED:
        suffixes.pop()
    return suffixes[-1][1:] if suffixes and suffixes[-1] in FORMATS else None
