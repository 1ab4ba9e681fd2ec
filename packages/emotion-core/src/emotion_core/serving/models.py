"""The models of a service: loaded from run folders, each with a name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from emotion_core.classifier import Classifier
from emotion_core.inference.loading import load
from emotion_core.runs.folder import read_run


@dataclass(frozen=True)
class ServedModel:
    """A classifier with what clients are told of it.

    Attributes:
        name: in requests and answers.
        format: of its run.
        max_tokens: tokens or words of a text that it reads.
    """

    name: str
    classifier: Classifier
    format: str
    max_tokens: int | None = None


def load_models(runs: Sequence[Path]) -> list[ServedModel]:
    """Load the runs of a service.

    Raises:
        EmotionError: as `inference.loading.load`.
    """
    models = []
    for run, name in zip(runs, unique_names(run.resolve().name for run in runs), strict=True):
        classifier, record = load(run), read_run(run)
        models.append(ServedModel(name, classifier, record.format or "", record.max_length()))
    return models


def unique_names(names: Iterable[str]) -> list[str]:
    """The names, of which a later one that stands there already gets a number."""
    taken: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in taken:
            number += 1
            candidate = f"{name}-{number}"
        taken.append(candidate)
    return taken
