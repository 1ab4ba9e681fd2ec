"""From cleaned texts to word ids, and batches of texts of similar length."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import first_words
from emotion_rnn.network.backend import keras, tf
from emotion_rnn.network.options import UNKNOWN_WORD

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
    """The word ids of each cleaned text, at least one and at most ``max_length`` of them.

    A text without words is one unknown word: cuDNN takes no text that is nothing but padding.
    """
    # The vectorizer pads every text to the longest, so what is not read is cut before.
    read = [first_words(text, max_length) or UNKNOWN_WORD for text in texts]
    padded = np.asarray(vectorizer(tf.constant(read)), dtype=np.int32)
    lengths = (padded != 0).sum(axis=1)
    return [row[:length] for row, length in zip(padded, lengths, strict=True)]


def bucketed(
    ids: Sequence[NDArray[np.int32]],
    labels: NDArray[np.integer[Any]],
    batch_size: int,
    seed: int | None,
    of_epoch: Callable[[int], Sequence[NDArray[np.int32]]] | None = None,
) -> tf.data.Dataset:
    """Batches of (ids, labels), each of texts of similar length and padded to its longest.

    Whole batches are made in NumPy: handing single texts to TensorFlow takes longer than training a small network.

    Args:
        ids: word ids of each text.
        labels: label ids, shape (n,).
        batch_size: texts a batch; the last batch of a bucket may have fewer.
        seed: of the shuffling of texts and batches before each epoch; None keeps the order.
        of_epoch: gives the word ids for each pass over the texts (from 0) in place of ``ids``, whose lengths choose the
            buckets all the same, so that each pass has as many batches; None for the same ids in all of them.
    """
    lengths = np.array([len(row) for row in ids])
    buckets = np.digitize(lengths, BUCKET_BOUNDARIES, right=True)
    rng = np.random.default_rng(seed) if seed is not None else None
    passes = itertools.count()

    def batches() -> Any:
        words = ids if of_epoch is None else of_epoch(next(passes))
        order = rng.permutation(len(ids)) if rng else np.arange(len(ids))
        grouped = [order[buckets[order] == bucket] for bucket in np.unique(buckets)]
        chunks = [rows[start : start + batch_size] for rows in grouped for start in range(0, len(rows), batch_size)]
        for number in rng.permutation(len(chunks)) if rng else range(len(chunks)):
            chunk = chunks[number]
            padded = np.zeros((len(chunk), max(len(words[index]) for index in chunk)), np.int32)
            for row, index in zip(padded, chunk, strict=True):
                row[: len(words[index])] = words[index]
            yield padded, labels[chunk]

    signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int32))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    # Keras cannot know how many batches the buckets make, and would warn at the end of the first epoch.
    n_batches = int(np.ceil(np.bincount(buckets) / batch_size).sum())
    return dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(tf.data.AUTOTUNE)
