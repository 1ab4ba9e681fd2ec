"""Which columns hold texts and labels, and what becomes of rows that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from emotion_core.data.formats.table import Reading
from emotion_core.data.labelled.label_map import LabelMap

OnBadRows = Literal["error", "drop"]
ON_BAD_ROWS: tuple[OnBadRows, ...] = ("error", "drop")


@dataclass(frozen=True)
class Columns:
    """How the columns of a file are called, what to do with rows that cannot be used, and how the file is read.

    Attributes:
        text, label: names of the columns.
        on_bad_rows: stop at rows that cannot be used, or leave them out and count them.
        label_map: what labels of another set are among the six; None where they are the six.
        reading: what is said about the form of the file.
    """

    text: str = "text"
    label: str = "label"
    on_bad_rows: OnBadRows = "error"
    label_map: LabelMap | None = None
    reading: Reading = field(default_factory=Reading)


class Words(NamedTuple):
    """How a message calls what names the columns, and what it advises about unknown labels and other bad rows."""

    text: str = "--text-column"
    label: str = "--label-column"
    unknown: str = (
        "Say with --label-map FILE which of the six emotions each unknown label is, or drop. "
        "Otherwise mend the rows, or leave them out with --on-bad-rows drop."
    )
    mend: str = "Mend the rows, or leave them out with --on-bad-rows drop."
