"""How often each source's training texts are read, as ``--mix`` says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotion_core.bounds import Bounds
from emotion_core.defaults import EQUAL, SIZE
from emotion_core.errors import DataError

WEIGHT = Bounds(0, 1_000_000, above=True)
MOST_TIMES = 100
"""So often may the texts of a source be read in an epoch; more would be a slip of the keyboard."""


def times_read(mix: str, rows: dict[str, int]) -> dict[str, float]:
    """How often an epoch reads each training text of each source, once at least.

    The source that is largest for its weight is read once, and the others as often as their weights ask for: so no text
    is lost, as it would be if the large sources were cut, and an epoch becomes longer instead.

    Args:
        mix: ``size``, by which each text is read once; ``equal``, by which all sources have as many rows; or a weight
            for each source, with commas between them.
        rows: training rows of each source, by its name.

    Raises:
        DataError: these are no such weights, or a source would be read more than `MOST_TIMES`.
    """
    if mix == SIZE:
        return dict.fromkeys(rows, 1.0)
    weights = np.ones(len(rows)) if mix == EQUAL else _weights(mix, len(rows))
    wanted = weights / np.array(list(rows.values()))
    times = dict(zip(rows, (wanted / wanted.min()).tolist(), strict=True))
    for name, often in times.items():
        if often > MOST_TIMES:
            raise DataError(
                f"--mix {mix}: the {rows[name]} training texts of {name} would be read {often:,.0f} times in an epoch, "
                f"expected {MOST_TIMES} at most. Choose weights that are nearer to the sizes of the sources."
            )
    return times


def drawn_rows(rows: int, times: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """The rows of a source that are read so often: all of them each whole time, and for the rest some at random."""
    wanted = round(rows * times)
    rest = rng.choice(rows, wanted % rows, replace=False)
    return np.concatenate([np.tile(np.arange(rows), wanted // rows), np.sort(rest)])


def _weights(mix: str, count: int) -> NDArray[np.float64]:
    expected = (
        f"expected {EQUAL}, {SIZE}, or a weight for each --data, such as {','.join(map(str, range(1, count + 1)))}"
    )
    try:
        weights = [float(part) for part in mix.split(",")]
    except ValueError as error:
        raise DataError(f"--mix: found {mix!r}, {expected}.") from error
    if len(weights) != count:
        raise DataError(f"--mix: found {len(weights)} weights for {count} sources, {expected}.")
    for weight in weights:
        if weight not in WEIGHT:
            raise DataError(f"--mix: found the weight {weight:g}, expected {WEIGHT}.")
    return np.array(weights)
