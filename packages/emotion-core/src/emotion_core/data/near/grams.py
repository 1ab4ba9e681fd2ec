"""What two texts are compared by: their sequences of five letters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GRAM = 5
COMPARED = 5_000
"""So many characters of a text are compared, from its start: a page of a book has 3,000."""
EPSILON = 1e-9
"""What rounding may take from a share that is exactly the threshold."""


class Pairs(NamedTuple):
    """Some pairs of near duplicates: the numbers of both texts, the lower first, and their Jaccard index."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    jaccard: NDArray[np.float64]


def grams(key: str) -> set[str]:
    """The different sequences of five characters in a text; a shorter text is one sequence."""
    return {key[start : start + GRAM] for start in range(max(1, len(key) - GRAM + 1))}


def jaccard(first: str, second: str) -> float:
    """The share of the sequences of two texts that both have, of those that either has."""
    one, other = grams(first), grams(second)
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
