"""What is told of the rows of a table when all are predicted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from emotion_core.data.formats.table import Cells
from emotion_core.data.known_words import foreign_remark
from emotion_core.labels import NEUTRAL, NEUTRAL_LABEL, UNCERTAIN, UNCERTAIN_LABEL

NO_TEXT = "no text"
"""The problem of a row without a usable text."""

SHOWN_ROWS = 5


class PredictedRow(NamedTuple):
    """A row with its prediction.

    Attributes:
        cells: with the prediction columns.
        problem: why they are empty: `NO_TEXT`, or what `Classifier.unread` says.
        foreign: as `Classifier.foreign`.
    """

    cells: Cells
    problem: str | None
    foreign: bool = False


@dataclass
class Counts:
    """Counts the rows of a table, one after the other.

    Attributes:
        rows: all.
        without_text: those without a usable text.
        uncertain: those on which the prediction abstained.
        unread: how many texts cannot be read, by the reason.
        foreign: how many texts seem to be in another language.
        first_foreign: the numbers of the first of these, where the first row of the table is row 1.
        neutral: texts that were called neutral.
    """

    rows: int = 0
    without_text: int = 0
    uncertain: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    foreign: int = 0
    first_foreign: list[int] = field(default_factory=list)
    neutral: int = 0

    def add(self, row: PredictedRow) -> None:
        """Count one more row."""
        self.rows += 1
        if row.problem == NO_TEXT:
            self.without_text += 1
        elif row.problem is not None:
            self.unread[row.problem] += 1
        elif row.cells["predicted_label"] == UNCERTAIN_LABEL:
            self.uncertain += 1
        elif row.cells["predicted_label"] == NEUTRAL_LABEL:
            self.neutral += 1
        if row.foreign:
            self.foreign += 1
            if len(self.first_foreign) < SHOWN_ROWS:
                self.first_foreign.append(self.rows)

    def words(self) -> str:
        """Those that are not 0, for a message."""
        without = f", {self.without_text} without text and so without prediction" if self.without_text else ""
        unread = "".join(f", {count} with {reason} and so without prediction" for reason, count in self.unread.items())
        said = ((self.neutral, NEUTRAL), (self.uncertain, UNCERTAIN))
        return f"{self.rows} rows{without}{unread}" + "".join(f", {count} {word}" for count, word in said if count)

    def remark(self) -> str | None:
        """How many texts seem to be in another language, and which ones, if they are more than a few."""
        return foreign_remark(self.foreign, self.rows - self.without_text, self.first_foreign)
