"""Stratified, seeded splits that never put one text, or two spellings of it, on both sides."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.dataset import WHOLE_FILE, Dataset, HeldOut, Split
from emotion_core.data.same_text import normalized_key
from emotion_core.data.splits.draws import draw_folds, draw_stratified
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS, N_EMOTIONS

Value = TypeVar("Value")

MISSING_VALIDATION_FRACTION = 0.1
TEXTS_OF_A_CLASS = 2
"""At least so many different texts has a class that is split."""

ADVICE = "Add texts of these emotions, or leave them out."


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
    parts = part_of_rows(split, fractions, seed)
    return {name: split.take(np.flatnonzero(parts == number)) for number, name in enumerate(fractions)}


def part_of_rows(split: Split, fractions: dict[str, float], seed: int, advice: str = ADVICE) -> NDArray[np.int64]:
    """As `split_texts`: the number of each row's part, shape (n,); ``advice`` ends a message about rare classes."""
    names = list(fractions)
    if not (all(fraction > 0 for fraction in fractions.values()) and abs(sum(fractions.values()) - 1) < 1e-9):
        raise DataError(f"The fractions must be above 0 and sum to 1, found {fractions}.")
    groups = _Groups(split)
    left, part_of = np.arange(len(groups.labels)), np.zeros(len(groups.labels), dtype=np.int64)
    for number, name in enumerate(names[1:], start=1):
        size = round(fractions[name] * len(part_of))
        if problem := _too_few(groups.labels, left, size, name, advice):
            into = f"{', '.join(names)} with every class in each part"
            raise DataError(f"The {len(split)} rows cannot be split into {into}: {problem}")
        rest, drawn = draw_stratified(groups.labels[left], size, seed)
        part_of[left[drawn]] = number
        left = left[rest]
    of_rows: NDArray[np.int64] = part_of[groups.of_rows]
    return of_rows


def _too_few(labels: NDArray[np.int64], left: NDArray[np.int64], size: int, name: str, advice: str) -> str | None:
    """What keeps ``size`` of the ``left`` texts from being drawn with every class on both sides, or None."""
    classes, counts = np.unique(labels[left], return_counts=True)
    if rare := [int(label) for label, count in zip(classes, counts, strict=True) if count < TEXTS_OF_A_CLASS]:
        found = ", ".join(f"{EMOTIONS[label]} {np.count_nonzero(labels == label)}" for label in rare)
        return f"too few different texts of {found}, expected at least one of each emotion in each part. {advice}"
    smaller = min(size, len(left) - size)
    if smaller < len(classes):
        part = name if size == smaller else "the rest"
        least = math.ceil(100 * len(classes) / len(labels)) / 100
        return (
            f"{part} would get {smaller} of {len(labels)} different texts, fewer than the {len(classes)} emotions. "
            f"Give it a fraction of at least {least:g}, or add texts."
        )
    return None


def k_fold(split: Split, folds: int, seed: int) -> Iterator[tuple[Split, Split]]:
    """Yield (train, validation) for each of ``folds`` stratified folds; equal texts stay in one fold.

    Raises:
        DataError: there are fewer than two folds, or more folds than texts of the rarest class.
    """
    fold_of = fold_of_rows(split, folds, seed)
    for fold in range(folds):
        yield split.take(np.flatnonzero(fold_of != fold)), split.take(np.flatnonzero(fold_of == fold))


def fold_of_rows(split: Split, folds: int, seed: int, advice: str = ADVICE) -> NDArray[np.int64]:
    """As `k_fold`: the number of the fold of each row, shape (n,)."""
    groups = _Groups(split)
    classes, counts = np.unique(groups.labels, return_counts=True)
    rarest, fewest = EMOTIONS[classes[counts.argmin()]], int(counts.min())
    if fewest < TEXTS_OF_A_CLASS:
        raise DataError(
            f"The {len(split)} rows cannot be split into folds: {rarest} has {fewest} different text, and each emotion "
            f"needs one in each fold. {advice}"
        )
    if not TEXTS_OF_A_CLASS <= folds <= fewest:
        raise DataError(f"Found {folds} folds, expected 2 to {fewest}, the number of different texts of {rarest}.")
    return draw_folds(split.labels, groups.of_rows, folds, seed)


def with_validation(dataset: Dataset, seed: int, advice: str = ADVICE) -> Dataset:
    """The dataset itself if it can be trained on, else one whose validation split is held out of its training rows.

    Args:
        dataset: with a train split, or of one file.
        seed: of the random choice.
        advice: what a user can do about too few texts of a class, for the message.

    Raises:
        DataError: there are no training rows, or too few of a class.
    """
    dataset = _as_train(dataset)
    if "train" not in dataset.splits:
        raise DataError(f"{dataset.name}: there is no train split, only {', '.join(dataset.splits)}.")
    if "validation" in dataset.splits:
        return dataset
    train, others = dataset.splits["train"], {name: part for name, part in dataset.splits.items() if name != "train"}
    held_out = HeldOut(seed, _held_out(train))
    fractions = {"train": 1 - held_out.fraction, "validation": held_out.fraction}
    number = part_of_rows(train, fractions, seed, advice)
    parts = {name: train.take(np.flatnonzero(number == part)) for part, name in enumerate(fractions)}
    source = f"{held_out.fraction:.0%} of the train split, held out with seed {seed}"
    sources = dataset.sources | {"validation": source}
    return dataclasses.replace(dataset, splits=parts | others, sources=sources, held_out=held_out)


def _as_train(dataset: Dataset) -> Dataset:
    """The dataset whose rows are the train split, where they are one file."""
    if not dataset.is_one_file:
        return dataset

    return dataclasses.replace(
        dataset,
        splits={"train": dataset.splits[WHOLE_FILE]},
        sources=_renamed(dataset.sources),
        dropped=_renamed(dataset.dropped),
    )


def _renamed(by_split: Mapping[str, Value]) -> dict[str, Value]:
    return {"train" if name == WHOLE_FILE else name: value for name, value in by_split.items()}


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
