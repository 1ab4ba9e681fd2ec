"""Several trained classifiers as one: the mean of their probabilities (Lakshminarayanan et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, Told


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
        return _by_none([member.unread(texts) for member in self._members])

    def foreign(self, texts: Sequence[str]) -> list[bool]:
        """Of each raw text whether it seems so to every member."""
        return [all(told) for told in zip(*(member.foreign(texts) for member in self._members), strict=True)]

    def truncated(self, texts: Sequence[str]) -> list[bool]:
        """Of each raw text whether a member does not read all of it."""
        return [any(told) for told in zip(*(member.truncated(texts) for member in self._members), strict=True)]

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """The mean of the members' probabilities, shape (n_texts, 6), rows summing to 1."""
        *others, last = self._members
        return _mean([*(each.predict_proba(texts) for each in others), last.predict_proba(texts, progress=progress)])

    def raw_and_unread(self, texts: list[str], progress: Callable[[int], None]) -> Told:
        """As `Classifier.raw_and_unread`, with each text cleaned once by each member."""
        *others, last = self._members
        told = [*(each.predict_and_tell(texts) for each in others), last.predict_and_tell(texts, progress=progress)]
        return Told(_mean([each.probabilities for each in told]), _by_none([each.unread for each in told]))


def _mean(found: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = np.mean(found, axis=0, dtype=np.float32)
    return mean


def _by_none(told: Sequence[Sequence[str | None]]) -> list[str | None]:
    """For each text the reason of the first member, if none of them reads it."""
    return [None if None in reasons else reasons[0] for reasons in zip(*told, strict=True)]
