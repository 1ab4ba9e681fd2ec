"""Write the predictions of another program as a run, which is compared and reported like any other."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emotion_core.classifier import Probabilities
from emotion_core.data.dataset import Dataset, Split
from emotion_core.evaluation.evaluate import data_ref, measure_predictions, write_evaluation
from emotion_core.evaluation.imported.matching import Matched, match
from emotion_core.evaluation.imported.reading import FileColumns, Said, read_said
from emotion_core.evaluation.metrics import label_scores
from emotion_core.imports import PROGRAM
from emotion_core.labels import ID_TO_EMOTION
from emotion_core.runs.folder import METRICS_FILE, PREDICTIONS_FILE
from emotion_core.runs.layouts import PREDICTIONS
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.predictions import LABEL_COLUMNS
from emotion_core.runs.record_parts import ImportedFrom, RunData
from emotion_core.runs.typed_json import to_json
from emotion_core.runs.writer import RunWriter
from emotion_core.system.hashes import file_hash

KIND = "predictions"


@dataclass(frozen=True)
class Imported:
    """What was imported: what the file said, how its rows were matched, and how good it is."""

    said: Said
    matched: Matched
    metrics: Metrics


def import_predictions(
    file: Path, columns: FileColumns, dataset: Dataset, split: str, output: Path, *, name: str, force: bool = False
) -> Imported:
    """Write the predictions in a file as the run folder ``output``, measured on a split.

    Without probabilities the run has no log loss, no calibration error and no average precision.

    Args:
        file: of the predictions.
        columns: of the file.
        dataset: with the split.
        split: that was predicted.
        output: the run folder to make.
        name: of what predicted them.
        force: replace a run without a model.

    Raises:
        DataError: the file cannot be read, or its rows do not match the texts.
        RunError: the output is in the way or cannot be written.
    """
    said, measured = read_said(file, columns), dataset.split(split)
    matched = match(said, measured, f"{split} of {dataset.name}", columns.label_map)
    with RunWriter(output, KIND, force=force, inputs=[file]) as run:
        if said.probabilities is None:
            metrics = _write_labels(run, dataset, split, said.predicted[matched.rows])
        else:
            metrics = _write_probabilities(run, dataset, split, said.probabilities[matched.rows])
        run.record = replace(
            run.record,
            package=PROGRAM,
            model=name,
            format=PREDICTIONS.name,
            data=RunData.measured(metrics.data),
            imported_from=ImportedFrom(
                str(file), file_hash(file), {"predictions": said.source, "matched": matched.how}
            ),
        )
    return Imported(said, matched, metrics)


def _write_probabilities(run: RunWriter, dataset: Dataset, split: str, probabilities: Probabilities) -> Metrics:
    metrics = measure_predictions(dataset, split, probabilities, 1.0)
    write_evaluation(run, dataset.split(split), metrics, probabilities)
    return metrics


def _write_labels(run: RunWriter, dataset: Dataset, split: str, predicted: np.ndarray) -> Metrics:
    from emotion_core.evaluation import figures

    measured: Split = dataset.split(split)
    metrics = Metrics(**vars(label_scores(measured.labels, predicted)), data=data_ref(dataset, split))
    run.write_json(METRICS_FILE, to_json(metrics))
    with (run.path / PREDICTIONS_FILE).open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("text", "label", *LABEL_COLUMNS))
        for text, label, said in zip(measured.texts, measured.labels, predicted.tolist(), strict=True):
            writer.writerow((text, label, said, ID_TO_EMOTION[said]))
    figures.save(figures.confusion_matrix(metrics.confusion_matrix), run.figure_path("confusion_matrix"))
    return metrics
