"""Write the splits of a file as files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from emotion_core.data.dataset import Split
from emotion_core.data.dropped import Dropped
from emotion_core.data.formats.table import Table
from emotion_core.data.formats.writing import DelimitedWriter
from emotion_core.data.labelled.columns import Columns, Words
from emotion_core.data.labelled.rows import Labelled, labelled_rows
from emotion_core.data.readers import open_table
from emotion_core.data.splits.parts import fold_of_rows, part_of_rows
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS
from emotion_core.system.claim import claimed, put_in_place
from emotion_core.system.hashes import is_passed_over
from emotion_core.system.overwriting import check_apart, check_folder, check_force, check_no_run
from emotion_core.system.places import real_path

PARTS_ADVICE = (
    "Add texts of these emotions, say with --label-map FILE that they are another emotion or left out, or make fewer "
    "parts with --test 0."
)
FOLDS_ADVICE = "Add texts of it, or say with --label-map FILE that it is another emotion or left out."

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


@dataclass(frozen=True)
class WrittenSplits:
    """What was written, and of what.

    Attributes:
        rows: of each file, by its name.
        dropped: the rows of the source that were left out.
        absent: the emotions that no row has.
        notes: what should be said about how the source was read.
    """

    rows: dict[str, int]
    dropped: Dropped
    absent: list[str]
    notes: tuple[str, ...] = ()


def write_splits(file: Path, output: Path, columns: Columns, parts: Parts, *, force: bool) -> WrittenSplits:
    """Split a file into csv files that appear together or not at all.

    All columns are kept under their names and in their order. With a label map, the label column holds the names of the
    six emotions; else its cells stay as they are.

    Args:
        file: any of the readable forms.
        output: ``train.csv``, ``validation.csv`` and ``test.csv`` go here, or ``fold-1/train.csv`` and so on.
        columns: the names of the columns of ``file``.
        parts: what to split it into.
        force: replace the folder if it exists and holds nothing but splits.

    Raises:
        DataError: the file cannot be used or split so, or the output holds more than splits or cannot be written.
        RunError: the output exists, or is or holds the file or a model.
    """
    check_apart(output, [file])
    check_folder(output)
    check_force(output, force=force)
    if output.is_dir() and not all(
        _SPLIT.fullmatch(entry.name) or is_passed_over(entry.name) for entry in output.iterdir()
    ):
        raise DataError(f"{output}: holds more than splits, so --force does not replace it. Choose another --output.")
    check_no_run(output)
    table = open_table(file, columns.reading, labelled=True)
    labelled = labelled_rows(table, columns, Words())
    files = _files_of_rows(labelled.split, parts)
    _write_aside(files, _kept_cells(table, labelled, columns), table, output)
    rows = Counter(name for of_row in files for name in of_row)
    return WrittenSplits(
        {name: rows[name] for name in sorted(rows, key=_order)}, labelled.dropped, labelled.split.absent(), table.notes
    )


def _order(name: str) -> tuple[int, int]:
    """Folds by their number; within each, train before validation before test."""
    folder, _, file = name.rpartition("/")
    return int(folder.removeprefix("fold-") or 0), ("train.csv", "validation.csv", "test.csv").index(file)


def _files_of_rows(rows: Split, parts: Parts) -> list[tuple[str, ...]]:
    """The files that each row goes into: one part, or its fold's validation and the train file of all other folds."""
    if parts.folds is not None:
        into = [
            tuple(
                f"fold-{number}/{'validation' if number == fold else 'train'}.csv"
                for number in range(1, parts.folds + 1)
            )
            for fold in range(1, parts.folds + 1)
        ]
        return [into[fold] for fold in fold_of_rows(rows, parts.folds, parts.seed, FOLDS_ADVICE)]
    train = round(1 - parts.validation - parts.test, 12)
    fractions = {"train": train, "validation": parts.validation, "test": parts.test}
    wanted = {name: fraction for name, fraction in fractions.items() if fraction != 0}
    files = [(f"{name}.csv",) for name in wanted]
    return [files[part] for part in part_of_rows(rows, wanted, parts.seed, PARTS_ADVICE)]


def _kept_cells(table: Table, labelled: Labelled, columns: Columns) -> Iterator[list[Any]]:
    """The cells of the rows that stay, in the order of the columns."""
    mapped = columns.label_map is not None
    kept = zip(labelled.rows, labelled.split.labels.tolist(), strict=True)
    wanted = next(kept, None)
    for number, row in enumerate(table):
        if wanted is None:
            return
        if number == wanted[0]:
            cells = row.cells | {columns.label: EMOTIONS[wanted[1]]} if mapped else row.cells
            yield [cells.get(name) for name in table.columns]
            wanted = next(kept, None)


def _write_aside(
    files_of_rows: Sequence[tuple[str, ...]], rows: Iterable[list[Any]], table: Table, output: Path
) -> None:
    try:
        real_path(output).parent.mkdir(parents=True, exist_ok=True)
        with claimed(output) as aside:
            with ExitStack() as stack:
                writers = {}
                for name in dict.fromkeys(name for of_row in files_of_rows for name in of_row):
                    (aside / name).parent.mkdir(parents=True, exist_ok=True)
                    stream = stack.enter_context((aside / name).open("w", encoding="utf-8", newline=""))
                    writers[name] = DelimitedWriter(stream, ".csv", marked=table.marked)
                    writers[name].write(table.columns)
                for names, cells in zip(files_of_rows, rows, strict=True):
                    for name in names:
                        writers[name].write(cells)
            put_in_place(aside, output)
    except OSError as error:
        raise DataError(f"{output}: cannot be written ({error}).") from error
