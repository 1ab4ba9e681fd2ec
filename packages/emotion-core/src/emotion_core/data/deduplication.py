"""Take duplicates and contradictions out of the train split, as the model sees its texts."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from typing import Any, Literal

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import WHOLE_FILE, Dataset, Split
from emotion_core.errors import DataError
from emotion_core.labels import ID_TO_EMOTION

Conflicts = Literal["majority", "drop"]


def clean_train(split: Split, cleaning: str, conflicts: Conflicts) -> tuple[Split, dict[str, Any]]:
    """Keep one row of each text, or none where its labels contradict each other and nothing decides between them.

    Two texts are the same when the cleaning makes the same string of them, since that string is all that a model gets.
    No label is changed, and the rows that stay keep their order.

    Args:
        split: texts and labels.
        cleaning: the name of a function in `cleaning.CLEANERS`.
        conflicts: what becomes of a text with several labels: ``majority`` keeps its first row with the most frequent
            one (none when two are equally frequent), ``drop`` keeps none.

    Returns:
        The rows that stay, and what was done: ``conflicts``, ``text_cleaning``, ``rows_before``,
        ``duplicates_removed`` (rows that repeat one that stays), ``conflicting_texts`` (distinct ones),
        ``conflicting_texts_kept`` (by majority), ``conflicting_rows_removed``, and ``rows_after``.

    Raises:
        DataError: a class, or every row, would be lost.
    """
    labels = split.labels.tolist()
    rows = [(CLEANERS[cleaning](text), label) for text, label in zip(split.texts, labels, strict=True)]
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    for key, label in rows:
        votes[key][label] += 1
    right = [_decides(votes[key], label, conflicts) for key, label in rows]
    first = {row: number for number, row in reversed(list(enumerate(rows)))}
    stays = [number for number, row in enumerate(rows) if right[number] and first[row] == number]
    counts = {
        "conflicts": conflicts,
        "text_cleaning": cleaning,
        "rows_before": len(split),
        "duplicates_removed": sum(right) - len(stays),
        "conflicting_texts": sum(len(of_text) > 1 for of_text in votes.values()),
        "conflicting_texts_kept": sum(len(votes[rows[number][0]]) > 1 for number in stays),
        "conflicting_rows_removed": len(rows) - sum(right),
        "rows_after": len(stays),
    }
    _check_classes(set(labels), {labels[number] for number in stays}, conflicts)
    return split.take(stays), counts


def _decides(votes: Counter[int], label: int, conflicts: Conflicts) -> bool:
    """Whether rows of a text with this label may stay, of all the labels that the text has."""
    if conflicts == "drop":
        return len(votes) == 1
    return all(votes[label] > count for other, count in votes.items() if other != label)


def _check_classes(before: set[int], after: set[int], conflicts: Conflicts) -> None:
    if lost := [ID_TO_EMOTION[label] for label in sorted(before - after)]:
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
    split, counts = clean_train(dataset.splits[name], cleaning, conflicts)
    return dataclasses.replace(dataset, splits=dataset.splits | {name: split}, cleaned=counts)


def cleaned_line(counts: dict[str, Any]) -> str:
    """What was done to the train split, in one line."""
    return (
        f"Cleaned the train split: removed {counts['duplicates_removed']} duplicated and "
        f"{counts['conflicting_rows_removed']} contradicting of {counts['rows_before']} rows, {counts['rows_after']} "
        f"are left. Texts with several labels: {counts['conflicting_texts']}, of which the majority kept "
        f"{counts['conflicting_texts_kept']}."
    )
