"""The files that hold the splits of a dataset: found in a folder by their names, and read."""

from __future__ import annotations

from pathlib import Path

from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.labelled.rows import read_labelled
from emotion_core.data.readers import FORMATS
from emotion_core.errors import DataError

SPLIT_ALIASES: dict[str, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test",),
}
"""Split names, in order, with the file names (without ending) under which a folder may hold them."""


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
