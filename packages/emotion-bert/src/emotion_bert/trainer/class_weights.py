"""The weight of each emotion in the training loss."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emotion_bert.models.registry import WEIGHTINGS
from emotion_core.bounds import Bounds
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS, N_EMOTIONS

WEIGHT = Bounds(0, 1_000_000, above=True)


def class_weights(choice: str, labels: Sequence[int]) -> list[float] | None:
    """The weights of the six emotions in label order, of mean 1 over the training texts, or None for the same weight.

    Args:
        choice: ``none``; ``balanced``, by which the texts of each emotion weigh the same in sum; or the path of a JSON
            file such as ``{"sadness": 1, "joy": 1, "love": 2, "anger": 1, "fear": 1, "surprise": 3}``.
        labels: of the training texts.

    Raises:
        DataError: the file cannot be read, or does not give each emotion a positive weight.
    """
    if choice == "none":
        return None
    if choice == "balanced":
        counts = np.bincount(labels, minlength=N_EMOTIONS)
        return of_mean_1(((counts > 0) / np.maximum(counts, 1)).tolist(), labels)
    return of_mean_1(_read(Path(choice)), labels)


def of_mean_1(weights: Sequence[float], labels: Sequence[int]) -> list[float]:
    """Weights of the six emotions scaled so that their mean over texts of these labels is 1."""
    of_texts = np.asarray(weights)[np.asarray(labels)]
    largest = of_texts.max()  # divided by first, so that no sum overflows
    scaled: list[float] = (np.asarray(weights) / largest / (of_texts / largest).mean()).tolist()
    return scaled


def _read(path: Path) -> list[float]:
    expected = f"expected {' or '.join(WEIGHTINGS)}, or a JSON file that gives each of {', '.join(EMOTIONS)} a number"
    try:
        weights = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"--class-weights {path}: cannot be read ({error.strerror}); {expected}.") from error
    except (ValueError, RecursionError) as error:  # brackets in brackets without end
        raise DataError(f"--class-weights {path}: is not valid JSON ({error}); {expected}.") from error
    if not isinstance(weights, dict) or set(weights) != set(EMOTIONS):
        found = ", ".join(weights) if isinstance(weights, dict) else type(weights).__name__
        raise DataError(f"--class-weights {path}: found {found}; {expected}.")
    for emotion, weight in weights.items():
        if weight not in WEIGHT:
            raise DataError(f"--class-weights {path}: found {str(weight)[:40]} for {emotion}, expected {WEIGHT}.")
    return [float(weights[emotion]) for emotion in EMOTIONS]
