"""Find all pairs of near duplicates, by products of sparse vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.near.grams import EPSILON, Pairs, grams

PRODUCTS = 4_000_000
"""Products of a block of rows, which bound its memory: at most 24 bytes each, about 100 MB."""
CHECKED = 20_000
"""Pairs whose sequences are compared at once."""


class _Vectors(NamedTuple):
    """The sequences of each text, the rarest first, and the first of them alone.

    Attributes:
        whole: which sequences a text has, shape (texts, sequences).
        heads: the same of as many of its rarest sequences as a near duplicate cannot lack all of.
        sizes, heads_sizes: how many these are, shape (texts,).
        last: the number of the last sequence of each head.
        costs: products that a row of the heads takes.
    """

    whole: Any
    heads: Any
    sizes: NDArray[np.int64]
    head_sizes: NDArray[np.int64]
    last: NDArray[np.int64]
    costs: NDArray[np.int64]


def exact_pairs(keys: Sequence[str], threshold: float) -> Iterator[Pairs]:
    """All pairs of texts whose Jaccard index reaches the threshold, some at a time.

    Two texts that are so similar share one of their rarest sequences at least, which most pairs do not, so only the
    vectors of these are multiplied with each other (Bayardo, Ma and Srikant 2007), and most pairs that share one cannot
    reach the threshold with what is left (Xiao et al. 2008). The index itself is computed from all sequences.

    Args:
        keys: the texts, normalized, each once.
        threshold: above 0, at most 1.
    """
    vectors = _vectors(keys, threshold)
    columns = vectors.heads.T.tocsr()
    done = np.cumsum(vectors.costs)
    start = 0
    while start < len(keys):
        before = int(done[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(done, before + PRODUCTS, side="right")))
        block = (vectors.heads[start:end] @ columns).tocoo()
        first, second = (place.astype(np.int64) for place in block.coords)
        yield from _checked(vectors, *_possible(vectors, first + start, second, block.data, threshold), threshold)
        start = end


def _vectors(keys: Sequence[str], threshold: float) -> _Vectors:
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import CountVectorizer

    counts = CountVectorizer(analyzer=grams, binary=True, dtype=np.int32).fit_transform(keys)
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    ranks = np.empty(len(texts), dtype=np.int32)
    ranks[np.argsort(texts, kind="stable")] = np.arange(len(texts))
    whole = csr_array((counts.data, ranks[counts.indices], counts.indptr), shape=counts.shape)
    whole.sort_indices()
    sizes = np.diff(whole.indptr).astype(np.int64)
    head_sizes = sizes - np.ceil(threshold * sizes - EPSILON).astype(np.int64) + 1
    places = np.arange(whole.nnz) - np.repeat(whole.indptr[:-1], sizes)
    in_head = places < np.repeat(head_sizes, sizes)
    starts = np.concatenate([[0], np.cumsum(head_sizes)]).astype(whole.indptr.dtype)
    heads = csr_array((whole.data[in_head], whole.indices[in_head], starts), shape=whole.shape)
    with_head = np.bincount(heads.indices, minlength=len(texts))
    costs = np.add.reduceat(with_head[heads.indices], starts[:-1])
    return _Vectors(whole, heads, sizes, head_sizes, heads.indices[starts[1:] - 1], costs)


def _possible(
    vectors: _Vectors,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    shared: NDArray[np.int32],
    threshold: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of pairs that share so many sequences of their heads, those that can reach the threshold, each once."""
    lower = first < second
    first, second, shared = first[lower], second[lower], shared[lower]
    sizes = vectors.sizes
    # What both have is in both heads up to where the first of these ends; the rest of that text is all they can add.
    ends_first = np.where(vectors.last[first] <= vectors.last[second], first, second)
    most = shared + sizes[ends_first] - vectors.head_sizes[ends_first]
    enough = most >= threshold / (1 + threshold) * (sizes[first] + sizes[second]) - EPSILON
    return first[enough], second[enough]


def _checked(
    vectors: _Vectors, first: NDArray[np.int64], second: NDArray[np.int64], threshold: float
) -> Iterator[Pairs]:
    for start in range(0, len(first), CHECKED):
        one, other = first[start : start + CHECKED], second[start : start + CHECKED]
        shared = vectors.whole[one].multiply(vectors.whole[other]).sum(axis=1)
        index = shared / (vectors.sizes[one] + vectors.sizes[other] - shared)
        near = index >= threshold - EPSILON
        if near.any():
            yield Pairs(one[near], other[near], index[near])
