"""Near duplicates in words, for a terminal."""

from __future__ import annotations

from emotion_core.data.near.grams import GRAM
from emotion_core.data.near.search import NearDuplicates, NearPair, NearPairs
from emotion_core.printable import cell

METHODS = {"exact": "all pairs", "minhash": "MinHash: nearly all pairs"}


def near_lines(near: NearDuplicates) -> list[str]:
    """The counts of each split and each two splits, and the most similar pairs with their rows, labels and texts."""
    if near.method is None:
        return [f"near duplicates: not looked for: {near.skipped}"]
    sure = METHODS[near.method]
    lines = [f"near duplicates: Jaccard index of {GRAM} letters in a row >= {near.threshold:g} ({sure})"]
    for found in near.found:
        lines.append(
            f"  {' and '.join(found.splits)}: {found.pairs} pairs of {found.texts} texts, "
            f"{found.different_labels} of them with different labels"
        )
        others = [pair for pair in found.different_label_examples if pair not in found.examples]
        for pair in (*found.examples, *others):
            lines += _shown(found, pair)
    return lines


def _shown(found: NearPairs, pair: NearPair) -> list[str]:
    splits = found.splits if len(found.splits) > 1 else found.splits * 2
    head = f"    {pair.jaccard:.2f}"
    return [
        f"{head if not place else ' ' * len(head)}  {split} row {row}, {label}: {cell(text)}"
        for place, (split, row, label, text) in enumerate(zip(splits, pair.rows, pair.labels, pair.texts, strict=True))
    ]
