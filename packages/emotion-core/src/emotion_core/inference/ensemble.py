"""Several trained classifiers as one: the mean of their probabilities (Lakshminarayanan et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier


class Ensemble(Classifier):
    """The mean of the probabilities of several classifiers.

    Args:
        members: the classifiers, at least one, without temperatures of their own.
        temperature: of the mean.
    """

    def __init__(self, members: Sequence[Classifier], temperature: float = 1.0) -> None:
        self._members, self.temperature = members, temperature

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that no member can read it; None if one of them reads it."""
        told = zip(*(member.unread(texts) for member in self._members), strict=True)
        return [None if None in reasons else reasons[0] for reasons in told]

    def truncated(self, texts: Sequence[str]) -> list[bool]:
        """Of each raw text whether a member does not read all of it."""
        return [any(told) for told in zip(*(member.truncated(texts) for member in self._members), strict=True)]

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """The mean of the members' probabilities, shape (n_texts, 6), rows summing to 1."""
        *others, last = self._members
        total = sum(member.predict_proba(texts) for member in others) + last.predict_proba(texts, progress=progress)
        mean: NDArray[np.float32] = (total / len(self._members)).astype(np.float32)
        return mean
