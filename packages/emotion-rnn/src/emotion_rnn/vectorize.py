"""From cleaned texts to word ids, and batches of texts of similar length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_rnn.backend import keras, tf

if TYPE_CHECKING:
    from emotion_rnn.architecture import Hyperparameters

BUCKET_BOUNDARIES = (8, 12, 16, 20, 25, 30, 40, 60)
"""Upper ends of the length buckets in words: a batch is padded to its longest text, not to the maximum."""


def make_vectorizer(texts: Sequence[str], vocabulary_size: int) -> keras.layers.TextVectorization:
    """A vectorizer whose vocabulary is the most frequent words of cleaned texts.

    It standardizes too, which changes nothing in cleaned texts, so that a saved model that somebody opens in plain
    Keras reads raw texts well enough.
    """
    vectorizer = keras.layers.TextVectorization(
        max_tokens=vocabulary_size, standardize="lower_and_strip_punctuation", name="vectorizer"
    )
    vectorizer.adapt(tf.data.Dataset.from_tensor_slices(list(texts)).batch(1024))
    return vectorizer


def word_ids(
    vectorizer: keras.layers.TextVectorization, texts: Sequence[str], max_length: int
) -> list[NDArray[np.int32]]:
    """The word ids of each cleaned text, at least one and at most ``max_length`` of them."""
    padded = np.asarray(vectorizer(tf.constant(list(texts))), dtype=np.int32)
    lengths = (padded != 0).sum(axis=1)
    return [row[: max(1, min(length, max_length))] for row, length in zip(padded, lengths, strict=True)]


def bucketed(
    ids: Sequence[NDArray[np.int32]], labels: NDArray[np.integer[Any]], settings: Hyperparameters, seed: int | None
) -> tf.data.Dataset:
    """Batches of (ids, labels), each of texts of similar length and padded to its longest.

    Args:
        ids: word ids of each text.
        labels: label ids, shape (n,).
        settings: of these, the batch size counts.
        seed: of the shuffling before each epoch; None keeps the order.
    """

    def rows() -> Any:
        order = rng.permutation(len(ids)) if rng else range(len(ids))
        for index in order:
            yield ids[index], labels[index]

    rng = np.random.default_rng(seed) if seed is not None else None
    signature = (tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int32))
    dataset = tf.data.Dataset.from_generator(rows, output_signature=signature)
    boundaries = [boundary + 1 for boundary in BUCKET_BOUNDARIES]
    dataset = dataset.bucket_by_sequence_length(
        element_length_func=lambda words, _: tf.shape(words)[0],
        bucket_boundaries=boundaries,
        bucket_batch_sizes=[settings.batch_size] * (len(boundaries) + 1),
    )
    # Keras cannot know how many batches the buckets make, and would warn at the end of the first epoch.
    filled = np.bincount(np.digitize([len(row) for row in ids], boundaries), minlength=len(boundaries) + 1)
    n_batches = int(np.ceil(filled / settings.batch_size).sum())
    return dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(tf.data.AUTOTUNE)
