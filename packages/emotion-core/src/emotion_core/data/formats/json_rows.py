"""JSON: one object a line (jsonl, ndjson), one array of objects, or a document as pandas writes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from json.decoder import WHITESPACE  # type: ignore[attr-defined]
from typing import Any

from emotion_core.data.formats.source import Source
from emotion_core.data.formats.table import Cells, Row, Table
from emotion_core.errors import DataError

_BROKEN = (json.JSONDecodeError, RecursionError, ValueError)


def open_json(source: Source, form: str) -> Table:
    """A table of the objects in a file, whose keys are the columns.

    Raises:
        DataError: the file is no text or no JSON, or holds something other than objects.
    """
    source.check_text()
    rows, unit = _find_rows(source)
    columns: dict[str, None] = {}
    for row in rows():  # a key may come first in the last row, so the whole file is looked through
        columns.update(dict.fromkeys(row.cells))
    if not columns:
        raise DataError(f"{source.path}: the file has no rows, expected one JSON object a line, or an array of them.")
    return Table(source.path, tuple(columns), rows, unit=unit, format=form)


def _find_rows(source: Source) -> tuple[Callable[[], Iterator[Row]], str]:
    """How to read the rows, and how they are counted."""
    beginning = list(islice(_filled(source), 2))
    if beginning and beginning[0][1].lstrip().startswith("["):
        return lambda: _array(source), "row"
    if len(beginning) == 1 or (beginning and not _is_json(beginning[0][1])):
        document = _document(source)
        if document is not None:
            return lambda: (Row(number, cells) for number, cells in enumerate(document, start=1)), "row"
    return lambda: _lines(source), "line"


def _filled(source: Source) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers; within a JSON text only a line feed ends a line."""
    return ((line, raw) for line, raw in enumerate(source.lines(newline="\n"), start=1) if raw.strip())


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except _BROKEN:
        return False
    return True


def _lines(source: Source) -> Iterator[Row]:
    for line, raw in _filled(source):
        try:
            value = json.loads(raw, object_pairs_hook=_unique)
        except _BROKEN as error:
            raise DataError(f"{source.path}, line {line}: not valid JSON ({error}). One object a line.") from error
        yield Row(line, _object(value, f"{source.path}, line {line}"))


def _unique(pairs: list[tuple[str, Any]]) -> Cells:
    """An object, none of whose values the parser would drop because another has the same key."""
    cells = dict(pairs)
    if len(cells) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in cells if keys.count(key) > 1)!r} stands twice in one object")
    return cells


def _object(value: Any, where: str) -> Cells:
    if not isinstance(value, dict):
        raise DataError(f"{where}: found a JSON {type(value).__name__}, expected an object with keys.")
    return value


def _array(source: Source) -> Iterator[Row]:
    """The objects of one array, one at a time: parsed at once they would take many times the memory of the text."""
    text = "".join(source.lines(newline="\n"))
    skip, decoder = WHITESPACE.match, json.JSONDecoder(object_pairs_hook=_unique)
    number, at = 0, skip(text, skip(text, 0).end() + 1).end()
    try:
        while number or text[at : at + 1] != "]":
            value, at = decoder.raw_decode(text, at)
            number += 1
            yield Row(number, _object(value, f"{source.path}, row {number}"))
            at = skip(text, at).end()
            if text[at : at + 1] == "]":
                break
            if text[at : at + 1] != ",":
                raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
            at = skip(text, at + 1).end()
        at = skip(text, at + 1).end()
        if at < len(text):
            raise json.JSONDecodeError("Extra data", text, at)
    except DataError:
        raise
    except _BROKEN as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else f"row {number + 1}"
        raise DataError(f"{source.path}, {where}: not valid JSON ({error}). Expected an array of objects.") from error


def _document(source: Source) -> list[Cells] | None:
    """The rows of a file that is one object and as such a table; None if it is a row or no whole object."""
    try:
        document = json.loads("".join(source.lines(newline="\n")), object_pairs_hook=_unique)
    except _BROKEN:
        return None
    if not isinstance(document, dict):
        return None
    if "data" not in document and all(_are_rows(value) for value in document.values()) and document:
        names = ", ".join(document)
        raise DataError(
            f"{source.path}: holds its rows in lists below {names}, expected one list. Write each list to "
            f"a file of its own, in one folder if they are splits, such as {next(iter(document))}.json."
        )
    return _table(document)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _table(document: Cells) -> list[Cells] | None:
    """The rows of what ``DataFrame.to_json`` writes with each ``orient``, and of lists by column."""
    data, columns, values = document.get("data"), document.get("columns"), list(document.values())
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        return data
    if isinstance(data, list) and isinstance(columns, list) and all(isinstance(row, list) for row in data):
        return [dict(zip(columns, row, strict=False)) for row in data]
    if values and all(isinstance(value, dict) for value in values):
        inner = [list(value) for value in values]
        if all(_numbers(keys) and keys == inner[0] for keys in inner):  # by column, then by index
            return [{name: document[name][key] for name in document} for key in inner[0]]
        if _numbers(list(document)):  # by index, then by column
            return values
    if values and all(isinstance(value, list) and len(value) == len(values[0]) for value in values):
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]
    return None


def _numbers(keys: list[str]) -> bool:
    return all(key.isdecimal() for key in keys)
