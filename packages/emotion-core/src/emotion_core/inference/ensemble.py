"""Several trained classifiers as one: the mean of their probabilities (Lakshminarayanan et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, unread
from emotion_core.evaluation.calibration import apply_temperature


class Ensemble:
    """The mean of the probabilities of several classifiers.

    Args:
        members: the classifiers, at least one, without temperatures of their own.
        temperature: of the mean.
    """

    def __init__(self, members: Sequence[Classifier], temperature: float = 1.0) -> None:
        self._members, self.temperature = members, temperature

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that no member can read it; None if one of them reads it."""
        told = zip(*(unread(member, texts) for member in self._members), strict=True)
        return [None if None in reasons else reasons[0] for reasons in told]

    def predict_proba(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Probabilities of the six emotions, shape (n_texts, 6), rows summing to 1."""
        *others, last = self._members
        total = sum(member.predict_proba(texts) for member in others) + last.predict_proba(texts, progress=progress)
        return apply_temperature((total / len(self._members)).astype(np.float32), self.temperature)
