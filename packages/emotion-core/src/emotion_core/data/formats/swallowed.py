"""Notice a quoted cell that has swallowed rows, since a quotation mark in one text met one in a later text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emotion_core.labels import EMOTION_TO_ID

_MOST = 0.8
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_RUN = re.compile(r"(\d+)|([^\W\d_]+)")


def swallows_rows(lines: Sequence[str], cells: Sequence[str], delimiter: str) -> bool:
    """Whether the lines of one record look like rows of their own.

    They do if each line, read without quotation marks, has the cells of a row, and if the cells beside the text are
    values of one kind: an emotion, a number, a date. A text of several lines hardly ever has that form. A record with
    more quotation marks than the two of one cell was quoted on purpose; so is every record of several lines that
    `writing` writes.

    Args:
        lines: of the record as they stand in the file, two or more.
        cells: of the record.
        delimiter: between two cells.
    """
    held = [number for number, cell in enumerate(cells) if "\n" in cell or "\r" in cell]
    if len(cells) < 2 or len(held) != 1 or sum(line.count('"') for line in lines) != 2:
        return False
    rows = [line.rstrip("\r\n").split(delimiter) for line in lines]
    whole = [row for row in rows if len(row) == len(cells)]
    if rows[0] not in whole or rows[-1] not in whole or len(whole) < _MOST * len(rows):
        return False
    others = [number for number in range(len(cells)) if number != held[0]]
    shapes = [{_shape(row[number].strip()) for row in whole} for number in others]
    return all(len(found) == 1 for found in shapes) and any(found != {""} for found in shapes)


def _shape(value: str) -> str:
    """What values of one kind have in common; empty for what may be part of any text."""
    if value.casefold() in EMOTION_TO_ID:
        return "emotion"
    if _NUMBER.fullmatch(value):
        return "number"
    shape = _RUN.sub(lambda run: "9" if run[1] else "a", value)
    return shape if "9" in shape and not any(char.isspace() for char in shape) else ""
