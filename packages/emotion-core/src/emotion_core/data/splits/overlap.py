"""Texts of a split that the model is trained on as well."""

from __future__ import annotations

import dataclasses

from emotion_core.data.dataset import Dataset
from emotion_core.data.same_text import normalized_key
from emotion_core.errors import DataError


def with_overlaps(dataset: Dataset) -> Dataset:
    """The dataset, whose ``in_train`` counts the different texts of each other split that stand in train, too.

    Raises:
        DataError: train and validation are the same file, or have the same texts.
    """
    others = [name for name in dataset.splits if name != "train"]
    for name in others:
        if dataset.sources.get(name) and dataset.sources[name] == dataset.sources.get("train"):
            raise DataError(f"{dataset.sources[name]}: is both the train and the {name} split. {_ADVICE}")
    trained = {normalized_key(text) for text in dataset.splits["train"].texts}
    keys = {name: {normalized_key(text) for text in dataset.splits[name].texts} for name in others}
    if keys.get("validation") == trained:
        raise DataError(f"{dataset.sources.get('validation')}: has the same texts as the train split. {_ADVICE}")
    return dataclasses.replace(dataset, in_train={name: len(found & trained) for name, found in keys.items()})


_ADVICE = (
    "What is measured on training texts says nothing about others: give other texts, or leave the file out; 10 % of "
    "the train split are then held out for validation."
)


def overlap_lines(dataset: Dataset) -> list[str]:
    """How many texts of each split stand in train, in words, for splits that have such texts."""
    return [
        f"{count} texts of {name} ({len(dataset.splits[name])} rows) stand in train, too, in this or another spelling: "
        "what is measured on them is too good."
        for name, count in dataset.in_train.items()
        if count
    ]
