"""The files that hold the splits of a dataset: found in a folder by their names, and read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.dropped import Dropped
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.labelled.rows import NoLabelsError, read_labelled
from emotion_core.data.readers import FORMATS, format_of
from emotion_core.errors import DataError
from emotion_core.system.hashes import is_passed_over

SPLIT_ALIASES: dict[str, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "development", "eval", "evaluation"),
    "test": ("test", "testing"),
}
"""Split names, in order, with the file names (without ending, in any case) under which a folder may hold them."""

WITHOUT_LABELS = "test"
"""The split that is left out when it has no labels: no training needs them, and who publishes them keeps them back."""


class SplitFiles(NamedTuple):
    """The file of each split of a folder, in the order of `SPLIT_ALIASES`, and the names of what else it holds."""

    files: dict[str, Path]
    unused: tuple[str, ...]


def load_folder(folder: Path, name: str, columns: Columns = Columns()) -> Dataset:
    """Read the splits that a folder holds, as `load_dataset` does.

    Raises:
        DataError: as for `load_dataset`.
    """
    found = find_split_files(folder)
    return load_files(found.files, name, columns, unused=found.unused)


def load_files(
    files: Mapping[str, Path], name: str, columns: Columns = Columns(), *, unused: tuple[str, ...] = ()
) -> Dataset:
    """Read one file for each split, in the order given, as `load_dataset` does.

    Raises:
        DataError: as for `load_dataset`.
    """
    splits: dict[str, Split] = {}
    dropped: dict[str, Dropped] = {}
    left_out: dict[str, str] = {}
    notes: list[str] = []
    for split, path in files.items():
        try:
            splits[split], dropped[split], _, said = read_labelled(path, columns)
            notes += said
        except NoLabelsError as error:
            if split != WITHOUT_LABELS or len(files) == 1:
                raise
            left_out[split] = str(error)
    sources = {split: str(files[split]) for split in splits}
    return Dataset(name, splits, sources, dropped, left_out, unused, tuple(notes))


def find_split_files(folder: Path) -> SplitFiles:
    """The files in ``folder`` that hold the splits, by split name.

    Raises:
        DataError: there is none, or two files claim the same split.
    """
    entries = sorted(entry for entry in folder.iterdir() if not is_passed_over(entry.name))
    found: dict[str, Path] = {}
    for split, aliases in SPLIT_ALIASES.items():
        files = [entry for alias in aliases for entry in entries if _is_called(entry, alias) and entry.is_file()]
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
    return SplitFiles(found, tuple(entry.name for entry in entries if entry not in found.values()))


def _is_called(file: Path, alias: str) -> bool:
    return file.name.split(".")[0].casefold() == alias and file.name.count(".") <= 2 and format_of(file) is not None
