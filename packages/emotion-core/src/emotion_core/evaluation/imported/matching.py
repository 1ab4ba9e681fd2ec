"""Which row of a file of predictions belongs to which text of a split: by the text, or by the order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from emotion_core.data.dataset import Split
from emotion_core.data.labelled.label_map import LabelMap
from emotion_core.data.same_text import normalized_key
from emotion_core.errors import DataError
from emotion_core.evaluation.imported.reading import Said
from emotion_core.labels import EMOTIONS, parse_label

SHOWN = 5


class Matched(NamedTuple):
    """The row of the file for each text of a split.

    Attributes:
        rows: places in the file, from 0, shape (n,).
        how: by which they were found, in words.
        unused: places in the file whose texts are not in the split.
    """

    rows: list[int]
    how: str
    unused: list[int]


def match(said: Said, split: Split, where: str, label_map: LabelMap | None = None) -> Matched:
    """Find the prediction of each text.

    With a column of texts they are found by the text, else by another spelling of it; without one by their order, if
    there are as many rows as texts.

    Args:
        said: by the file.
        split: the texts.
        where: these are, for messages.
        label_map: of the labels in the file.

    Raises:
        DataError: a text has no prediction, or several that differ; or the rows are not as many as the texts.
    """
    if said.texts is None:
        return _by_order(said, split, where, label_map)
    rows: list[int | None] = [None] * len(split)
    left = set(range(len(said.texts)))
    by_text = _find(said, split, rows, left, str.strip)
    respelt = _find(said, split, rows, left, normalized_key)
    missing = [place for place, row in enumerate(rows) if row is None]
    if missing:
        shown = "; ".join(f"row {place + 1} {split.texts[place][:60]!r}" for place in missing[:SHOWN])
        raise DataError(
            f"{said.path}: has no prediction for {len(missing)} of the {len(split)} texts of {where}: {shown}"
            f"{'; ...' if len(missing) > SHOWN else ''}. Predict them, or say with --split what was predicted."
        )
    spelling = f", {respelt} of {by_text + respelt} in another spelling" if respelt else ""
    found = [row for row in rows if row is not None]
    return Matched(found, f"by text{spelling}", sorted(left - set(found)))


def _find(said: Said, split: Split, rows: list[int | None], left: set[int], key: Callable[[str], str]) -> int:
    """Fill in the rows of texts that have none yet, by a key that both share; gives how many."""
    texts = said.texts or []
    offered, wanted = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for row in sorted(left):
        offered[key(texts[row])].append(row)
    for place, taken in enumerate(rows):
        if taken is None:
            wanted[key(split.texts[place])].append(place)
    count = 0
    for text, places in wanted.items():
        found = offered.get(text, [])
        if not found:
            continue
        if len(found) != len(places):
            _require_one_answer(said, found, len(places), split.texts[places[0]])
            found = found[:1] * len(places)
        for place, chosen in zip(places, found, strict=True):
            rows[place] = chosen
        left.difference_update(offered[text])
        count += len(places)
    return count


def _require_one_answer(said: Said, rows: Sequence[int], times: int, text: str) -> None:
    predicted = said.predicted[list(rows)]
    same = (predicted == predicted[0]).all()
    if said.probabilities is not None:
        same = same and np.allclose(said.probabilities[list(rows)], said.probabilities[rows[0]], atol=1e-6)
    if not same:
        raise DataError(
            f"{said.path}, {said.unit}s {numbers(said, rows)}: predict different things of one text, which stands "
            f"{times} times in the data: {text[:60]!r}. Keep as many rows of it, or one."
        )


def _by_order(said: Said, split: Split, where: str, label_map: LabelMap | None) -> Matched:
    if len(said.lines) != len(split):
        raise DataError(
            f"{said.path}: found {len(said.lines)} rows and no column of texts, expected one row for each of the "
            f"{len(split)} texts of {where}. Add the column of texts, name it with --predicted-text-column, or "
            "say with --split what was predicted."
        )
    if said.true is not None:
        differing = [row for row, value in enumerate(said.true) if _id(value, label_map) != split.labels[row]]
        if differing:
            first = differing[0]
            raise DataError(
                f"{said.path}, {said.unit}s {numbers(said, differing)}: have other true labels than {where}, such as "
                f"{said.true[first]!r} for {EMOTIONS[split.labels[first]]}, so the rows are in another order. Add a "
                "column of texts."
            )
    return Matched(list(range(len(split))), "by order, since the file has no column of texts", [])


def _id(value: object, label_map: LabelMap | None) -> int | None:
    try:
        return parse_label(value) if label_map is None else label_map.find(value)
    except ValueError:
        return None


def numbers(said: Said, rows: Iterable[int]) -> str:
    """The numbers of some rows of the file, the first few of them."""
    lines = [said.lines[row] for row in rows]
    return ", ".join(map(str, lines[:SHOWN])) + (", ..." if len(lines) > SHOWN else "")
