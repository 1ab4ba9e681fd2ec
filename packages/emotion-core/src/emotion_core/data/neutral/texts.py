"""Read neutral texts, and see that none of them is among the texts that they are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from emotion_core.data.cleaning import replace_surrogates
from emotion_core.data.dataset import NeutralTexts, Split, fingerprint
from emotion_core.data.labelled.rows import text_problem
from emotion_core.data.published.manifests import shared_data_dir
from emotion_core.data.same_text import normalized_key
from emotion_core.errors import DataError

SAMPLE = "sample"
"""The name of the neutral texts that come with the package."""

SPLIT_COLUMN = "split"
"""The column that says which texts teach the gate (``train``) and which measure it (``test``)."""

LEAST_TEXTS = 20
"""Fewer say nothing about others."""


def neutral_file(named: str) -> Path:
    """The file of neutral texts that is meant by a path or by the name `SAMPLE`."""
    return shared_data_dir() / SAMPLE / "neutral.csv" if named == SAMPLE else Path(named)


def read_neutral(named: str, part: Literal["train", "test"], *, threshold: float | None = None) -> NeutralTexts:
    """The neutral texts of a file that teach the gate or that measure it; without a column ``split`` all of them.

    Args:
        named: a file of any format that data are read from, with a column ``text``, or ``sample``.
        part: which of the texts.
        threshold: as `NeutralTexts.threshold`.

    Raises:
        DataError: the file cannot be read, a row has no text, or there are too few.
    """
    from emotion_core.data.readers import open_table  # texts that come in no file need no readers

    path = neutral_file(named)
    table = open_table(path)
    if "text" not in table.columns:
        raise DataError(f"{path}: has no column 'text', found {', '.join(table.columns)}. Call the column of texts so.")
    texts, split = [], SPLIT_COLUMN in table.columns
    for row in table:
        if split and str(row.cells.get(SPLIT_COLUMN)).strip().lower() != part:
            continue
        text = row.cells.get("text")
        if problem := row.problem or text_problem(text):
            raise DataError(f"{path}, {table.unit} {row.line}: {problem}. Mend the row, or take it out.")
        texts.append(replace_surrogates(str(text)))
    if len(texts) < LEAST_TEXTS:
        of = f" whose {SPLIT_COLUMN} is {part}" if split else ""
        raise DataError(f"{path}: has {len(texts)} texts{of}, expected at least {LEAST_TEXTS}. Add neutral texts.")
    source = f"{SAMPLE}/{path.name}" if named == SAMPLE else str(path)
    return NeutralTexts(texts, source, fingerprint(Split(texts, np.zeros(len(texts), np.int64))), threshold)


def check_apart(neutral: NeutralTexts, splits: Mapping[str, Split]) -> None:
    """Raise a DataError if a neutral text is among the texts of a split, in this or another spelling."""
    own = {normalized_key(text): text for text in neutral.texts}
    for name, split in splits.items():
        for text in split.texts:
            if (found := own.get(normalized_key(text))) is not None:
                raise DataError(
                    f"{neutral.source}: the text {found[:60]!r} stands in the {name} split of the data, too. A text is "
                    "neutral or shows an emotion: take it out of one of the two files."
                )
