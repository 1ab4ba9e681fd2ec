"""The one door through which data come: names, folders and files become checked splits."""

from __future__ import annotations

from pathlib import Path

from emotion_core.data.dataset import WHOLE_FILE, Dataset, path_name
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.readers import FORMATS
from emotion_core.data.split_files.load import load_files, load_folder
from emotion_core.errors import DataError


def load_dataset(name_or_path: str | Path, columns: Columns = Columns()) -> Dataset:
    """Load a named dataset (``sample``, ``emotion``), a folder with one file a split, or a single file.

    Args:
        name_or_path: a name from ``shared-data/datasets.json`` or from the file in the environment variable
            ``EMOTION_DATASETS``, or a path. ``emotion`` comes from the folder in ``EMOTION_DATA_DIR``, else from
            Kaggle. What has a name is verified by fingerprint.
        columns: the names of the text and label columns, and ``on_bad_rows``: ``error`` or ``drop``.

    Raises:
        DataError: anything is wrong with the data; the message names file, line, what was found and expected.
    """
    from emotion_core.data.published.manifests import named_datasets
    from emotion_core.data.published.named import load_named

    if str(name_or_path) in named_datasets():
        if columns.label_map is not None:
            raise DataError(f"{name_or_path}: has the six emotions as labels, so that no label map goes with it.")
        return load_named(str(name_or_path))
    if not str(name_or_path):
        raise DataError("The name of the data is empty. Give a name, a folder or a file; '.' is the working folder.")
    path = Path(name_or_path)
    if path.is_dir():
        return load_folder(path, path_name(path), columns)
    if not path.exists() and path.suffix.lower() not in FORMATS:
        names = ", ".join(named_datasets())
        raise DataError(
            f"{name_or_path}: no such dataset, folder or file. Names: {names}; files: {', '.join(FORMATS)}."
        )
    return load_files({WHOLE_FILE: path}, name=str(name_or_path), columns=columns)
