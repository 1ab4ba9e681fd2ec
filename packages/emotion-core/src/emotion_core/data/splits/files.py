"""Write the splits of a file as files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from emotion_core.data.dataset import Split
from emotion_core.data.formats.writing import write_rows
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.labelled.rows import read_labelled
from emotion_core.data.splits.parts import k_fold, split_texts
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS
from emotion_core.system.claim import claimed, put_in_place
from emotion_core.system.hashes import is_passed_over
from emotion_core.system.overwriting import check_apart, check_force, check_no_run
from emotion_core.system.places import real_path

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
    check_no_run(output)
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
        real_path(output).parent.mkdir(parents=True, exist_ok=True)
        with claimed(output) as aside:
            for name, part in parts.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                rows = zip(part.texts, map(EMOTIONS.__getitem__, part.labels), strict=True)
                write_rows(aside / name, ("text", "label"), rows)
            put_in_place(aside, output)
    except OSError as error:
        raise DataError(f"{output}: cannot be written ({error}).") from error
