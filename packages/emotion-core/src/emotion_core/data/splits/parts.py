"""Stratified, seeded splits that never put one text, or two spellings of it, on both sides."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from emotion_core.data.dataset import WHOLE_FILE, Dataset, Split
from emotion_core.data.splits.draws import draw_folds, draw_stratified
from emotion_core.data.splits.same_text import normalized_key
from emotion_core.errors import DataError
from emotion_core.labels import N_EMOTIONS

MISSING_VALIDATION_FRACTION = 0.1


def split_texts(split: Split, fractions: dict[str, float], seed: int) -> dict[str, Split]:
    """Split rows into parts of the given fractions, each with about the label shares of the whole.

    Rows whose texts are equal after normalization stay together, so a part can differ from its fraction by the
    size of such groups. Rows keep their order within a part.

    Args:
        split: texts and labels.
        fractions: part names with fractions that sum to 1, the first part being the remainder, e.g.
            ``{"train": 0.8, "validation": 0.1, "test": 0.1}``.
        seed: of the random choice.

    Raises:
        DataError: the fractions do not sum to 1, or a class has too few texts for every part.
    """
    names = list(fractions)
    if not (all(fraction > 0 for fraction in fractions.values()) and abs(sum(fractions.values()) - 1) < 1e-9):
        raise DataError(f"The fractions must be above 0 and sum to 1, found {fractions}.")
    groups = _Groups(split)
    left, part_of = np.arange(len(groups.labels)), np.zeros(len(groups.labels), dtype=int)
    for number, name in enumerate(names[1:], start=1):
        try:
            rest, drawn = draw_stratified(groups.labels[left], round(fractions[name] * len(part_of)), seed)
        except ValueError as error:
            raise DataError(
                f"The {len(split)} rows cannot be split into {', '.join(names)} with every class in each part. "
                "Add texts of the rare classes, or choose other fractions."
            ) from error
        part_of[left[drawn]] = number
        left = left[rest]
    rows = part_of[groups.of_rows]
    return {name: split.take(np.flatnonzero(rows == number)) for number, name in enumerate(names)}


def k_fold(split: Split, folds: int, seed: int) -> Iterator[tuple[Split, Split]]:
    """Yield (train, validation) for each of ``folds`` stratified folds; equal texts stay in one fold.

    Raises:
        DataError: there are fewer than two folds, or more folds than texts of the rarest class.
    """
    groups = _Groups(split)
    rarest = int(np.unique(groups.labels, return_counts=True)[1].min())
    if not 2 <= folds <= rarest:
        raise DataError(f"Found {folds} folds, expected 2 to {rarest} (the number of texts of the rarest class).")
    rows = draw_folds(split.labels, groups.of_rows, folds, seed)
    for fold in range(folds):
        yield split.take(np.flatnonzero(rows != fold)), split.take(np.flatnonzero(rows == fold))


def with_validation(dataset: Dataset, seed: int) -> Dataset:
    """The dataset itself if it can be trained on, else one whose validation split is held out of its training rows.

    Raises:
        DataError: there are no training rows.
    """
    splits = dict(dataset.splits)
    if set(splits) == {WHOLE_FILE}:
        splits = {"train": splits[WHOLE_FILE]}
    if "train" not in splits:
        raise DataError(f"{dataset.name}: there is no train split, only {', '.join(splits)}.")
    sources = {("train" if split == WHOLE_FILE else split): source for split, source in dataset.sources.items()}
    dropped = {("train" if split == WHOLE_FILE else split): count for split, count in dataset.dropped.items()}
    if "validation" not in splits:
        held_out = _held_out(splits["train"])
        parts = split_texts(splits["train"], {"train": 1 - held_out, "validation": held_out}, seed)
        splits = parts | {name: split for name, split in splits.items() if name != "train"}
        sources["validation"] = f"{held_out:.0%} of the train split, held out with seed {seed}"
    return dataclasses.replace(dataset, splits=splits, sources=sources, dropped=dropped)


def _held_out(split: Split) -> float:
    """The share of the rows to hold out: a tenth, or in a small dataset as much as has a text of each class."""
    labels = _Groups(split).labels
    return min(max(MISSING_VALIDATION_FRACTION, len(np.unique(labels)) / len(labels)), 0.5)


class _Groups:
    """The rows of each normalized text.

    Attributes:
        of_rows: the group of each row, shape (n_rows,); groups are numbered in the order of their texts.
        labels: of each group the most frequent label, the lowest id of equally frequent ones, shape (n_groups,).
    """

    def __init__(self, split: Split) -> None:
        keys = [normalized_key(text) for text in split.texts]
        numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
        self.of_rows = np.array([numbers[key] for key in keys])
        votes = np.zeros((len(numbers), N_EMOTIONS), dtype=np.int64)
        np.add.at(votes, (self.of_rows, split.labels), 1)
        self.labels = votes.argmax(axis=1)
