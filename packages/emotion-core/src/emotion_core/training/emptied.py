"""Training texts of which the cleaning leaves nothing, as `letters_only` does of texts in other scripts."""

from __future__ import annotations

import click

from emotion_core.data.cleaning import CLEANERS, NOTHING_LEFT
from emotion_core.data.dataset import Dataset
from emotion_core.errors import DataError

TOLD_SHARE = 0.02
"""From this share of a split on, a training says that it learns nothing from some texts."""

ADVICE = "Train emotion-bert on texts in other scripts, with a checkpoint for their language."


def check_emptied(dataset: Dataset, cleaning: str, *, quiet: bool = False) -> None:
    """Say how many texts of the train and validation splits a cleaning empties, where they are more than a few.

    Args:
        dataset: with both splits.
        cleaning: its name.
        quiet: say nothing.

    Raises:
        DataError: it empties all texts of a split.
    """
    clean, reason = CLEANERS[cleaning], NOTHING_LEFT[cleaning]
    for name in ("train", "validation"):
        texts = dataset.splits[name].texts
        emptied = sum(not clean(text) for text in texts)
        where = f"{dataset.sources.get(name) or dataset.name}, {name}"
        if emptied == len(texts):
            raise DataError(f"{where}: found {reason} in any of its {emptied} texts. {ADVICE}")
        if emptied > TOLD_SHARE * len(texts) and not quiet:
            share = f"{emptied} of {len(texts)} texts ({emptied / len(texts):.1%})"
            click.echo(f"{where}: {share} have {reason}, so that nothing of them is read. {ADVICE}", err=True)
