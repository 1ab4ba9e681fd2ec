"""A dataset: checked splits of texts and labels, and their fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.dropped import Dropped
from emotion_core.errors import DataError
from emotion_core.imports import needs
from emotion_core.labels import EMOTIONS

if TYPE_CHECKING:
    import pandas as pd

WHOLE_FILE = "all"
"""The name of the only split of a dataset that was given as one file."""


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

    def classes(self) -> dict[str, int]:
        """How many texts each of the six emotions has."""
        counts = np.bincount(self.labels, minlength=len(EMOTIONS)).tolist()
        return dict(zip(EMOTIONS, counts, strict=True))

    def absent(self) -> list[str]:
        """The emotions that no text has."""
        return [emotion for emotion, count in self.classes().items() if not count]

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
class HeldOut:
    """How a validation split was drawn from the training rows: with this seed, and this share of them."""

    seed: int
    fraction: float


@dataclass(frozen=True, eq=False)
class NeutralTexts:
    """Texts that show none of the six emotions.

    Attributes:
        texts: n texts.
        source: the file, or what it is called.
        fingerprint: as `fingerprint`, each text with the label 0.
        threshold: of the neutral gate that they teach: the probability from which on a prediction says ``neutral``
            without being asked to; None for never.
    """

    texts: list[str]
    source: str
    fingerprint: str
    threshold: float | None = None


@dataclass(frozen=True)
class MixedSource:
    """One of several datasets that were mixed.

    Attributes:
        name: as that of a dataset.
        weight: share of the training rows of the mix, from 0 to 1.
        rows: training rows of the mix that are its own, repeated ones included.
        shared: training rows that were left out since another source holds their texts out.
        splits: ``rows`` and ``fingerprint`` of its own splits, by name.
    """

    name: str
    weight: float
    rows: int
    shared: int
    splits: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Mix:
    """How datasets were mixed: the rule, or the weights as they were given, and the sources in their order."""

    rule: str
    sources: list[MixedSource]


@dataclass(frozen=True)
class Dataset:
    """Checked splits of texts and labels.

    Attributes:
        name: what was asked for: a name, or a path (`path_name`).
        splits: by name, in the order train, validation, test.
        sources: the file of each split.
        dropped: the rows of each split that were left out.
        left_out: the splits that cannot be used, with the reason; only a test split, whose labels no training needs.
        unused: the other files in the folder.
        notes: what should be said about how the files were read, one sentence each.
        in_train: how many different texts of each other split stand in train, too; empty where nobody has looked.
        held_out: how the validation split was drawn, where it has no file of its own.
        cleaned: what `deduplication.clean_train` did to the train split; empty when it was left as it is.
        mix: the datasets that it was made of; None for one that was loaded as it is.
        neutral: texts that teach a neutral gate; None where there is to be none.
    """

    name: str
    splits: dict[str, Split]
    sources: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, Dropped] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    in_train: dict[str, int] = field(default_factory=dict)
    held_out: HeldOut | None = None
    cleaned: dict[str, Any] = field(default_factory=dict)
    mix: Mix | None = None
    neutral: NeutralTexts | None = None

    @property
    def is_one_file(self) -> bool:
        """Whether the rows are not split."""
        return set(self.splits) == {WHOLE_FILE}

    def split(self, name: str) -> Split:
        """The split ``name``; a dataset of one file has only that one, whatever the name.

        Raises:
            DataError: the dataset has no such split; the message lists those it has.
        """
        if self.is_one_file:
            return self.splits[WHOLE_FILE]
        if name in self.splits:
            return self.splits[name]
        if name in self.left_out:
            raise DataError(f"{self.name}: the {name!r} split cannot be used. {self.left_out[name]}")
        have = ", ".join(self.splits)
        raise DataError(f"{self.name}: there is no {name!r} split, only {have}. Choose one of them with --split.")

    def describe(self) -> dict[str, Any]:
        """What a run records of each split: rows, emotions, fingerprint, source, and what was dropped or cleaned."""
        described = {name: self._described(name) for name in self.splits}
        if self.cleaned and "train" in described:
            described["train"]["cleaned"] = self.cleaned
        for name, count in self.in_train.items():
            described[name]["in_train"] = count
        if self.held_out and "validation" in described:
            described["validation"]["held_out"] = vars(self.held_out)
        return described

    def _described(self, name: str) -> dict[str, Any]:
        split, dropped = self.splits[name], self.dropped.get(name, Dropped())
        return {
            "rows": len(split),
            "classes": split.classes(),
            "fingerprint": fingerprint(split),
            "source": self.sources.get(name, ""),
            "dropped": dropped.rows,
            **({"dropped_labels": {why: dict(of) for why, of in dropped.reasons.items()}} if dropped.rows else {}),
        }


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
