"""The area under the ROC curve of neutral against emotional texts, by the gate and by the highest probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, Probabilities
from emotion_core.data.dataset import NeutralTexts, Split
from emotion_core.data.neutral.texts import check_apart
from emotion_core.errors import DataError
from emotion_core.evaluation.training_texts import text_numbers
from emotion_core.runs.metrics import Score

NORMAL = 1.959964
"""Between minus and plus so many standard errors lie 95 % of a normal distribution."""


@dataclass(frozen=True)
class NeutralScores:
    """How well neutral texts are told from emotional ones; 0.5 is guessing, 1 is always right.

    Attributes:
        rows, fingerprint: of the neutral texts.
        emotional_rows: how many texts with an emotion they were told from.
        auroc_highest_probability: if the text is neutral whose highest probability is lower.
        auroc_gate: by the neutral gate; None in a run without.
    """

    rows: int
    fingerprint: str
    emotional_rows: int
    auroc_highest_probability: Score
    auroc_gate: Score | None = None

    def __str__(self) -> str:
        gate = f"{self.auroc_gate} by the gate, " if self.auroc_gate else ""
        return (
            f"neutral ({self.rows} texts) against emotional ({self.emotional_rows}): AUROC {gate}"
            f"{self.auroc_highest_probability} by the highest probability alone"
        )


def measure_neutral(
    classifier: Classifier, neutral: NeutralTexts, measured: Split, probabilities: Probabilities
) -> NeutralScores:
    """Tell neutral texts from those of a split.

    Args:
        classifier: with a gate or without.
        neutral: none of which taught the gate.
        measured: texts with an emotion.
        probabilities: of these, shape (n, 6).

    Raises:
        DataError: a neutral text taught the gate, or stands in the split.
    """
    check_apart(neutral, {"measured": measured})
    gate = classifier.gate
    if gate is not None and (known := int(np.isin(text_numbers(neutral.texts), gate.taught).sum())):
        raise DataError(
            f"{neutral.source}: {known} of these {len(neutral.texts)} texts taught the gate, so that the figures would "
            "be too good. Give other neutral texts, or a column split with train and test."
        )
    by_highest = auroc(-classifier.predict_proba(neutral.texts).max(axis=1), -probabilities.max(axis=1))
    by_gate = None
    if gate is not None:
        by_gate = auroc(gate.probabilities(neutral.texts), gate.probabilities(measured.texts))
    return NeutralScores(len(neutral.texts), neutral.fingerprint, len(measured), by_highest, by_gate)


def auroc(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> Score:
    """How often a positive text gets a higher score than a negative one, ties counted half, with its 95 % interval.

    The interval is that of DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, for a single curve.

    Args:
        positive, negative: the scores of the texts, at least two of each.
    """
    of_positive, of_negative = _shares_below(positive, negative), 1 - _shares_below(negative, positive)
    area = float(of_positive.mean())
    error = float(np.sqrt(of_positive.var(ddof=1) / len(positive) + of_negative.var(ddof=1) / len(negative)))
    return Score(area, max(0.0, area - NORMAL * error), min(1.0, area + NORMAL * error))


def _shares_below(scores: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """Of each score the share of the others that are lower, equal ones counted half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")
    shares: NDArray[np.float64] = below / (2 * len(others))
    return shares
