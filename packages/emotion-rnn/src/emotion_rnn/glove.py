"""Read GloVe text files: only the rows of the vocabulary become numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import DataError
from emotion_core.run_folder import file_hash

RANDOM_SCALE = 0.05
"""Words without a vector start from a uniform distribution of this half-width, as Keras embeddings do."""

N_RESERVED = 2
"""The first ids: 0 is padding, 1 is out-of-vocabulary."""


@dataclass(frozen=True)
class Vectors:
    """Word vectors for a vocabulary.

    Attributes:
        matrix: shape (vocabulary size, dimension); the row of the padding is zero.
        found: which rows came from the file, shape (vocabulary size,).
        malformed_lines: lines of the file that could not be used.
        sha256: of the file.
    """

    matrix: NDArray[np.float32]
    found: NDArray[np.bool_]
    malformed_lines: int
    sha256: str


def read_vectors(path: str | Path, vocabulary: Sequence[str], seed: int) -> Vectors:
    """Look up the words of a vocabulary in a GloVe text file (a word and its numbers a line).

    A malformed line (cut off, not a number) is skipped and counted. A word without a vector gets a small random
    one from ``seed``.

    Args:
        path: the file.
        vocabulary: word of each id; the first two are padding and out-of-vocabulary.
        seed: of the random vectors.

    Raises:
        DataError: no such file, not a GloVe file, or no word of the vocabulary is in it.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such GloVe file. Check the path; relative paths start at {Path.cwd()}.")
    dimension = _dimension(path)
    shape = (len(vocabulary), dimension)
    matrix = np.random.default_rng(seed).uniform(-RANDOM_SCALE, RANDOM_SCALE, shape).astype(np.float32)
    matrix[0] = 0
    index = {word.encode(): number for number, word in enumerate(vocabulary) if number >= N_RESERVED}
    found = np.zeros(len(vocabulary), dtype=bool)
    malformed = 0
    with path.open("rb") as file:
        for line in file:
            word, _, numbers = line.partition(b" ")
            if word not in index and numbers.count(b" ") + 1 == dimension:
                continue
            vector = _parse(numbers, dimension)
            if vector is None:
                malformed += 1
            elif word in index:
                matrix[index[word]] = vector
                found[index[word]] = True
    if not found.any():
        raise DataError(
            f"{path}: holds none of the {len(index)} words of the training texts. Is it a GloVe file of English words?"
        )
    return Vectors(matrix, found, malformed, file_hash(path))


def coverage(vectors: Vectors, ids: Sequence[NDArray[np.int32]]) -> dict[str, float]:
    """The share of word types and of training tokens that have a vector from the file."""
    tokens = np.concatenate(ids)
    return {
        "types": float(vectors.found[N_RESERVED:].mean()),
        "tokens": float(vectors.found[tokens].mean()),
    }


def _dimension(path: Path) -> int:
    """The number of numbers a line has in a file, by its first ten lines.

    Raises:
        DataError: most of them are not a word and its numbers.
    """
    with path.open("rb") as file:
        lines = [line for _, line in zip(range(10), file, strict=False)]
    counts = [line.partition(b" ")[2].count(b" ") + 1 for line in lines if b" " in line]
    dimension = max(set(counts), key=counts.count) if counts else 0
    good = [line for line in lines if _parse(line.partition(b" ")[2], dimension) is not None]
    if dimension < 2 or len(good) * 2 <= len(lines):
        raise DataError(
            f"{path}, lines 1 to {len(lines)}: found {len(good)} lines of a word and its numbers, expected all. "
            "Name a GloVe text file, e.g. glove.twitter.27B.100d.txt."
        )
    return dimension


def _parse(numbers: bytes, dimension: int) -> NDArray[np.float32] | None:
    try:
        vector = np.array(numbers.split(), dtype=np.float32)
    except ValueError:
        return None
    return vector if vector.shape == (dimension,) and np.isfinite(vector).all() else None
