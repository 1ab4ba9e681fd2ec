"""What a classifier is: the one seam through which core evaluates, predicts and compares every model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


class Classifier(Protocol):
    """A trained six-emotion classifier, whatever the framework behind it; a model package loads it from a run folder.

    Attributes:
        temperature: what `emotion_core.evaluation.calibration.apply_temperature` scales the probabilities with, at
            the end of ``predict_proba``; 1 leaves them as the model gives them.
    """

    temperature: float

    def predict_proba(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Probabilities of the six emotions in label order, shape (n_texts, 6), rows summing to 1.

        Args:
            texts: raw texts; the classifier cleans them as its training texts were cleaned.
            progress: called with the number of texts done since the last call.
        """


@runtime_checkable
class TellsUnread(Protocol):
    """A classifier that can tell of which texts it reads nothing, and would give the same probabilities to all."""

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that it cannot be read, such as ``no Latin letters``; None if it is read."""


def unread(classifier: Classifier, texts: Sequence[str]) -> list[str | None]:
    """As `TellsUnread.unread`; a classifier that cannot tell reads all texts."""
    return classifier.unread(texts) if isinstance(classifier, TellsUnread) else [None] * len(texts)


def length_batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Indices of texts in batches of similar length, shortest first, so that little is padded."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


Probabilities = NDArray[np.floating[Any]]


Labels = NDArray[np.integer[Any]]
