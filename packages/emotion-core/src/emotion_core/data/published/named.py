"""The datasets that have a name: where they come from, and the proof that they are the right ones."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from emotion_core.data.dataset import Dataset, fingerprint
from emotion_core.data.published.kaggle import fetch_again, fetch_from_kaggle
from emotion_core.data.published.manifests import ManifestEntry, named_datasets, shared_data_dir
from emotion_core.data.split_files.load import load_folder
from emotion_core.errors import DataError

EMOTION_DATA_DIR = "EMOTION_DATA_DIR"
"""The environment variable that names a folder with the files of the ``emotion`` dataset."""


def load_named(name: str) -> Dataset:
    """Load a dataset of the manifest and verify every split that its folder holds.

    Raises:
        DataError: it cannot be fetched, or a split differs from the manifest.
    """
    entry = named_datasets()[name]
    folder = shared_data_dir() / entry["folder"] if "folder" in entry else _download_folder(name, entry)
    if not folder.is_dir():
        raise DataError(f"{folder}: the folder of {name!r} is not there, which the manifest names.")
    dataset = load_folder(folder, name)
    verify(dataset, entry, _mending(entry, folder))
    # A run records the file of the dataset, not where it lies on this machine.
    files = {split: f"{name}/{Path(source).name}" for split, source in dataset.sources.items()}
    return dataclasses.replace(dataset, sources=files, unused=())


def verify(dataset: Dataset, entry: ManifestEntry, mending: str) -> None:
    """Compare rows and fingerprint of every split with the manifest's.

    Args:
        dataset: what was loaded.
        entry: of the manifest.
        mending: what a user can do about a split that differs, for messages.

    Raises:
        DataError: a split differs; the message gives both fingerprints and the file.
    """
    for name, split in dataset.splits.items():
        expected = entry["splits"].get(name)
        if expected is None:
            raise DataError(f"{dataset.sources[name]}: the manifest of {dataset.name!r} knows no {name} split.")
        found = fingerprint(split)
        if found != expected["sha256"]:
            raise DataError(
                f"{dataset.sources[name]}: this is not the {name} split of {dataset.name!r}. "
                f"Found {len(split)} rows with the fingerprint {found}, expected {expected['rows']} rows with "
                f"{expected['sha256']}. {mending}, or load it as your own data with --data FOLDER."
            )


def _mending(entry: ManifestEntry, folder: Path) -> str:
    downloaded = "folder" not in entry and not os.environ.get(EMOTION_DATA_DIR)
    return fetch_again(folder) if downloaded else "Fetch the file again"


def _download_folder(name: str, entry: ManifestEntry) -> Path:
    """The folder in the environment variable, else kagglehub's cached download."""
    if folder := os.environ.get(EMOTION_DATA_DIR):
        if not Path(folder).is_dir():
            raise DataError(f"{EMOTION_DATA_DIR} names {folder}, which is not a folder.")
        return Path(folder)
    return fetch_from_kaggle(
        name,
        entry,
        "Use texts of your own with --data FILE or FOLDER, the bundled ones with --data sample, or download it by hand "
        f"from {entry['source']} and name its folder with {EMOTION_DATA_DIR}=FOLDER",
    )
