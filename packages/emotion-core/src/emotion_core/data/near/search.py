"""Look for near duplicates in the splits of a dataset, and between them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from itertools import combinations_with_replacement
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.bounds import SIMILARITY
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.near.exact import exact_pairs
from emotion_core.data.near.grams import COMPARED, Pairs
from emotion_core.data.near.minhash import minhash_pairs
from emotion_core.data.same_text import normalized_key
from emotion_core.defaults import DEFAULT_NEAR_THRESHOLD, DEFAULT_PAIRS, NEAR_UNASKED
from emotion_core.errors import MissingLibraryError
from emotion_core.imports import needs
from emotion_core.labels import ID_TO_EMOTION

EXACT = 50_000
"""Among at most so many different texts all pairs are found; among more nearly all, by MinHash."""

Method = Literal["exact", "minhash"]


@dataclass(frozen=True)
class NearSearch:
    """Whether and how to look for near duplicates.

    Attributes:
        wanted: look for them or not; None: in small data, and if scikit-learn is installed.
        threshold: the Jaccard index from which on two texts are near duplicates.
        pairs: so many pairs of each kind are shown.
    """

    wanted: bool | None = None
    threshold: float = DEFAULT_NEAR_THRESHOLD
    pairs: int = DEFAULT_PAIRS


@dataclass(frozen=True)
class NearPair:
    """Two texts, their rows in their splits (from 0), their emotions, and their Jaccard index."""

    jaccard: float
    rows: list[int]
    labels: list[str]
    texts: list[str]


@dataclass(frozen=True)
class NearPairs:
    """The near duplicates within one split or between two.

    Attributes:
        splits: the split, or both.
        pairs: of different normalized texts; a text that stands in a split several times counts once, with the label
            of its first row.
        texts: how many texts are part of a pair.
        different_labels: the pairs whose texts have different labels.
        examples, different_label_examples: the most similar pairs, of all and of those with different labels.
    """

    splits: list[str]
    pairs: int
    texts: int
    different_labels: int
    examples: list[NearPair]
    different_label_examples: list[NearPair]


@dataclass(frozen=True)
class NearDuplicates:
    """The near duplicates of a dataset; if none were looked for, ``skipped`` says why."""

    threshold: float
    method: Method | None = None
    found: list[NearPairs] = field(default_factory=list)
    skipped: str = ""

    def to_json(self) -> dict[str, Any]:
        """What an audit says of them."""
        return {"skipped": self.skipped} if self.skipped else {k: v for k, v in asdict(self).items() if k != "skipped"}


def near_duplicates(dataset: Dataset, search: NearSearch) -> NearDuplicates | None:
    """The pairs of near duplicates, or why none were looked for; None where they are not wanted.

    Raises:
        ModelError: the threshold is none.
        MissingLibraryError: they are wanted, and a library that finds them is absent.
    """
    SIMILARITY.check("near_threshold", search.threshold)
    if search.wanted is False:
        return None
    rows = sum(map(len, dataset.splits.values()))
    if search.wanted is None and rows > NEAR_UNASKED:
        why = f"{rows} rows are more than {NEAR_UNASKED}. --near-duplicates looks for them."
        return NearDuplicates(search.threshold, skipped=why)
    try:
        needs("study", "sklearn", who="near duplicates")
    except MissingLibraryError as error:
        if search.wanted:
            raise
        return NearDuplicates(search.threshold, skipped=str(error).partition(": ")[2])
    texts = _Texts.of(dataset)
    method: Method = "exact" if len(texts.keys) <= EXACT else "minhash"
    tallies = [_Tally(pair, texts, search.pairs) for pair in combinations_with_replacement(texts.splits, 2)]
    for pairs in _found(texts.keys, search.threshold, method):
        for tally in tallies:
            tally.add(pairs)
    return NearDuplicates(search.threshold, method, [tally.result() for tally in tallies])


def _found(keys: list[str], threshold: float, method: Method) -> Iterator[Pairs]:
    if len(keys) < 2:
        return iter(())
    if method == "exact":
        return exact_pairs(keys, threshold)
    needs("study", "datasketch", who="near duplicates")
    return minhash_pairs(keys, threshold)


class _Texts(NamedTuple):
    """The different normalized texts of a dataset, and the first row of each in each split, -1 where it has none."""

    keys: list[str]
    splits: Mapping[str, Split]
    first_rows: Mapping[str, NDArray[np.int64]]

    @classmethod
    def of(cls, dataset: Dataset) -> _Texts:
        numbers, keys, of_rows = dict[bytes, int](), list[str](), dict[str, NDArray[np.int64]]()
        for name, split in dataset.splits.items():
            found = array("q")
            for text in split.texts:
                key = normalized_key(text)
                number = numbers.setdefault(
                    blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest(), len(keys)
                )
                if number == len(keys):
                    keys.append(key[:COMPARED])
                found.append(number)
            of_rows[name] = np.array(found, dtype=np.int64)
        first_rows = {name: np.full(len(keys), -1) for name in of_rows}
        for name, found_numbers in of_rows.items():
            first_rows[name][found_numbers[::-1]] = np.arange(len(found_numbers))[::-1]
        return cls(keys, dataset.splits, first_rows)


class _Tally:
    """Counts the pairs of one split, or of two, and keeps the most similar ones."""

    def __init__(self, splits: tuple[str, str], texts: _Texts, shown: int) -> None:
        self._splits, self._texts, self._shown = splits, texts, shown
        self._pairs = self._different = 0
        self._involved = [np.zeros(len(texts.keys), dtype=bool) for _ in splits]
        self._kept: dict[bool, list[tuple[float, int, int]]] = {False: [], True: []}

    def add(self, pairs: Pairs) -> None:
        rows = [self._texts.first_rows[name] for name in self._splits]
        one, other, index = pairs
        forwards = (rows[0][one] >= 0) & (rows[1][other] >= 0)
        backwards = (rows[0][other] >= 0) & (rows[1][one] >= 0) & ~forwards
        one, other = np.where(backwards, other, one), np.where(backwards, one, other)
        both = forwards | backwards
        one, other, index = one[both], other[both], index[both]
        self._involved[0][one] = self._involved[1][other] = True
        places = rows[0][one], rows[1][other]
        labels = [self._texts.splits[name].labels[place] for name, place in zip(self._splits, places, strict=True)]
        different = labels[0] != labels[1]
        self._pairs += len(index)
        self._different += int(different.sum())
        for only_different in (False, True):
            chosen = different if only_different else np.ones(len(index), dtype=bool)
            self._keep(only_different, -index[chosen], places[0][chosen], places[1][chosen])

    def _keep(
        self, kind: bool, distance: NDArray[np.float64], one: NDArray[np.int64], other: NDArray[np.int64]
    ) -> None:
        nearest = np.lexsort((other, one, distance))[: self._shown]
        found = (column[nearest].tolist() for column in (distance, one, other))
        self._kept[kind] = sorted([*self._kept[kind], *zip(*found, strict=True)])[: self._shown]

    def result(self) -> NearPairs:
        """The counts and the pairs that are shown."""
        within = self._splits[0] == self._splits[1]
        texts = (self._involved[0] | self._involved[1]).sum() if within else sum(part.sum() for part in self._involved)
        splits = list(self._splits[:1] if within else self._splits)
        shown = [[self._pair(*kept) for kept in self._kept[kind]] for kind in (False, True)]
        return NearPairs(splits, self._pairs, int(texts), self._different, *shown)

    def _pair(self, distance: float, *rows: int) -> NearPair:
        of_rows = [(self._texts.splits[name], row) for name, row in zip(self._splits, rows, strict=True)]
        labels = [ID_TO_EMOTION[int(split.labels[row])] for split, row in of_rows]
        return NearPair(round(-distance, 4), list(rows), labels, [split.texts[row] for split, row in of_rows])
