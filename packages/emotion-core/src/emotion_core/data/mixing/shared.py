"""Training texts of one source that stand in the validation or test split of another."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from emotion_core.data.dataset import Dataset
from emotion_core.data.same_text import normalized_key
from emotion_core.errors import DataError


def shared_rows(sources: Sequence[Dataset]) -> list[list[int]]:
    """Of each source the training rows whose text, in any spelling, is held out in another source."""
    held_out = [_keys(source, [name for name in source.splits if name != "train"]) for source in sources]
    found = []
    for number, source in enumerate(sources):
        others = set().union(*(keys for place, keys in enumerate(held_out) if place != number))
        texts = source.splits["train"].texts
        found.append([row for row, text in enumerate(texts) if normalized_key(text) in others])
    return found


def check_shared(sources: Sequence[Dataset], rows: Sequence[Sequence[int]]) -> None:
    """Raise a DataError that counts such texts, if there are any."""
    counts = [
        f"{len(of_source)} of {source.name}" for source, of_source in zip(sources, rows, strict=True) if of_source
    ]
    if counts:
        raise DataError(
            f"Training texts ({', '.join(counts)}) stand in the validation or test split of another source, in this or "
            "another spelling, so that what is measured would be too good: leave them out of the training with "
            "--drop-shared."
        )


def without_rows(source: Dataset, rows: Sequence[int]) -> Dataset:
    """A source without some of its training rows.

    Raises:
        DataError: none would be left.
    """
    left_out, train = set(rows), source.splits["train"]
    kept = [row for row in range(len(train)) if row not in left_out]
    if not kept:
        raise DataError(
            f"{source.name}: each of its training texts stands in the validation or test split of another source, so "
            "that --drop-shared leaves none. Leave this source out."
        )
    return dataclasses.replace(source, splits=source.splits | {"train": train.take(kept)}) if rows else source


def _keys(source: Dataset, splits: Sequence[str]) -> set[str]:
    return {normalized_key(text) for name in splits for text in source.splits[name].texts}
