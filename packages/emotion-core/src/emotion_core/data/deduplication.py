"""Take duplicates and contradictions out of the train split, as the model sees its texts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import WHOLE_FILE, Dataset
from emotion_core.errors import DataError
from emotion_core.labels import ID_TO_EMOTION

if TYPE_CHECKING:
    import pandas as pd

Conflicts = Literal["majority", "drop"]


def clean_train(frame: pd.DataFrame, cleaning: str, conflicts: Conflicts) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Keep one row of each text, or none where its labels contradict each other and nothing decides between them.

    Two texts are the same when the cleaning makes the same string of them, since that string is all that a model gets.
    No label is changed, and the rows that stay keep their order.

    Args:
        frame: columns ``text`` and ``label``.
        cleaning: the name of a function in `text.CLEANERS`.
        conflicts: what becomes of a text with several labels: ``majority`` keeps its first row with the most frequent
            one (none when two are equally frequent), ``drop`` keeps none.

    Returns:
        The rows that stay, and what was done: ``conflicts``, ``text_cleaning``, ``rows_before``,
        ``duplicates_removed`` (rows that repeat one that stays), ``conflicting_texts`` (distinct ones),
        ``conflicting_texts_kept`` (by majority), ``conflicting_rows_removed``, and ``rows_after``.

    Raises:
        DataError: a class, or every row, would be lost.
    """
    keyed = frame.assign(key=frame["text"].map(CLEANERS[cleaning]))
    conflicting = keyed.groupby("key")["label"].transform("nunique") > 1
    right = _has_majority(keyed) if conflicts == "majority" else ~conflicting
    stays = right & ~keyed.duplicated(["key", "label"])
    counts = {
        "conflicts": conflicts,
        "text_cleaning": cleaning,
        "rows_before": len(frame),
        "duplicates_removed": int((right & ~stays).sum()),
        "conflicting_texts": int(keyed.loc[conflicting, "key"].nunique()),
        "conflicting_texts_kept": int((stays & conflicting).sum()),
        "conflicting_rows_removed": int((~right).sum()),
        "rows_after": int(stays.sum()),
    }
    _check_classes(frame["label"], frame.loc[stays, "label"], conflicts)
    return frame[stays].reset_index(drop=True), counts


def _has_majority(keyed: pd.DataFrame) -> pd.Series:
    """Which rows carry a label that their text has more often than any other."""
    votes = keyed.groupby(["key", "label"])["label"].transform("size")
    leads = votes == votes.groupby(keyed["key"]).transform("max")
    leading_labels = keyed["label"].where(leads).groupby(keyed["key"]).transform("nunique")
    return leads & (leading_labels == 1)


def _check_classes(before: pd.Series, after: pd.Series, conflicts: Conflicts) -> None:
    if lost := [ID_TO_EMOTION[label] for label in sorted(set(before) - set(after))]:
        raise DataError(
            f"--clean-train {conflicts} leaves no training text of {', '.join(lost)}: each of them stands there with "
            "other labels too. Mend the labels (emotion-core audit shows the texts), or leave --clean-train out."
        )


def clean_dataset(dataset: Dataset, cleaning: str, conflicts: Conflicts) -> Dataset:
    """The dataset with a clean train split, or a clean only split; what was done stands in its ``cleaned``.

    Raises:
        DataError: as `clean_train`.
    """
    name = "train" if "train" in dataset.splits else WHOLE_FILE
    if name not in dataset.splits:
        return dataset
    frame, counts = clean_train(dataset.splits[name], cleaning, conflicts)
    return dataclasses.replace(dataset, splits=dataset.splits | {name: frame}, cleaned=counts)


def cleaned_line(counts: dict[str, Any]) -> str:
    """What was done to the train split, in one line."""
    return (
        f"Cleaned the train split: removed {counts['duplicates_removed']} duplicated and "
        f"{counts['conflicting_rows_removed']} contradicting of {counts['rows_before']} rows, {counts['rows_after']} "
        f"are left. Texts with several labels: {counts['conflicting_texts']}, of which the majority kept "
        f"{counts['conflicting_texts_kept']}."
    )
