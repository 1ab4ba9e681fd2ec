"""Stratified, seeded splits that never put one text, or two spellings of it, on both sides."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import WHOLE_FILE, Columns, Dataset, read_labelled
from emotion_core.errors import DataError
from emotion_core.labels import ID_TO_EMOTION
from emotion_core.system.claim import claimed, put_in_place
from emotion_core.system.hashes import is_passed_over
from emotion_core.system.outputs import check_apart, check_force, check_no_model

if TYPE_CHECKING:
    import pandas as pd

MISSING_VALIDATION_FRACTION = 0.1


def normalized_key(text: str) -> str:
    """What two spellings of one text share: its letters-only form, or the folded text when it has no letters."""
    return letters_only(text) or " ".join(text.casefold().split())


def split_frame(frame: pd.DataFrame, fractions: dict[str, float], seed: int) -> dict[str, pd.DataFrame]:
    """Split rows into parts of the given fractions, each with about the label shares of the whole.

    Rows whose texts are equal after normalization stay together, so a part can differ from its fraction by the
    size of such groups. Rows keep their order within a part.

    Args:
        frame: columns ``text`` and ``label``.
        fractions: part names with fractions that sum to 1, the first part being the remainder, e.g.
            ``{"train": 0.8, "validation": 0.1, "test": 0.1}``.
        seed: of the random choice.

    Raises:
        DataError: the fractions do not sum to 1, or a class has too few texts for every part.
    """
    from sklearn.model_selection import train_test_split

    names = list(fractions)
    if not (all(fraction > 0 for fraction in fractions.values()) and abs(sum(fractions.values()) - 1) < 1e-9):
        raise DataError(f"The fractions must be above 0 and sum to 1, found {fractions}.")
    groups = _groups(frame)
    left = groups["label"]  # one label for each group of equal texts
    members: dict[str, pd.Index] = {}
    for name in names[1:]:
        size = round(fractions[name] * len(groups))
        try:
            left, part = train_test_split(left, test_size=size, stratify=left, random_state=seed)
        except ValueError as error:
            raise DataError(
                f"The {len(frame)} rows cannot be split into {', '.join(names)} with every class in each part. "
                "Add texts of the rare classes, or choose other fractions."
            ) from error
        members[name] = part.index
    members[names[0]] = left.index
    keys = frame["text"].map(normalized_key)
    return {name: frame[keys.isin(members[name])].reset_index(drop=True) for name in names}


def k_fold(frame: pd.DataFrame, folds: int, seed: int) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield (train, validation) for each of ``folds`` stratified folds; equal texts stay in one fold.

    Raises:
        DataError: there are fewer than two folds, or more folds than texts of the rarest class.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    rarest = int(_groups(frame)["label"].value_counts().min())
    if not 2 <= folds <= rarest:
        raise DataError(f"Found {folds} folds, expected 2 to {rarest} (the number of texts of the rarest class).")
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    keys = frame["text"].map(normalized_key)
    for train, validation in splitter.split(frame["text"], frame["label"], groups=keys):
        yield frame.iloc[train].reset_index(drop=True), frame.iloc[validation].reset_index(drop=True)


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
        parts = split_frame(splits["train"], {"train": 1 - held_out, "validation": held_out}, seed)
        splits = parts | {name: frame for name, frame in splits.items() if name != "train"}
        sources["validation"] = f"{held_out:.0%} of the train split, held out with seed {seed}"
    return dataclasses.replace(dataset, splits=splits, sources=sources, dropped=dropped)


def _held_out(frame: pd.DataFrame) -> float:
    """The share of the rows to hold out: a tenth, or in a small dataset as much as has a text of each class."""
    labels = _groups(frame)["label"]
    return min(max(MISSING_VALIDATION_FRACTION, labels.nunique() / len(labels)), 0.5)


def _groups(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each normalized text, with its most frequent label (the lowest id of equally frequent ones)."""
    keyed = frame.assign(key=frame["text"].map(normalized_key))
    counts = keyed.groupby(["key", "label"], sort=True).size().reset_index(name="rows")
    return (
        counts.sort_values(["rows", "label"], ascending=[False, True])
        .drop_duplicates("key")
        .set_index("key")
        .sort_index()
    )


_SPLIT = re.compile(r"(train|validation|test)\.csv|fold-\d+")


def write_splits(
    file: Path,
    output: Path,
    *,
    columns: Columns,
    validation: float,
    test: float,
    folds: int | None,
    seed: int,
    force: bool,
) -> dict[str, int]:
    """Split a file into csv files that appear together or not at all.

    Args:
        file: any of the readable forms.
        output: ``train.csv``, ``validation.csv`` and ``test.csv`` go here, or ``fold-1/train.csv`` and so on.
        columns: the names of the columns of ``file``.
        validation, test: fractions of the rows; 0 leaves the split out.
        folds: write this many cross-validation folds instead.
        seed: of the random choice.
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
    frame, _ = read_labelled(file, columns)
    if folds is not None:
        parts = {
            f"fold-{number}/{name}.csv": part
            for number, pair in enumerate(k_fold(frame, folds, seed), start=1)
            for name, part in zip(("train", "validation"), pair, strict=True)
        }
    else:
        fractions = {"train": round(1 - validation - test, 12), "validation": validation, "test": test}
        wanted = {name: fraction for name, fraction in fractions.items() if fraction != 0}
        parts = {f"{name}.csv": part for name, part in split_frame(frame, wanted, seed).items()}
    _write_aside(parts, output)
    return {name: len(part) for name, part in parts.items()}


def _write_aside(parts: dict[str, pd.DataFrame], output: Path) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with claimed(output) as aside:
            for name, part in parts.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                part.assign(label=part["label"].map(ID_TO_EMOTION)).to_csv(aside / name, index=False)
            put_in_place(aside, output)
    except OSError as error:
        raise DataError(f"{output}: cannot be written ({error}).") from error
