"""Predictions as a service gives them: each with what a client has to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emotion_core.classifier import Classifier
from emotion_core.inference.predict import Asked, explained_rows
from emotion_core.labels import EMOTIONS, UNCERTAIN_LABEL
from emotion_core.runs.predictions import NEUTRAL_COLUMN, PROBABILITY_COLUMNS


class Prediction(NamedTuple):
    """What is predicted for a text.

    Attributes:
        label, emotion: the most probable one; as `labels.UNCERTAIN` has it where the prediction abstains, None where
            there is none. As `labels.NEUTRAL` has it where the text is called neutral.
        probabilities: of the six emotions in label order; None where there is no prediction.
        truncated: the text is longer than what the model reads.
        foreign: the text seems to be in a language that the model does not read.
        reason: why there is no prediction; None where there is one.
        neutral: the probability that the text shows none of the emotions; None where the run has no neutral gate.
    """

    label: int | None
    emotion: str | None
    probabilities: tuple[float, ...] | None
    truncated: bool
    foreign: bool
    reason: str | None
    neutral: float | None = None

    @property
    def uncertain(self) -> bool:
        """Whether the prediction abstains."""
        return self.label == UNCERTAIN_LABEL

    def to_json(self) -> dict[str, object]:
        """As the service answers it."""
        found: dict[str, object] = {
            "label": self.label,
            "emotion": self.emotion,
            "probabilities": self.probabilities and dict(zip(EMOTIONS, self.probabilities, strict=True)),
            "truncated": self.truncated,
            "foreign": self.foreign,
            "uncertain": self.uncertain,
        }
        more = {"neutral": self.neutral, "reason": self.reason}
        return found | {name: value for name, value in more.items() if value is not None}

    def scores(self) -> list[dict[str, object]]:
        """The emotions as ``label`` and ``score``, best first, as other services answer them; none if unpredicted."""
        pairs = sorted(zip(self.probabilities or (), EMOTIONS, strict=False), key=lambda pair: -pair[0])
        return [{"label": emotion, "score": probability} for probability, emotion in pairs]


def predictions(classifier: Classifier, texts: Sequence[str], asked: Asked | None = None) -> list[Prediction]:
    """What a classifier predicts for each text.

    Args:
        classifier: of any format.
        texts: raw texts.
        asked: when a prediction abstains, and when a text is called neutral; None as the run says.
    """
    rows = explained_rows(classifier, ({"text": text} for text in texts), asked)
    return [
        Prediction(
            row.cells["predicted_label"],
            row.cells["predicted_emotion"],
            tuple(row.cells[name] for name in PROBABILITY_COLUMNS) if row.problem is None else None,
            cut and row.problem is None,
            row.foreign,
            row.problem,
            row.cells.get(NEUTRAL_COLUMN),
        )
        for row, cut in zip(rows, classifier.truncated(texts), strict=True)
    ]
