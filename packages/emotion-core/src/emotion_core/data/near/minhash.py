"""Find nearly all pairs of near duplicates among many texts, by MinHash and bands of equal values."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.near.grams import EPSILON, Pairs, grams, jaccard

VALUES = 200
"""Of a signature, 4 bytes each."""
FOUND = 0.95
"""The share of the pairs just at the threshold that are found at least; of more similar pairs it is larger."""
MARGIN = 4 / (2 * VALUES**0.5)
"""Four standard errors of the similarity that two signatures estimate."""
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""Makes one number of the values of a band."""
COMPARED = 100_000
"""Pairs whose signatures are compared at once."""


def minhash_pairs(keys: Sequence[str], threshold: float) -> Iterator[Pairs]:
    """Nearly all pairs whose Jaccard index reaches the threshold, some at a time; each index is exact.

    Two texts are compared if all values of one of the bands of their signatures are equal. The bands are sorted one
    after the other: an index of all of them in dictionaries would take 17 kB a text, twenty times the signature.

    Args:
        keys: the texts, normalized, each once.
        threshold: above 0, at most 1.
    """
    signatures = _signatures(keys)
    width = rows_of_a_band(threshold)
    for start in range(0, VALUES - width + 1, width):
        for first, second in _equal_in_band(signatures[:, start : start + width]):
            new = _is_new(signatures, first, second, start, width)
            alike = np.mean(signatures[first[new]] == signatures[second[new]], axis=1) >= threshold - MARGIN
            yield from _checked(keys, first[new][alike], second[new][alike], threshold)


def rows_of_a_band(threshold: float) -> int:
    """The most values of a band with which pairs at the threshold are found with the wanted probability."""
    for width in range(VALUES, 1, -1):
        if 1 - (1 - threshold**width) ** (VALUES // width) >= FOUND:
            return width
    return 1


def _signatures(keys: Sequence[str]) -> NDArray[np.uint32]:
    from datasketch import MinHash

    found = np.empty((len(keys), VALUES), dtype=np.uint32)
    encoded = ([gram.encode("utf-8", "surrogatepass") for gram in grams(key)] for key in keys)
    for row, signature in enumerate(MinHash.generator(encoded, num_perm=VALUES, hashfunc=zlib.crc32)):
        found[row] = signature.hashvalues
    return found


def _equal_in_band(band: NDArray[np.uint32]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """All pairs of rows with equal hashes, the lower first, some at a time."""
    hashed = np.zeros(len(band), dtype=np.uint64)
    for values in band.T:
        hashed = hashed * MULTIPLIER + values
    order = np.argsort(hashed, kind="stable")
    begins = np.concatenate([[True], hashed[order][1:] != hashed[order][:-1]])
    starts = np.flatnonzero(begins)
    # As many pairs as each row makes with those of its group that come after it.
    ends = np.repeat(np.append(starts[1:], len(order)), np.diff(np.append(starts, len(order))))
    partners = ends - np.arange(len(order)) - 1
    made = np.cumsum(partners)
    at = 0
    while at < len(order):
        before = int(made[at - 1]) if at else 0
        end = max(at + 1, int(np.searchsorted(made, before + COMPARED, side="right")))
        places = np.repeat(np.arange(at, end), partners[at:end])
        steps = np.arange(len(places)) - np.repeat(made[at:end] - partners[at:end] - before, partners[at:end])
        if len(places):
            yield order[places], order[places + steps + 1]
        at = end


def _is_new(
    signatures: NDArray[np.uint32], first: NDArray[np.int64], second: NDArray[np.int64], start: int, width: int
) -> NDArray[np.bool_]:
    """Whether a band of a pair is equal and no earlier one is, which would have found it already."""
    end = start + width
    equal = (signatures[first, :end] == signatures[second, :end]).reshape(len(first), -1, width).all(axis=2)
    return np.asarray(equal[:, -1] & ~equal[:, :-1].any(axis=1))


def _checked(
    keys: Sequence[str], first: NDArray[np.int64], second: NDArray[np.int64], threshold: float
) -> Iterator[Pairs]:
    if len(first):
        both = zip(first.tolist(), second.tolist(), strict=True)
        index = np.fromiter((jaccard(keys[one], keys[other]) for one, other in both), np.float64, len(first))
        near = index >= threshold - EPSILON
        yield Pairs(first[near], second[near], index[near])
