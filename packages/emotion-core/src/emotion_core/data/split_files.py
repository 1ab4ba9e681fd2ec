"""Write the splits of one file into a folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.data.dataset import Columns, read_labelled
from emotion_core.data.splits import k_fold, split_frame
from emotion_core.errors import DataError
from emotion_core.labels import ID_TO_EMOTION
from emotion_core.system.claim import claimed, put_in_place
from emotion_core.system.hashes import is_passed_over
from emotion_core.system.outputs import check_apart, check_force, check_no_model

if TYPE_CHECKING:
    import pandas as pd

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
