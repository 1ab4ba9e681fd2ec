"""What a training needs of the texts, made once and used by as many trainings as there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click
import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Dataset
from emotion_core.data.typos.texts import EpochTypos
from emotion_core.inference.encoding.words import UNKNOWN, Words
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.backend import keras
from emotion_rnn.network.glove import Vectors, coverage, random_vectors, read_vectors
from emotion_rnn.network.options import CLEANING, VectorOptions
from emotion_rnn.network.vectorizer import make_vectorizer, word_ids


@dataclass(frozen=True)
class GloveRecord:
    """What a run records of its GloVe vectors.

    Attributes:
        file: its name.
        sha256: of the file, in hex.
        coverage: shares of the ``types`` and ``tokens`` of the training texts that have a vector.
        malformed_lines: that were skipped.
        unknown_words: what words start from that have none.
    """

    file: str
    sha256: str
    coverage: dict[str, float]
    malformed_lines: int
    unknown_words: str


@dataclass(frozen=True)
class Prepared:
    """The texts of the train and validation splits as numbers.

    Attributes:
        vectorizer: from cleaned strings to word ids, with the vocabulary of the train split.
        vocabulary: word of each id.
        texts: of the train split, as they were written.
        ids: word ids of each text, by split.
        labels: label ids by split, shape (n,).
        vectors: initial word vectors, shape (vocabulary size, dimension), or None for random ones.
        glove: what a run records of the vectors.
    """

    vectorizer: keras.layers.TextVectorization
    vocabulary: list[str]
    texts: list[str]
    ids: dict[str, list[NDArray[np.int32]]]
    labels: dict[str, NDArray[np.int64]]
    vectors: NDArray[np.float32] | None
    glove: GloveRecord | None


def prepare(
    dataset: Dataset, settings: Hyperparameters, options: VectorOptions | None, seed: int, *, quiet: bool
) -> Prepared:
    """Clean, vectorize and look up the vectors; vocabulary and vectors come from the training texts alone.

    Raises:
        DataError: the GloVe file cannot be used.
    """
    clean = CLEANERS[CLEANING]
    written = dataset.splits["train"].texts
    texts = {name: [clean(text) for text in dataset.splits[name].texts] for name in ("train", "validation")}
    vectorizer = make_vectorizer(texts["train"], settings.vocabulary_size)
    vocabulary = vectorizer.get_vocabulary()
    ids = {name: word_ids(vectorizer, texts[name], settings.max_length) for name in texts}
    labels = {name: dataset.splits[name].labels for name in texts}
    if options is None:
        return Prepared(vectorizer, vocabulary, written, ids, labels, None, None)
    vectors = read_vectors(options, vocabulary, seed)
    record = _record(vectors, ids["train"], options.unknown_words)
    if not quiet:
        _say_coverage(record)
    matrix = widened(vectors.matrix, settings.random_dimensions, seed)
    return Prepared(vectorizer, vocabulary, written, ids, labels, matrix, record)


def ids_with_typos(
    prepared: Prepared, settings: Hyperparameters, seed: int
) -> Callable[[int], list[NDArray[np.int32]]] | None:
    """What gives the word ids of the training texts with the typing errors of an epoch (from 0); None without typos.

    The vocabulary stays that of the texts as they were written, so most mistyped words are unknown ones.
    """
    if not settings.typos:
        return None
    clean, typos, words = (
        CLEANERS[CLEANING],
        EpochTypos(settings.typos, seed),
        Words(prepared.vocabulary, settings.max_length),
    )

    def of_epoch(epoch: int) -> list[NDArray[np.int32]]:
        cleaned = [clean(text) for text in typos.texts(prepared.texts, epoch)]
        return [np.array(ids or [UNKNOWN], np.int32) for ids in words(cleaned)["input_ids"]]

    return of_epoch


def widened(matrix: NDArray[np.float32], n_dimensions: int, seed: int) -> NDArray[np.float32]:
    """Vectors with ``n_dimensions`` small random ones after their own; the row of the padding stays zero."""
    extra = random_vectors((len(matrix), n_dimensions), np.random.default_rng([seed, n_dimensions]))
    return np.concatenate([matrix, extra], axis=1)


def _record(vectors: Vectors, train_ids: list[NDArray[np.int32]], unknown_words: str) -> GloveRecord:
    covered = coverage(vectors, train_ids)
    return GloveRecord(vectors.file, vectors.sha256, covered, vectors.malformed_lines, unknown_words)


def _say_coverage(record: GloveRecord) -> None:
    covered, malformed = record.coverage, record.malformed_lines
    skipped = f"; skipped {malformed} malformed lines" if malformed else ""
    click.echo(
        f"GloVe covers {covered['types']:.1%} of the types, {covered['tokens']:.1%} of the tokens{skipped}", err=True
    )
