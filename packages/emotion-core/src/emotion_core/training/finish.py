"""The end of every training: calibrate, evaluate, and write the rest of the run folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, apply_temperature
from emotion_core.data.dataset import Dataset, NeutralTexts, Split
from emotion_core.evaluation import figures
from emotion_core.evaluation.calibration import calibration_record
from emotion_core.evaluation.evaluate import measure_predictions, write_evaluation
from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of
from emotion_core.evaluation.speed import measure_speed
from emotion_core.evaluation.training_texts import trained_on, with_trained_on, write_training_texts
from emotion_core.runs.card import model_card
from emotion_core.runs.folder import CARD_FILE, HISTORY_FILE, RUN_FILE
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record_parts import MixData, RunData
from emotion_core.runs.typed_json import from_json, to_json
from emotion_core.runs.writer import RunWriter
from emotion_core.training.options import RunOptions
from emotion_core.training.progress import Epoch


def finish_training_run(
    run: RunWriter,
    classifier: Classifier,
    dataset: Dataset,
    history: Sequence[Epoch],
    options: RunOptions,
) -> Metrics:
    """Calibrate and evaluate a saved and reloaded classifier on validation, and write all that is left of its run.

    Args:
        run: its ``record`` already holds ``package``, ``model``, ``seed``, ``hyperparameters``, ``text_cleaning``
            and ``parameters``, and its ``model_dir`` the saved model.
        classifier: loaded from that folder, so that what is measured is what a user will load. It is left with the
            temperature and the neutral gate of the run.
        history: of the epochs; empty for what has none.
        options: of the training: whether to calibrate, to measure the speed and draw the figures, and to be quiet.

    Returns:
        The metrics on validation, of the calibrated probabilities.
    """
    probabilities = _calibrated(run, classifier, dataset.split("validation"), options)
    metrics = measure_predictions(dataset, "validation", probabilities, classifier.temperature)
    if not options.quiet and (told := metrics.single_answer()):
        click.echo(told, err=True)
    if options.extras:
        metrics = replace(metrics, speed=measure_speed(classifier, dataset.split("validation").texts))
    run.record = replace(run.record, data=_data_of(dataset, probabilities, quiet=options.quiet))
    if "train" in dataset.splits:
        train = dataset.splits["train"]
        run.record = replace(run.record, never_predicted=train.absent() or None)
        write_training_texts(run.path, train)
        if dataset.neutral is not None:
            _add_gate(run, classifier, dataset.neutral, train)
        trained = trained_on(run.path, run.record, dataset.split("validation"))
        metrics = with_trained_on(metrics, trained)
    write_evaluation(run, dataset.splits["validation"], metrics, probabilities, draw=options.extras)
    if history:
        write_history(run.path / HISTORY_FILE, history)
    if options.extras:
        _draw_training(run, dataset, history)
    run.write_text(CARD_FILE, model_card(run.record, metrics))
    return metrics


def _data_of(dataset: Dataset, probabilities: NDArray[np.float32], *, quiet: bool) -> RunData:
    """What a run records of its data; of several sources also how good the model is on each one's validation texts."""
    data = RunData.of_splits(dataset.name, dataset.describe())
    if dataset.mix is None:
        return data
    labels, predicted = dataset.split("validation").labels, probabilities.argmax(axis=1)
    sources, start = [], 0
    for source in from_json(MixData, to_json(dataset.mix), Path(RUN_FILE)).sources:
        part = slice(start, start + source.splits["validation"].rows)
        scores = scores_of(confusion_matrix(labels[part], predicted[part]))
        accuracy, macro_f1 = float(scores["accuracy"]), float(scores["macro_f1"])
        sources.append(replace(source, accuracy=accuracy, macro_f1=macro_f1))
        if not quiet:
            rows = f"{part.stop - start} texts"
            click.echo(
                f"validation of {source.name} ({rows}): accuracy {accuracy:.4f}, macro-F1 {macro_f1:.4f}", err=True
            )
        start = part.stop
    return replace(data, mix=MixData(dataset.mix.rule, sources))


def _add_gate(run: RunWriter, classifier: Classifier, neutral: NeutralTexts, train: Split) -> None:
    from emotion_core.training.neutral.fit import fit_gate

    gate, record = fit_gate(neutral, train)
    gate.save(run.path)
    classifier.gate = gate
    run.record = replace(run.record, neutral=record)


def _draw_training(run: RunWriter, dataset: Dataset, history: Sequence[Epoch]) -> None:
    counts = {name: split.classes() for name, split in dataset.splits.items()}
    figures.save(figures.class_distribution(counts), run.figure_path("class_distribution"))
    if history:
        figures.save(figures.training_curves(history), run.figure_path("training_curves"))


def _calibrated(run: RunWriter, classifier: Classifier, split: Split, options: RunOptions) -> NDArray[np.float32]:
    """Predict once, set the temperature of the classifier, and give what it would predict from now on."""
    classifier.temperature = 1.0
    probabilities = classifier.predict_proba(split.texts)
    if options.calibrate:
        calibration = calibration_record(split.labels, probabilities)
        run.record = replace(run.record, calibration=calibration)
        classifier.temperature = calibration.temperature
        if calibration.reason is not None and not options.quiet:
            click.echo(f"The temperature of the probabilities stays 1: {calibration.reason}.", err=True)
    return apply_temperature(probabilities, classifier.temperature)


def write_history(path: Path, history: Sequence[Epoch]) -> None:
    """Write one row an epoch, with the union of all columns."""
    columns: dict[str, None] = {}
    for entry in history:
        columns.update(dict.fromkeys(entry))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(columns))
        writer.writeheader()
        writer.writerows(history)
