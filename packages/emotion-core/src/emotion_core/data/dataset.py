"""A dataset: checked splits of texts and labels, how they are read from files, and their fingerprint."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import replace_surrogates
from emotion_core.data.readers import FORMATS, Row, Table, open_table
from emotion_core.errors import DataError
from emotion_core.imports import needs
from emotion_core.labels import describe_labels, parse_label

if TYPE_CHECKING:
    import pandas as pd

OnBadRows = Literal["error", "drop"]
ON_BAD_ROWS: tuple[OnBadRows, ...] = ("error", "drop")

SPLIT_ALIASES: dict[str, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test",),
}
"""Split names, in order, with the file names (without ending) under which a folder may hold them."""

WHOLE_FILE = "all"
"""The name of the only split of a dataset that was given as one file."""

_SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class Columns:
    """How the columns of a file are called, and what to do with rows that cannot be used."""

    text: str = "text"
    label: str = "label"
    on_bad_rows: OnBadRows = "error"


class Words(NamedTuple):
    """How a message calls what names the columns, and what it advises about bad rows."""

    text: str = "--text-column"
    label: str = "--label-column"
    mend: str = "Mend the rows, or leave them out with --on-bad-rows drop."


@dataclass(frozen=True, eq=False)
class Split:
    """Texts and their labels, in the order of the rows.

    Attributes:
        texts: n texts, from any iterable of them.
        labels: ids of emotions, 0 to 5, shape (n,).

    Raises:
        ValueError: there are not as many labels as texts.
    """

    texts: list[str]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", list(self.texts))
        object.__setattr__(self, "labels", np.asarray(self.labels, dtype=np.int64))
        if self.labels.shape != (len(self.texts),):
            raise ValueError(f"found {len(self.texts)} texts and labels of shape {self.labels.shape}, expected (n,)")

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Iterable[int]) -> Split:
        """The texts and labels of some rows, which are counted from 0."""
        rows = [int(row) for row in rows]
        return Split([self.texts[row] for row in rows], self.labels[rows])

    def frame(self) -> pd.DataFrame:
        """A DataFrame with the columns ``text`` and ``label``.

        Raises:
            MissingLibraryError: pandas is not installed.
        """
        needs("study", "pandas")
        import pandas as pd

        return pd.DataFrame({"text": self.texts, "label": self.labels})

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Split:
        """The columns ``text`` and ``label`` of a DataFrame, whose labels are ids."""
        return cls(frame["text"].tolist(), frame["label"].to_numpy())


@dataclass(frozen=True)
class Dataset:
    """Checked splits of texts and labels.

    Attributes:
        name: what was asked for: a name, or a path (`path_name`).
        splits: by name, in the order train, validation, test.
        sources: the file of each split.
        dropped: how many bad rows of each split were dropped (all 0 unless ``on_bad_rows="drop"``).
        cleaned: what `clean_train.clean_train` did to the train split; empty when it was left as it is.
    """

    name: str
    splits: dict[str, Split]
    sources: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    cleaned: dict[str, Any] = field(default_factory=dict)

    def split(self, name: str) -> Split:
        """The split ``name``; a dataset of one file has only that one, whatever the name.

        Raises:
            DataError: the dataset has no such split; the message lists those it has.
        """
        if set(self.splits) == {WHOLE_FILE}:
            return self.splits[WHOLE_FILE]
        if name not in self.splits:
            have = ", ".join(self.splits)
            raise DataError(f"{self.name}: there is no {name!r} split, only {have}. Choose one of them with --split.")
        return self.splits[name]

    def describe(self) -> dict[str, Any]:
        """Rows, fingerprint, source and dropped rows of each split, and what was cleaned, as a run records them."""
        described: dict[str, Any] = {
            name: {
                "rows": len(split),
                "fingerprint": fingerprint(split),
                "source": self.sources.get(name, ""),
                "dropped": self.dropped.get(name, 0),
            }
            for name, split in self.splits.items()
        }
        if self.cleaned and "train" in described:
            described["train"]["cleaned"] = self.cleaned
        return described


def fingerprint(split: Split) -> str:
    """The sha256, in hex, over the lines ``label<TAB>text<LF>`` in row order as UTF-8.

    Each further line of a text begins with a tab. A row begins with a digit, so different rows never give the same
    lines.
    """
    digest = hashlib.sha256()
    for text, label in zip(split.texts, split.labels.tolist(), strict=True):
        digest.update("{}\t{}\n".format(label, text.replace("\n", "\n\t")).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def path_name(path: Path) -> str:
    """What a dataset of a path is called: the path as given, or the folder's own name where that says nothing."""
    return str(path) if path.name not in ("", "..") else path.resolve().name or str(path)


def load_files(files: dict[str, Path], name: str, columns: Columns = Columns()) -> Dataset:
    """Read one file for each split, in the order given, as `load_dataset` does.

    Raises:
        DataError: as for `load_dataset`.
    """
    splits: dict[str, Split] = {}
    dropped: dict[str, int] = {}
    for split, path in files.items():
        splits[split], dropped[split] = read_labelled(path, columns)
    return Dataset(name, splits, {split: str(path) for split, path in files.items()}, dropped)


def find_split_files(folder: Path) -> dict[str, Path]:
    """The files in ``folder`` that hold the splits, by split name.

    Raises:
        DataError: there is none, or two files claim the same split.
    """
    found: dict[str, Path] = {}
    for split, aliases in SPLIT_ALIASES.items():
        files = [file for alias in aliases for suffix in FORMATS if (file := folder / f"{alias}{suffix}").is_file()]
        if len(files) > 1:
            names = " and ".join(file.name for file in files)
            raise DataError(f"{folder}: {names} both claim to be the {split} split. Keep one of them.")
        if files:
            found[split] = files[0]
    if not found:
        names = ", ".join(name for names in SPLIT_ALIASES.values() for name in names)
        raise DataError(
            f"{folder}: no split found, expected files called {names} with an ending of {', '.join(FORMATS)}."
        )
    return found


def read_labelled(path: str | Path, columns: Columns = Columns()) -> tuple[Split, int]:
    """Read the texts and labels of one file, and count the bad rows dropped.

    Lone surrogates, which JSON can escape and UTF-8 cannot hold, become U+FFFD as in both cleanings.

    Raises:
        DataError: a column is missing, the file has no usable row, or (unless dropped) a row is bad.
    """
    return labelled_rows(open_table(path), columns, Words())


def labelled_rows(table: Table, columns: Columns, words: Words) -> tuple[Split, int]:
    """As `read_labelled`, of a table that need not be a file; ``words`` are those of its messages."""
    require_column(table, columns.text, words.text)
    require_column(table, columns.label, words.label)
    texts: list[str] = []
    labels: list[int] = []
    problems: list[str] = []
    for row in table:
        try:
            label = _check(row, columns)
        except ValueError as error:
            problems.append(f"{table.path}, {table.unit} {row.line}: {error}")
            continue
        texts.append(replace_surrogates(row.cells[columns.text]))
        labels.append(label)
    if problems and columns.on_bad_rows == "error":
        raise DataError(_summary(problems, words))
    if not texts:
        raise DataError(
            _summary(problems, words, f"{table.path}: no usable row, expected at least one text with a label.")
        )
    return Split(texts, np.array(labels, dtype=np.int64)), len(problems)


def require_column(table: Table, column: str, option: str) -> None:
    """Raise a DataError that lists the columns there are, unless ``column`` is among them."""
    if column in table.columns:
        return
    if table.path.suffix.lower() == ".txt":
        raise DataError(
            f"{table.path}, line 1: found no ';emotion' at the end, expected lines of the form text;emotion."
        )
    have = ", ".join(repr(name) for name in table.columns)
    raise DataError(f"{table.path}: the column {column!r} is missing, found {have}. Name the right one with {option}.")


def text_problem(value: object) -> str | None:
    """What is wrong with a cell that should hold a text, or None if it can be used."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "found no text (a missing value, NaN), expected a text"
    if not isinstance(value, str):
        return f"found {type(value).__name__} {value!r}, expected a text"
    if not value.strip():
        return "found an empty text, expected at least one character that is not white space"
    if value.strip().lower() == "nan":
        return f"found the text {value!r}, which stands for a missing value, expected a text"
    return None


def _check(row: Row, columns: Columns) -> int:
    """The label id of a good row; a ValueError says what is wrong with a bad one."""
    problem = row.problem or text_problem(row.cells.get(columns.text))
    if problem:
        raise ValueError(problem)
    label = row.cells.get(columns.label)
    if label is None or label == "" or (isinstance(label, float) and math.isnan(label)):
        raise ValueError(f"found no label (a missing value, NaN), expected {describe_labels()}")
    return parse_label(label)


def _summary(problems: Iterable[str], words: Words, headline: str = "") -> str:
    problems = list(problems)
    lines = [headline] if headline else []
    lines += problems[:_SHOWN_PROBLEMS]
    if len(problems) > _SHOWN_PROBLEMS:
        lines.append(f"... and {len(problems) - _SHOWN_PROBLEMS} more bad rows.")
    if problems and not headline:
        lines.append(words.mend)
    return "\n".join(lines)
