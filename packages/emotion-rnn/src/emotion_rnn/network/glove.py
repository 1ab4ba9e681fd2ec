"""Read text files of word vectors (GloVe, word2vec, fastText): only the rows of the vocabulary become numbers."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.published.kaggle import fetch_again, fetch_from_kaggle
from emotion_core.data.published.manifests import manifest
from emotion_core.errors import DataError
from emotion_core.system.hashes import file_hash
from emotion_rnn.network.glove_cache import Rows, cached_rows
from emotion_rnn.network.options import VectorOptions

RANDOM_SCALE = 0.05
"""Words without a vector start from a uniform distribution of this half-width, as Keras embeddings do."""

BUNDLED = Path(__file__).parent
"""The folder of the vectors that the package brings along."""

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
    """The GloVe file of a path, or of a name in ``shared-data/glove.json``.

    The vectors of ``sample`` are part of the package; others are fetched from Kaggle, whose client caches them.

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
    if "file" in entry:
        return BUNDLED / str(entry["file"])
    folder = fetch_from_kaggle(
        str(name_or_path),
        entry,
        f"Download it by hand from {entry['source']} and name the file with --glove PATH, name vectors of your own "
        "with it, or train random ones without --glove",
    )
    files = sorted(folder.rglob(f"{name_or_path}.txt"))
    if not files:
        raise DataError(f"{folder}: the download holds no {name_or_path}.txt. Name the file with --glove PATH.")
    return files[0]


def read_vectors(options: VectorOptions, vocabulary: Sequence[str], seed: int) -> Vectors:
    """Look up the words of a vocabulary in a text file of vectors (a word and its numbers a line).

    Words and numbers are separated by spaces or tabs, one or several; a byte-order mark, the first line of word2vec and
    fastText (how many vectors, how many numbers each), and spaces at the end of lines are read over. Only the rows of
    the vocabulary are turned into numbers. They are cached by the fingerprints of file and vocabulary. A malformed line
    (cut off, not a number) is skipped and counted.

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
    entry = manifest("glove").get(str(options.glove), {})
    expected = entry.get("sha256") or sha256
    if sha256 != expected:
        mending = "Install emotion-rnn again" if "file" in entry else fetch_again(path.parent)
        raise DataError(
            f"{path}: these are not the vectors {options.glove!r}, found sha256 {sha256}, expected {expected}. "
            f"{mending}, or name another file with --glove PATH."
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
        for line in _vector_lines(file):
            lines += 1
            word, numbers = _parts(line)
            if word not in index:
                malformed += _is_malformed(numbers, dimension)
                continue
            vector = _parse(numbers, dimension)
            if vector is not None:
                vectors[index[word]] = vector
            else:  # a name of several words, of which the first is in the vocabulary, is none of ours
                malformed += len(numbers.split()) <= dimension or _is_malformed(numbers, dimension)
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
        lines = [line for _, line in zip(range(10), _vector_lines(file), strict=False)]
    counts = [len(numbers.split()) for _, numbers in map(_parts, lines) if numbers]
    dimension = max(set(counts), key=counts.count) if counts else 0
    good = [line for line in lines if _parse(_parts(line)[1], dimension) is not None]
    if dimension < 2 or len(good) * 2 <= len(lines):
        raise DataError(
            f"{path}, lines 1 to {len(lines)}: found {len(good)} lines of a word and its numbers, expected all. "
            "Name a text file of GloVe, word2vec or fastText, e.g. glove.twitter.27B.100d.txt; unpack it first."
        )
    return dimension


def _vector_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines that hold a word and its numbers: without a byte-order mark and the first line of word2vec."""
    first = file.readline().removeprefix(codecs.BOM_UTF8)
    fields = first.split()
    if first and not (len(fields) == 2 and all(field.isdigit() for field in fields)):
        yield first
    yield from file


def _parts(line: bytes) -> tuple[bytes, bytes]:
    """The word of a line, and its numbers as they stand there."""
    word, *numbers = line.split(maxsplit=1) or [b""]
    return word, numbers[0] if numbers else b""


def _is_malformed(numbers: bytes, dimension: int) -> bool:
    """Whether what follows the first word of a line is not ``dimension`` numbers; names of several words are."""
    if numbers.count(b" ") + 1 == dimension:  # far faster than to split, and right for nearly all lines
        return False
    fields = numbers.split()
    return len(fields) != dimension and not (len(fields) > dimension and _parse(fields[-dimension - 1], 1) is None)


def _parse(numbers: bytes, dimension: int) -> NDArray[np.float32] | None:
    try:
        vector = np.fromstring(numbers, np.float32, sep=" ")
    except ValueError:
        return None
    return vector if vector.shape == (dimension,) and np.isfinite(vector).all() else None
