"""Several classifiers as one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, apply_temperature
from emotion_core.inference.ensemble import Ensemble


class Constant(Classifier):
    """A classifier that gives every text the same probabilities."""

    def __init__(self, *probabilities: float) -> None:
        self._row = np.array(probabilities, dtype=np.float32)

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """The same row for each text."""
        progress(len(texts))
        return np.tile(self._row, (len(texts), 1))


MEMBERS = (Constant(1, 0, 0, 0, 0, 0), Constant(0, 1, 0, 0, 0, 0), Constant(0, 0.5, 0.5, 0, 0, 0))


def test_an_ensemble_gives_the_mean_of_its_members() -> None:
    """Each emotion has the mean of the members' probabilities, in float32."""
    probabilities = Ensemble(MEMBERS).predict_proba(["a", "b"])
    np.testing.assert_allclose(probabilities, [[1 / 3, 1 / 2, 1 / 6, 0, 0, 0]] * 2, atol=1e-6)
    assert probabilities.dtype == np.float32


def test_the_temperature_is_that_of_the_mean() -> None:
    """An ensemble with a temperature scales the mean, not its members."""
    mean = Ensemble(MEMBERS).predict_proba(["a"])
    np.testing.assert_allclose(Ensemble(MEMBERS, 2.0).predict_proba(["a"]), apply_temperature(mean, 2.0), atol=1e-6)


def test_progress_counts_each_text_once() -> None:
    """However many members there are, the texts that are done are told once."""
    done: list[int] = []
    Ensemble(MEMBERS).predict_proba(["a", "b", "c"], progress=done.append)
    assert sum(done) == 3
