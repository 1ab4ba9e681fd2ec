"""One dataset of several: train as the weights say, validation and test one source after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from emotion_core.data.dataset import Dataset, Mix, MixedSource, Split, fingerprint
from emotion_core.data.dropped import Dropped
from emotion_core.data.mixing.shared import check_shared, shared_rows, without_rows
from emotion_core.data.mixing.weights import drawn_rows, times_read
from emotion_core.errors import DataError

JOINED = " + "


def mixed(sources: Sequence[Dataset], mix: str, seed: int, *, drop_shared: bool = False) -> Dataset:
    """Several datasets as one.

    The train split is drawn once, so that it is the same in every epoch, in every training of a study and for the
    baselines. Its sources may share texts. The test split is that of the sources that have one.

    Args:
        sources: at least two, each with a train and a validation split, under different names.
        mix: ``size``, ``equal`` or weights, as `times_read` takes them.
        seed: of the texts that are read once more than others of their source.
        drop_shared: leave training texts out that another source holds out.

    Raises:
        DataError: two sources have one name, the weights do not fit, or training texts of one source are held out in
            another.
    """
    names = [source.name for source in sources]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DataError(f"--data: {twice} is named twice. Name each source once; --mix says how much each weighs.")
    rows = shared_rows(sources)
    if not drop_shared:
        check_shared(sources, rows)
    sources = [without_rows(source, of_source) for source, of_source in zip(sources, rows, strict=True)]
    times = times_read(mix, {source.name: len(source.splits["train"]) for source in sources})
    rng = np.random.default_rng(seed)
    drawn = [drawn_rows(len(source.splits["train"]), times[source.name], rng) for source in sources]
    read = [source.splits["train"].take(of_source) for source, of_source in zip(sources, drawn, strict=True)]
    splits = {"train": _joined(read)}
    for name in ("validation", "test"):
        if parts := [source.splits[name] for source in sources if name in source.splits]:
            splits[name] = _joined(parts)
    record = [
        MixedSource(source.name, len(part) / len(splits["train"]), len(part), len(of_source), _described(source))
        for source, part, of_source in zip(sources, read, rows, strict=True)
    ]
    return Dataset(
        JOINED.join(names),
        splits,
        sources={name: _files(sources, name) for name in splits},
        dropped={
            name: Dropped.together([source.dropped.get(name, Dropped()) for source in sources]) for name in splits
        },
        cleaned=_sums([source.cleaned for source in sources if source.cleaned]),
        mix=Mix(mix, record),
    )


def _joined(parts: Sequence[Split]) -> Split:
    return Split([text for part in parts for text in part.texts], np.concatenate([part.labels for part in parts]))


def _files(sources: Sequence[Dataset], split: str) -> str:
    return JOINED.join(source.sources.get(split) or source.name for source in sources if split in source.splits)


def _described(source: Dataset) -> dict[str, dict[str, Any]]:
    return {name: {"rows": len(split), "fingerprint": fingerprint(split)} for name, split in source.splits.items()}


def _sums(cleaned: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What was done to all sources: the numbers of rows add up, and the rest is the same in all of them."""
    return {
        name: sum(counts[name] for counts in cleaned) if isinstance(value, int) else value
        for name, value in (cleaned[0] if cleaned else {}).items()
    }
