"""Keep the vectors that were looked up in a large GloVe file, by the fingerprints of file and vocabulary."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.system.claim import claimed, put_in_place

CACHE_DIR = "EMOTION_CACHE_DIR"
"""The environment variable that names the cache folder instead of ``~/.cache/emotion``."""

FORM = 2
"""Counts the ways in which files were read; rows that an older version read are not taken."""

Rows = tuple[NDArray[np.float32], NDArray[np.bool_], int]
"""Vectors of the words found, shape (found words, dimension); which words, shape (vocabulary size,); bad lines."""


def cached_rows(file_sha256: str, vocabulary: Sequence[str], read: Callable[[], Rows]) -> Rows:
    """The rows of a vocabulary from the cache, else from ``read``, which fills the cache.

    A damaged entry, or a link to somewhere else, is read anew and replaced. A cache that cannot be written is done
    without.
    """
    path = cache_path(file_sha256, vocabulary)
    # what damage makes zipfile and NumPy's parser raise has no common class
    with suppress(Exception):
        if not path.is_symlink():
            with path.open("rb") as file, np.load(file, allow_pickle=False) as entry:
                rows, found, malformed = entry["rows"], entry["found"], int(entry["malformed"])
            if found.shape == (len(vocabulary),) and len(rows) == found.sum():
                return rows, found, malformed
    rows, found, malformed = read()
    _store(path, rows, found, malformed)
    return rows, found, malformed


def cache_path(file_sha256: str, vocabulary: Sequence[str]) -> Path:
    """Where the rows of a vocabulary from one file are kept."""
    folder = Path(os.environ.get(CACHE_DIR) or Path.home() / ".cache" / "emotion")
    words = hashlib.sha256("\n".join(vocabulary).encode()).hexdigest()
    return folder / "glove" / f"{file_sha256[:16]}-{words[:16]}-{FORM}.npz"


def _store(path: Path, rows: NDArray[np.float32], found: NDArray[np.bool_], malformed: int) -> None:
    # a cache that cannot be written is done without
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():  # nobody asked to write where it leads
            path.unlink()
        with claimed(path, wait=True) as aside:
            np.savez(aside, rows=rows, found=found, malformed=malformed)
            put_in_place(aside, path)
