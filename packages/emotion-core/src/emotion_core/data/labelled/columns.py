"""Which columns hold texts and labels, and what becomes of rows that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from emotion_core.data.formats.table import Reading

OnBadRows = Literal["error", "drop"]
ON_BAD_ROWS: tuple[OnBadRows, ...] = ("error", "drop")


@dataclass(frozen=True)
class Columns:
    """How the columns of a file are called, what to do with rows that cannot be used, and how the file is read."""

    text: str = "text"
    label: str = "label"
    on_bad_rows: OnBadRows = "error"
    reading: Reading = field(default_factory=Reading)


class Words(NamedTuple):
    """How a message calls what names the columns, and what it advises about bad rows."""

    text: str = "--text-column"
    label: str = "--label-column"
    mend: str = "Mend the rows, or leave them out with --on-bad-rows drop."
