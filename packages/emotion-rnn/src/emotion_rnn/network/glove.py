"""Read GloVe text files: only the rows of the vocabulary become numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.kaggle import fetch_again, fetch_from_kaggle
from emotion_core.data.manifests import manifest
from emotion_core.errors import DataError
from emotion_core.system.hashes import file_hash
from emotion_rnn.network.glove_cache import Rows, cached_rows
from emotion_rnn.network.settings import VectorOptions

RANDOM_SCALE = 0.05
"""Words without a vector start from a uniform distribution of this half-width, as Keras embeddings do."""

N_RESERVED = 2
"""The first ids: 0 is padding, 1 is out-of-vocabulary."""


@dataclass(frozen=True)
class Vectors:
    """Word vectors for a vocabulary.

    Attributes:
        file: name of the file they come from.
        matrix: shape (vocabulary size, dimension); the row of the padding is zero.
        found: which rows came from the file, shape (vocabulary size,).
        malformed_lines: lines of the file that could not be used.
        sha256: of the file.
    """

    file: str
    matrix: NDArray[np.float32]
    found: NDArray[np.bool_]
    malformed_lines: int
    sha256: str


def locate_glove(name_or_path: str | Path) -> Path:
    """The GloVe file of a path, or of a name in ``shared-data/glove.json``, fetched from Kaggle and cached there.

    Raises:
        DataError: no such file, or it cannot be fetched.
    """
    entry = manifest("glove").get(str(name_or_path))
    if entry is None:
        path = Path(name_or_path)
        if not path.is_file():
            names = ", ".join(manifest("glove"))
            raise DataError(f"{path}: no such GloVe file. Relative paths start at {Path.cwd()}; names: {names}.")
        return path
    folder = fetch_from_kaggle(
        str(name_or_path), entry, f"name the file with --glove PATH once you have it from {entry['source']}"
    )
    files = sorted(folder.rglob(f"{name_or_path}.txt"))
    if not files:
        raise DataError(f"{folder}: the download holds no {name_or_path}.txt. Name the file with --glove PATH.")
    return files[0]


def read_vectors(options: VectorOptions, vocabulary: Sequence[str], seed: int) -> Vectors:
    """Look up the words of a vocabulary in a GloVe text file (a word and its numbers a line).

    Only the rows of the vocabulary are turned into numbers. They are cached by the fingerprints of file and
    vocabulary. A malformed line (cut off, not a number) is skipped and counted.

    Args:
        options: name the file, the dimension that it must have, and what words start from that it lacks.
        vocabulary: word of each id; the first two are padding and out-of-vocabulary.
        seed: of the random vectors.

    Raises:
        DataError: no such file, not the one that the manifest means by its name, not a GloVe file or not of that
            dimension, or no word of the vocabulary is in it.
    """
    path = locate_glove(options.glove)
    sha256 = file_hash(path)
    expected = manifest("glove").get(str(options.glove), {}).get("sha256") or sha256
    if sha256 != expected:
        raise DataError(
            f"{path}: these are not the vectors {options.glove!r}, found sha256 {sha256}, expected {expected}. "
            f"{fetch_again(path.parent)}, or name another file with --glove PATH."
        )
    rows, found, malformed = cached_rows(sha256, vocabulary, lambda: _read_rows(path, vocabulary))
    if options.dimension not in (None, rows.shape[1]):
        raise DataError(
            f"{path}: found vectors of {rows.shape[1]} numbers, expected {options.dimension}. "
            "Name another file, or leave --embedding-dimension out."
        )
    if not found.any():
        raise DataError(
            f"{path}: holds none of the {len(vocabulary) - N_RESERVED} words of the training texts. "
            "Is it a GloVe file of English words?"
        )
    shape = (len(vocabulary), rows.shape[1])
    random = options.unknown_words == "random"
    matrix = random_vectors(shape, np.random.default_rng(seed)) if random else np.zeros(shape, np.float32)
    matrix[found] = rows
    return Vectors(path.name, matrix, found, malformed, sha256)


def random_vectors(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Small random vectors, shape (vocabulary size, dimension); that of the padding is zero."""
    vectors = rng.uniform(-RANDOM_SCALE, RANDOM_SCALE, shape).astype(np.float32)
    vectors[0] = 0
    return vectors


def _read_rows(path: Path, vocabulary: Sequence[str]) -> Rows:
    """The vectors of the words that the file has, which words those are, and the number of malformed lines.

    Raises:
        DataError: most lines are not a word and its numbers.
    """
    dimension = _dimension(path)
    index = {word.encode(): number for number, word in enumerate(vocabulary) if number >= N_RESERVED}
    vectors: dict[int, NDArray[np.float32]] = {}
    lines = malformed = 0
    with path.open("rb") as file:
        for line in file:
            lines += 1
            word, _, numbers = line.partition(b" ")
            if word not in index:
                malformed += numbers.count(b" ") + 1 != dimension
                continue
            vector = _parse(numbers, dimension)
            if vector is None:
                malformed += 1
            else:
                vectors[index[word]] = vector
    if malformed * 2 > lines:
        raise DataError(
            f"{path}: {malformed} of {lines} lines are not a word and {dimension} numbers. Fetch the file again."
        )
    found = np.zeros(len(vocabulary), dtype=bool)
    found[list(vectors)] = True
    rows = np.array([vectors[number] for number in sorted(vectors)], np.float32).reshape(-1, dimension)
    return rows, found, malformed


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
        vector = np.fromstring(numbers, np.float32, sep=" ")
    except ValueError:
        return None
    return vector if vector.shape == (dimension,) and np.isfinite(vector).all() else None
