"""Evaluate a classifier on labelled texts and write what a run folder holds of it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from emotion_core.classifier import Classifier, Probabilities, renormalize
from emotion_core.data.dataset import WHOLE_FILE, Dataset, Split, fingerprint
from emotion_core.evaluation.metrics import scores
from emotion_core.evaluation.speed import measure_speed
from emotion_core.runs.definition import Definition
from emotion_core.runs.folder import METRICS_FILE, PREDICTIONS_FILE, read_run
from emotion_core.runs.metrics import DataRef, Metrics
from emotion_core.runs.predictions import PREDICTION_COLUMNS, prediction_cells
from emotion_core.runs.record_parts import RunData
from emotion_core.runs.typed_json import to_json
from emotion_core.runs.writer import RunWriter


class Evaluation(NamedTuple):
    """What a classifier said of a split, and how good that is.

    Attributes:
        metrics: the content of ``metrics.json``.
        probabilities: shape (n, 6); 0 for the emotions that it was not decided among.
        unread: of how many texts nothing is read, by the reason.
    """

    metrics: Metrics
    probabilities: Probabilities
    unread: Mapping[str, int] = MappingProxyType({})


def evaluate(
    classifier: Classifier,
    dataset: Dataset,
    split: str,
    *,
    only: Sequence[str] | None = None,
    speed: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Predict a split and compute its metrics.

    Args:
        classifier: of any package.
        dataset: with the split.
        split: its name.
        only: the emotions to decide among, among which are all labels of the split; None for all six.
        speed: measure that, too.
        progress: called with the number of texts done since the last call.

    Returns:
        The metrics, without the speed where it is left out, the probabilities, and the texts of which nothing is read.
    """
    texts = dataset.split(split).texts
    probabilities: Probabilities
    probabilities, unread = classifier.predict_and_tell(texts, progress=progress)
    if only is not None:
        probabilities = renormalize(probabilities, only)
    metrics = measure_predictions(dataset, split, probabilities, classifier.temperature)
    if only is not None:
        metrics = replace(metrics, data=replace(metrics.data, only=list(only)))
    if speed:
        metrics = replace(metrics, speed=measure_speed(classifier, texts))
    return Evaluation(metrics, probabilities, Counter(reason for reason in unread if reason is not None))


def measure_predictions(dataset: Dataset, split: str, probabilities: Probabilities, temperature: float) -> Metrics:
    """The content of ``metrics.json`` but for the speed.

    Args:
        dataset: with the split.
        split: that was predicted.
        probabilities: shape (n, 6), scaled with the temperature.
        temperature: of the classifier.
    """
    found = scores(dataset.split(split).labels, probabilities)
    return Metrics(**vars(found), temperature=temperature, data=data_ref(dataset, split))


def data_ref(dataset: Dataset, split: str) -> DataRef:
    """Which texts a split has."""
    measured = dataset.split(split)
    return DataRef(dataset.name, WHOLE_FILE if dataset.is_one_file else split, len(measured), fingerprint(measured))


def write_evaluation(
    run: RunWriter, measured: Split, metrics: Metrics, probabilities: Probabilities, *, draw: bool = True
) -> None:
    """Write ``metrics.json``, ``predictions.csv`` and, where they are to be drawn, the figures of an evaluation."""
    run.write_json(METRICS_FILE, to_json(metrics))
    with (run.path / PREDICTIONS_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label", *PREDICTION_COLUMNS))
        predicted = prediction_cells(probabilities, metrics.data.only)
        for text, label, cells in zip(measured.texts, measured.labels, predicted, strict=True):
            writer.writerow((text, label, *cells))
    if not draw:
        return
    from emotion_core.evaluation import figures

    labels = measured.labels
    figures.save(figures.confusion_matrix(metrics.confusion_matrix), run.figure_path("confusion_matrix"))
    figures.save(figures.precision_recall(labels, probabilities), run.figure_path("precision_recall"))
    figures.save(figures.reliability(labels, probabilities), run.figure_path("reliability"))


def write_evaluation_run(
    output: Path,
    run_dir: Path,
    measured: Split,
    evaluation: Evaluation,
    *,
    definition: Definition | None = None,
    force: bool = False,
) -> None:
    """Write the evaluation of the model in ``run_dir`` on the texts of ``measured`` as a run folder of its own.

    A ``definition`` is recorded where a command looks later whether the evaluation is what it asks for.

    Raises:
        RunError: the output is in the way or cannot be written.
    """
    record = read_run(run_dir)
    with RunWriter(output, "evaluate", force=force, inputs=[run_dir]) as writer:
        writer.record = replace(
            writer.record,
            package=record.package,
            model=record.model,
            parameters=record.parameters,
            model_size_bytes=record.model_size_bytes,
            text_cleaning=record.text_cleaning,
            seed=record.seed,
            never_predicted=record.never_predicted,
            evaluated_run=str(run_dir),
            data=RunData.measured(evaluation.metrics.data),
            definition=definition,
        )
        write_evaluation(writer, measured, evaluation.metrics, evaluation.probabilities)
