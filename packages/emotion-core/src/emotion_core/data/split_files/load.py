"""Read the splits of a dataset from their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.dropped import Dropped
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.labelled.rows import NoLabelsError, read_labelled
from emotion_core.data.split_files.find import find_split_files

WITHOUT_LABELS = "test"
"""The split that is left out when it has no labels: no training needs them, and who publishes them keeps them back."""


def load_folder(folder: Path, name: str, columns: Columns = Columns()) -> Dataset:
    """Read the splits that a folder holds, as `load_dataset` does.

    Raises:
        DataError: as for `load_dataset`.
    """
    found = find_split_files(folder)
    return load_files(found.files, name, columns, unused=found.unused)


def load_files(
    files: Mapping[str, Path | Sequence[Path]],
    name: str,
    columns: Columns = Columns(),
    *,
    unused: tuple[str, ...] = (),
) -> Dataset:
    """Read the file of each split, or its files one after the other, in the order given, as `load_dataset` does.

    Raises:
        DataError: as for `load_dataset`.
    """
    splits: dict[str, Split] = {}
    dropped: dict[str, Dropped] = {}
    left_out: dict[str, str] = {}
    sources: dict[str, str] = {}
    notes: list[str] = []
    for split, of_split in files.items():
        paths = [of_split] if isinstance(of_split, Path) else of_split
        try:
            parts = [read_labelled(path, columns) for path in paths]
        except NoLabelsError as error:
            if split != WITHOUT_LABELS or len(files) == 1:
                raise
            left_out[split] = str(error)
            continue
        splits[split] = _joined([part.split for part in parts])
        dropped[split] = Dropped.together([part.dropped for part in parts])
        sources[split] = str(paths[0]) + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
        notes += [note for part in parts for note in part.notes]
    return Dataset(name, splits, sources, dropped, left_out, unused, tuple(notes))


def _joined(parts: Sequence[Split]) -> Split:
    if len(parts) == 1:
        return parts[0]
    return Split([text for part in parts for text in part.texts], np.concatenate([part.labels for part in parts]))
