"""Word ids and length buckets."""

from __future__ import annotations

import numpy as np

from emotion_rnn.network.backend import tf
from emotion_rnn.network.vectorizer import BUCKET_BOUNDARIES, bucketed, make_vectorizer, word_ids

BATCH_SIZE = 4


def texts_of_lengths(lengths: list[int]) -> list[np.ndarray]:
    """Word ids of texts, each text with its own number in every place."""
    return [np.full(length, number + 1, dtype=np.int32) for number, length in enumerate(lengths)]


def test_the_vocabulary_is_the_most_frequent_words_after_padding_and_unknown() -> None:
    """Ids 0 and 1 are padding and out-of-vocabulary, then words follow by frequency up to the limit."""
    vectorizer = make_vectorizer(["a b b c c c", "d"], 4)
    assert vectorizer.get_vocabulary() == ["", "[UNK]", "c", "b"]


def test_word_ids_end_at_the_text_or_at_the_maximum() -> None:
    """A text has one id a word, at most the maximum and at least one: that of unknown words."""
    vectorizer = make_vectorizer(["a b c"], 10)
    ids = word_ids(vectorizer, ["a b c", "a", "", "zzz a"], max_length=2)
    assert [len(row) for row in ids] == [2, 1, 1, 2]
    assert ids[2].tolist() == [1]
    assert ids[3][0] == 1


SHORT, LONG = ["a b c", "", "c"], "b a zzz " * 1000


def test_a_long_text_changes_no_ids() -> None:
    """A text beyond the maximum has the ids of its first words, and its company has the ids that it has alone."""
    vectorizer = make_vectorizer(["a b b c c c"], 10)
    alone = [ids.tolist() for ids in word_ids(vectorizer, SHORT, max_length=5)]
    together = [ids.tolist() for ids in word_ids(vectorizer, [*SHORT, LONG], max_length=5)]
    a, b, unknown = (vectorizer.get_vocabulary().index(word) for word in ("a", "b", "[UNK]"))
    assert together == [*alone, [b, a, unknown, b, a]]


def test_a_long_text_makes_no_wider_array_than_what_is_read_of_it() -> None:
    """The array of all texts is as wide as the maximum, however many words one of them has."""
    vectorizer, shapes = make_vectorizer(["a b b c c c"], 10), []

    def traced(texts: tf.Tensor) -> tf.Tensor:
        padded = vectorizer(texts)
        shapes.append(tuple(padded.shape))
        return padded

    word_ids(traced, [*SHORT, LONG], max_length=5)
    assert shapes == [(4, 5)]


def test_every_text_is_in_exactly_one_batch_of_an_epoch() -> None:
    """An epoch holds every text once, with its own label, and as many batches as announced."""
    lengths = [1, 5, 9, 14, 14, 14, 14, 14, 22, 70, 99, 100] * 3
    ids, labels = texts_of_lengths(lengths), np.arange(len(lengths)) % 6
    dataset = bucketed(ids, labels, BATCH_SIZE, seed=1)
    batches = [(words.numpy(), found.numpy()) for words, found in dataset]
    seen = [(int(row[0]) - 1, int(label)) for words, found in batches for row, label in zip(words, found, strict=True)]
    assert sorted(seen) == [(number, number % 6) for number in range(len(lengths))]
    assert len(batches) == dataset.cardinality().numpy()


def test_a_batch_is_padded_to_its_longest_text_only() -> None:
    """No batch is longer than its longest text, and no text is longer than its bucket allows."""
    lengths = np.random.default_rng(0).integers(1, 101, 200).tolist()
    for words, _ in bucketed(texts_of_lengths(lengths), np.zeros(200, int), BATCH_SIZE, seed=1):
        found = (words.numpy() != 0).sum(axis=1)
        assert words.shape[1] == found.max()
        assert len({int(np.digitize(n, BUCKET_BOUNDARIES, right=True)) for n in found}) == 1


def test_the_order_is_new_each_epoch_and_the_same_for_one_seed() -> None:
    """Epochs differ in order; two datasets of one seed do not; without a seed the order is that of the texts."""
    ids, labels = texts_of_lengths([5] * 32), np.zeros(32, int)

    def epochs(seed: int | None) -> list[list[int]]:
        dataset = bucketed(ids, labels, BATCH_SIZE, seed)
        return [[int(row[0]) for words, _ in dataset for row in words.numpy()] for _ in range(2)]

    first, second = epochs(7)
    assert first != second
    assert epochs(7) == [first, second]
    assert epochs(None) == [list(range(1, 33))] * 2


def test_each_pass_may_have_its_own_words() -> None:
    """The n-th pass reads the ids that are given for it, padded to their own lengths, in as many batches."""
    ids, labels = texts_of_lengths([5, 9, 14, 22] * 3), np.arange(12) % 6
    passes = []

    def of_epoch(number: int) -> list[np.ndarray]:
        passes.append(number)
        return [np.append(row, row[:1]) if number else row[:-1] for row in ids]

    dataset = bucketed(ids, labels, BATCH_SIZE, 1, of_epoch)
    widths = [sorted(words.shape[1] for words, _ in dataset) for _ in range(2)]
    assert widths == [[4, 8, 13, 21], [6, 10, 15, 23]]
    assert passes == [0, 1]
