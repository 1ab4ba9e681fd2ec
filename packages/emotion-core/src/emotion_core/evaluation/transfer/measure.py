"""Measure classifiers on data sets, each among the emotions that the data set has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from emotion_core.classifier import Classifier
from emotion_core.data.dataset import WHOLE_FILE, Dataset, Split
from emotion_core.evaluation.evaluate import data_ref, evaluate
from emotion_core.evaluation.training_texts import trained_on, with_trained_on
from emotion_core.evaluation.transfer.record import Transfer, Worth
from emotion_core.evaluation.transfer.selective import abstained, risk_coverage, share_of
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import RUN_FILE, read_run
from emotion_core.runs.metrics import DataRef
from emotion_core.runs.typed_json import to_json
from emotion_core.system.hashes import file_hash

DEFAULT_THRESHOLD = 0.5


def transfer(
    classifiers: Mapping[str, Classifier],
    datasets: Iterable[Dataset],
    *,
    split: str | None = None,
    abstain_below: float = DEFAULT_THRESHOLD,
) -> dict[str, Any]:
    """What each classifier is worth on each data set.

    A data set that lacks some of the six emotions is decided among those that it has, as `renormalize` does.

    Args:
        classifiers: by what they are called; of any package, or your own.
        datasets: as `load_dataset` gives them.
        split: that is measured; None for ``test``, or all rows of one file.
        abstain_below: the probability below which a classifier abstains.

    Returns:
        ``{"worths": [{...}]}``, ready for JSON, one for each classifier on each data set: ``run``, ``data`` with
        ``trained_on`` and ``only``, ``accuracy`` and ``macro_f1`` with intervals, ``most_frequent`` (what guessing the
        most frequent emotion gets), ``expected_calibration_error``, ``abstained`` and ``risk_coverage``, whose ``area``
        is the AURC of Geifman, Uziel and El-Yaniv (ICLR 2019).

    Raises:
        DataError: a data set has no such split.
    """
    measured = [(dataset, measured_split(dataset, split)) for dataset in datasets]
    found = [
        worth(name, classifier, dataset, of, abstain_below=abstain_below)
        for name, classifier in classifiers.items()
        for dataset, of in measured
    ]
    return to_json(Transfer(found))


def measured_split(dataset: Dataset, asked: str | None) -> str:
    """The split of a dataset that is measured: the one that is asked for, the test split, or all rows of a file.

    Raises:
        DataError: there is no such split.
    """
    split = WHOLE_FILE if dataset.is_one_file else (asked or "test")
    dataset.split(split)
    return split


def emotions_of(measured: Split) -> list[str] | None:
    """The emotions to decide among; None for all six, and where there are not two to decide between."""
    absent = measured.absent()
    present = [name for name in EMOTIONS if name not in absent]
    return present if absent and len(present) > 1 else None


def worth(
    name: str,
    classifier: Classifier,
    dataset: Dataset,
    split: str,
    *,
    abstain_below: float = DEFAULT_THRESHOLD,
    progress: Callable[[int], None] | None = None,
) -> Worth:
    """What a classifier, called by a name, is worth on a split; ``progress`` is told of texts that are done."""
    measured = dataset.split(split)
    labels, run = measured.labels, classifier.origin.run if classifier.origin else None
    only = emotions_of(measured)
    metrics, probabilities, _ = evaluate(classifier, dataset, split, only=only, speed=False, progress=progress)
    trained = None if run is None else trained_on(run, read_run(run), measured)
    metrics = with_trained_on(metrics, trained)
    right = probabilities.argmax(axis=1) == labels
    some = trained is not None and trained.any() and not trained.all()
    error = metrics.expected_calibration_error
    return Worth(
        run=name,
        model=classifier.origin.model if classifier.origin else None,
        data=metrics.data,
        most_frequent=float(np.bincount(labels).max() / len(labels)),
        accuracy=metrics.accuracy,
        macro_f1=metrics.macro_f1,
        expected_calibration_error=(error.value if error else None) or 0.0,
        abstained=abstained(labels, probabilities, abstain_below),
        risk_coverage=risk_coverage(labels, probabilities),
        temperature=classifier.temperature,
        unseen=share_of(int(right[~trained].sum()), int((~trained).sum())) if some and trained is not None else None,
        run_sha256=None if run is None else file_hash(Path(run) / RUN_FILE),
    )


@dataclass(frozen=True)
class Wanted:
    """What decides a measurement: the run, its temperature, the texts, and the threshold."""

    run_sha256: str | None
    temperature: float
    data: DataRef
    abstain_below: float

    def is_met_by(self, kept: Worth | None) -> bool:
        """Whether what was measured before is what is wanted."""
        if kept is None:
            return False
        measured = Wanted(kept.run_sha256, kept.temperature, kept.data, kept.abstained.below)
        return measured == replace(self, data=replace(self.data, trained_on=kept.data.trained_on))


def wanted(run: Path, temperature: float, dataset: Dataset, split: str, abstain_below: float) -> Wanted:
    """What is asked of a run on a split."""
    data = replace(data_ref(dataset, split), only=emotions_of(dataset.split(split)))
    return Wanted(file_hash(run / RUN_FILE), temperature, data, abstain_below)
