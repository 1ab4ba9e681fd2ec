"""The TF-IDF vectors of texts, the same that ``TfidfVectorizer`` of scikit-learn makes with its defaults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\b\w\w+\b")
"""What scikit-learn takes for a word: letters and digits of any script, at least two."""


class Vector(NamedTuple):
    """The entries of a vector that are not 0: their columns, each once, and their values, shape (n,) each."""

    columns: NDArray[np.intp]
    values: NDArray[np.float64]


class TfIdf:
    """Words of training texts with their weights.

    Args:
        words: one for each column.
        idf: the inverse document frequency of each, shape (n_words,).
    """

    def __init__(self, words: Sequence[str], idf: NDArray[np.float64]) -> None:
        self.words, self.idf = list(words), idf
        self._columns = {word: column for column, word in enumerate(self.words)}

    def vector(self, text: str) -> Vector:
        """As `vector_of`, of the words of a text."""
        return self.vector_of(WORD.findall(text.lower()))

    def vector_of(self, words: Iterable[str]) -> Vector:
        """The count of each known word times its weight, divided by the length of that vector; empty without words."""
        columns = (self._columns.get(word) for word in words)
        counts = Counter(column for column in columns if column is not None)
        found = np.fromiter(counts, np.intp, len(counts))
        values = np.fromiter(counts.values(), np.float64, len(counts)) * self.idf[found]
        return Vector(found, values / np.sqrt((values**2).sum()) if len(found) else values)
