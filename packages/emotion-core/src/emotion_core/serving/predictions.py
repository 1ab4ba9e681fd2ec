"""Predictions as the service answers them."""

from __future__ import annotations

from collections.abc import Sequence

from emotion_core.classifier import Classifier
from emotion_core.inference.predict import Asked, explained_rows
from emotion_core.labels import EMOTIONS, UNCERTAIN
from emotion_core.runs.predictions import PROBABILITY_COLUMNS


def answers(classifier: Classifier, texts: Sequence[str], abstain_below: float) -> list[dict[str, object]]:
    """A JSON object for each text."""
    rows = explained_rows(classifier, ({"text": text} for text in texts), Asked("text", abstain_below))
    found: list[dict[str, object]] = []
    for cells, problem in rows:
        if problem is not None:
            found.append(
                {
                    "label": None,
                    "emotion": None,
                    "probabilities": None,
                    "truncated": False,
                    "uncertain": False,
                    "reason": problem,
                }
            )
            continue
        probabilities = {name: cells[column] for name, column in zip(EMOTIONS, PROBABILITY_COLUMNS, strict=True)}
        found.append(
            {
                "label": cells["predicted_label"],
                "emotion": cells["predicted_emotion"],
                "probabilities": probabilities,
                "truncated": False,
                "uncertain": cells["predicted_emotion"] == UNCERTAIN,
            }
        )
    return found
