"""What a run records, as every reader of it sees it."""

from __future__ import annotations

from typing import Any

from emotion_core.errors import RunError
from emotion_core.system.outputs import RUN_FILE


def format_interval(metric: dict[str, Any], digits: int = 4) -> str:
    """``0.9300 [0.9185, 0.9410]``, or ``undefined``."""
    if metric["value"] is None:
        return "undefined"
    text = f"{metric['value']:.{digits}f}"
    return f"{text} [{metric['low']:.{digits}f}, {metric['high']:.{digits}f}]" if "low" in metric else text


def max_length(record: dict[str, Any]) -> int:
    """The words or tokens of a text that the model of a run reads, as its record says.

    Raises:
        RunError: the record does not say.
    """
    stated = record["hyperparameters"].get("max_length")
    if not isinstance(stated, int) or stated < 1:
        raise RunError(
            f"{RUN_FILE}: found the max_length {stated!r}, expected a number of words or tokens. The run was altered."
        )
    return stated
