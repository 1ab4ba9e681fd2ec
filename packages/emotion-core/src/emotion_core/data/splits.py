"""Stratified, seeded splits that never put one text, or two spellings of it, on both sides."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import WHOLE_FILE, Columns, Dataset, Split, read_labelled
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS, N_EMOTIONS
from emotion_core.system.claim import claimed, put_in_place
from emotion_core.system.hashes import is_passed_over
from emotion_core.system.overwriting import check_apart, check_force, check_no_model

MISSING_VALIDATION_FRACTION = 0.1


def normalized_key(text: str) -> str:
    """What two spellings of one text share: its letters-only form, or the folded text when it has no letters."""
    return letters_only(text) or " ".join(text.casefold().split())


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


def draw_stratified(labels: NDArray[np.int64], size: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw ``size`` rows with the label shares of the whole: the rows that are left, and those that are drawn.

    The seed draws the rows that ``train_test_split`` of scikit-learn draws with it, in that order.

    Raises:
        ValueError: a class has fewer than two rows, or there are more classes than rows on one side.
    """
    classes, of_rows, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2 or min(size, len(labels) - size) < len(classes):
        raise ValueError(f"found {counts.tolist()} rows of the classes, too few for {size} of {len(labels)}")
    rng = np.random.RandomState(seed)
    kept = _shares(counts, len(labels) - size, rng)
    drawn = _shares(counts - kept, size, rng)
    sides: tuple[list[int], list[int]] = ([], [])
    for label in range(len(classes)):
        rows = rng.permutation(np.flatnonzero(of_rows == label))
        sides[0].extend(rows[: kept[label]])
        sides[1].extend(rows[kept[label] : kept[label] + drawn[label]])
    return rng.permutation(sides[0]), rng.permutation(sides[1])


def _shares(counts: NDArray[np.int64], size: int, rng: np.random.RandomState) -> NDArray[np.int64]:
    """How many of ``size`` rows each class gets; what rounding leaves over goes to the largest remainders."""
    exact = counts / counts.sum() * size
    shares = np.floor(exact)
    remainders, missing = exact - shares, int(size - shares.sum())
    for remainder in np.unique(remainders)[::-1]:
        if not missing:
            break
        tied = np.flatnonzero(remainders == remainder)
        chosen = rng.choice(tied, size=min(len(tied), missing), replace=False)
        shares[chosen] += 1
        missing -= len(chosen)
    whole: NDArray[np.int64] = shares.astype(np.int64)
    return whole


def draw_folds(labels: NDArray[np.int64], groups: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each row, shape (n,); the rows of a group stay together.

    The groups are shuffled, those of one label come first, and each goes where the shares of the labels then differ
    least between the folds: ``StratifiedGroupKFold(shuffle=True)`` of scikit-learn makes the same folds of a seed.

    Args:
        labels, groups: of each row, shape (n,); groups are numbered from 0.
        folds: how many.
        seed: of the shuffling.
    """
    classes, of_rows, totals = np.unique(labels, return_inverse=True, return_counts=True)
    counts = np.zeros((groups.max() + 1, len(classes)))
    np.add.at(counts, (groups, of_rows), 1)
    order = np.arange(len(counts))
    np.random.RandomState(seed).shuffle(order)
    order = order[np.argsort(-np.std(counts[order], axis=1), kind="stable")]
    filled, fold_of = np.zeros((folds, len(classes))), np.zeros(len(counts), dtype=np.int64)
    for group in order:
        # Each fold in turn gets the group on trial: shape (folds on trial, folds, classes).
        trials = (filled + np.eye(folds)[:, :, None] * counts[group]) / totals
        spreads = np.std(trials, axis=1).mean(axis=1).tolist()
        fold_of[group] = _best_fold(spreads, filled.sum(axis=1).tolist())
        filled[fold_of[group]] += counts[group]
    return fold_of[groups]


def _best_fold(spreads: list[float], sizes: list[float]) -> int:
    """The fold with the smallest spread; of nearly equal ones that with the fewest rows."""
    best = 0
    for fold in range(1, len(spreads)):
        tied = abs(spreads[fold] - spreads[best]) <= 1e-8 + 1e-5 * spreads[best]
        if spreads[fold] < spreads[best] or (tied and sizes[fold] < sizes[best]):
            best = fold
    return best


_SPLIT = re.compile(r"(train|validation|test)\.csv|fold-\d+")


class Parts(NamedTuple):
    """What a file is split into.

    Attributes:
        validation, test: fractions of the rows; 0 leaves the split out.
        folds: so many cross-validation folds instead.
        seed: of the random choice.
    """

    validation: float
    test: float
    folds: int | None
    seed: int


def write_splits(
    file: Path,
    output: Path,
    columns: Columns,
    parts: Parts,
    *,
    force: bool,
) -> dict[str, int]:
    """Split a file into csv files that appear together or not at all.

    Args:
        file: any of the readable forms.
        output: ``train.csv``, ``validation.csv`` and ``test.csv`` go here, or ``fold-1/train.csv`` and so on.
        columns: the names of the columns of ``file``.
        parts: what to split it into.
        force: replace the folder if it exists and holds nothing but splits.

    Returns:
        Rows by file name.

    Raises:
        DataError: the file cannot be used or split so, or the output holds more than splits or cannot be written.
        RunError: the output exists, or is or holds the file or a model.
    """
    check_apart(output, [file])
    check_force(output, force=force)
    if output.is_dir() and not all(
        _SPLIT.fullmatch(entry.name) or is_passed_over(entry.name) for entry in output.iterdir()
    ):
        raise DataError(f"{output}: holds more than splits, so --force does not replace it. Choose another --output.")
    check_no_model(output)
    rows, _ = read_labelled(file, columns)
    files = _split(rows, parts)
    _write_aside(files, output)
    return {name: len(part) for name, part in files.items()}


def _split(rows: Split, parts: Parts) -> dict[str, Split]:
    if parts.folds is not None:
        return {
            f"fold-{number}/{name}.csv": part
            for number, pair in enumerate(k_fold(rows, parts.folds, parts.seed), start=1)
            for name, part in zip(("train", "validation"), pair, strict=True)
        }
    train = round(1 - parts.validation - parts.test, 12)
    fractions = {"train": train, "validation": parts.validation, "test": parts.test}
    wanted = {name: fraction for name, fraction in fractions.items() if fraction != 0}
    return {f"{name}.csv": part for name, part in split_texts(rows, wanted, parts.seed).items()}


def _write_aside(parts: dict[str, Split], output: Path) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with claimed(output) as aside:
            for name, part in parts.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                with (aside / name).open("w", encoding="utf-8", newline="") as stream:
                    writer = csv.writer(stream, lineterminator="\n")
                    writer.writerow(("text", "label"))
                    writer.writerows(zip(part.texts, map(EMOTIONS.__getitem__, part.labels), strict=True))
            put_in_place(aside, output)
    except OSError as error:
        raise DataError(f"{output}: cannot be written ({error}).") from error
