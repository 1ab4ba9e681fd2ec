"""Data that lack some of the six emotions, and decisions among those that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emotion_core.data.dataset import Dataset, Split
from emotion_core.errors import DataError
from emotion_core.labels import EMOTION_TO_ID, EMOTIONS


def with_only(dataset: Dataset, split: str, only: Sequence[str]) -> tuple[Dataset, dict[str, int]]:
    """A dataset whose split has the texts of some emotions alone.

    Returns:
        The dataset, and how many texts of each other emotion were left out, where there were such.

    Raises:
        DataError: no text of the split has one of the emotions.
    """
    whole = dataset.split(split)
    rows = np.flatnonzero(np.isin(whole.labels, [EMOTION_TO_ID[name] for name in only]))
    if not len(rows):
        raise DataError(f"{dataset.name}: no text of {split} is labelled {', '.join(only)}. Name emotions that it has.")
    left_out = {name: count for name, count in whole.classes().items() if count and name not in only}
    return (replace(dataset, splits={**dataset.splits, split: whole.take(rows)}) if left_out else dataset), left_out


def missing_remark(measured: Split, only: Sequence[str] | None) -> str | None:
    """Which emotions no text has, though the model may answer them, and what to do about it; None if none lacks."""
    asked = EMOTIONS if only is None else only
    absent = [name for name in measured.absent() if name in asked]
    present = [name for name in asked if name not in absent]
    if not absent:
        return None
    found = f"No text is labelled {', '.join(absent)}, so that each prediction of {_them(absent)} is wrong here."
    if len(present) < 2:
        return found
    return f"{found} --only {','.join(present)} decides among the emotions that the texts have."


def _them(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "these"
