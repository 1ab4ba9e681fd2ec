"""Evaluate a classifier on labelled texts and write what a run folder holds of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, measure_speed
from emotion_core.data.dataset import Dataset, fingerprint
from emotion_core.evaluation import figures
from emotion_core.evaluation.calibration import apply_temperature, calibration_record
from emotion_core.evaluation.metrics import Probabilities, compute_metrics, format_interval
from emotion_core.labels import EMOTIONS
from emotion_core.runs.card import model_card
from emotion_core.runs.definition import Definition
from emotion_core.runs.folder import CARD_FILE, HISTORY_FILE, METRICS_FILE, PREDICTIONS_FILE, RunWriter, read_run
from emotion_core.runs.predictions import PREDICTION_COLUMNS, prediction_cells

if TYPE_CHECKING:
    import pandas as pd


def evaluate(
    classifier: Classifier,
    dataset: Dataset,
    split: str,
    *,
    speed: bool = True,
    progress: Callable[[int], None] | None = None,
) -> tuple[dict[str, Any], Probabilities]:
    """Predict a split and compute its metrics.

    Returns:
        The content of ``metrics.json`` (metrics, the temperature of the classifier, the split with its fingerprint,
        and the speed unless left out), and the probabilities, shape (n, 6).
    """
    texts = dataset.split(split)["text"]
    probabilities = classifier.predict_proba(texts.tolist(), progress=progress)
    metrics = measure_predictions(dataset, split, probabilities, classifier.temperature)
    if speed:
        metrics["speed"] = measure_speed(classifier, texts)
    return metrics, probabilities


def measure_predictions(
    dataset: Dataset, split: str, probabilities: Probabilities, temperature: float
) -> dict[str, Any]:
    """The content of ``metrics.json`` but for the speed.

    Args:
        dataset: with the split.
        split: that was predicted.
        probabilities: shape (n, 6), scaled with the temperature.
        temperature: of the classifier.
    """
    frame = dataset.split(split)
    metrics = compute_metrics(frame["label"].to_numpy(), probabilities)
    metrics["temperature"] = temperature
    metrics["data"] = {"name": dataset.name, "split": split, "rows": len(frame), "fingerprint": fingerprint(frame)}
    return metrics


def write_evaluation(
    run: RunWriter, frame: pd.DataFrame, metrics: dict[str, Any], probabilities: Probabilities
) -> None:
    """Write ``metrics.json``, ``predictions.csv`` and the figures of an evaluation into a run."""
    run.write_json(METRICS_FILE, metrics)
    with (run.path / PREDICTIONS_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label", *PREDICTION_COLUMNS))
        for text, label, cells in zip(frame["text"], frame["label"], prediction_cells(probabilities), strict=True):
            writer.writerow((text, label, *cells))
    labels = frame["label"].to_numpy()
    figures.save(figures.confusion_matrix(metrics["confusion_matrix"]), run.figure_path("confusion_matrix"))
    figures.save(figures.precision_recall(labels, probabilities), run.figure_path("precision_recall"))
    figures.save(figures.reliability(labels, probabilities), run.figure_path("reliability"))


def write_evaluation_run(
    output: Path,
    run_dir: Path,
    frame: pd.DataFrame,
    metrics: dict[str, Any],
    probabilities: Probabilities,
    *,
    definition: Definition | None = None,
    force: bool = False,
) -> None:
    """Write the evaluation of the model in ``run_dir`` on the texts of ``frame`` as a run folder of its own.

    A ``definition`` is recorded where a command looks later whether the evaluation is what it asks for.

    Raises:
        RunError: the output is in the way or cannot be written.
    """
    record = read_run(run_dir)
    with RunWriter(output, "evaluate", force=force, inputs=[run_dir]) as writer:
        copied = ("package", "model", "parameters", "model_size_bytes", "text_cleaning", "seed")
        writer.record |= {name: record.get(name) for name in copied}
        writer.record |= {"evaluated_run": str(run_dir), "data": metrics["data"]}
        if definition is not None:
            writer.record["definition"] = definition
        write_evaluation(writer, frame, metrics, probabilities)


def finish_training_run(
    run: RunWriter,
    classifier: Classifier,
    dataset: Dataset,
    history: list[dict[str, Any]],
    *,
    calibrate: bool = True,
) -> dict[str, Any]:
    """Calibrate and evaluate a saved and reloaded classifier on validation, and write all that is left of its run.

    Args:
        run: its ``record`` already holds ``package``, ``model``, ``seed``, ``hyperparameters``, ``text_cleaning``
            and ``parameters``, and its ``model_dir`` the saved model.
        classifier: loaded from that folder, so that what is measured is what a user will load. It is left with the
            temperature of the run.
        history: one dictionary an epoch.
        calibrate: fit the temperature on validation and record it as ``calibration``; else it is 1.

    Returns:
        The metrics on validation, of the calibrated probabilities.
    """
    probabilities = _calibrated(run, classifier, dataset.split("validation"), calibrate=calibrate)
    metrics = measure_predictions(dataset, "validation", probabilities, classifier.temperature)
    metrics["speed"] = measure_speed(classifier, dataset.split("validation")["text"])
    run.record["data"] = {"name": dataset.name, "splits": dataset.describe()}
    write_evaluation(run, dataset.splits["validation"], metrics, probabilities)
    write_history(run.path / HISTORY_FILE, history)
    counts = {
        name: {emotion: int((frame["label"] == label).sum()) for label, emotion in enumerate(EMOTIONS)}
        for name, frame in dataset.splits.items()
    }
    figures.save(figures.class_distribution(counts), run.figure_path("class_distribution"))
    figures.save(figures.training_curves(history), run.figure_path("training_curves"))
    run.write_text(CARD_FILE, model_card(run.record, metrics))
    return metrics


def _calibrated(run: RunWriter, classifier: Classifier, frame: pd.DataFrame, *, calibrate: bool) -> NDArray[np.float32]:
    """Predict once, set the temperature of the classifier, and give what it would predict from now on."""
    classifier.temperature = 1.0
    probabilities = classifier.predict_proba(frame["text"].tolist())
    if calibrate:
        run.record["calibration"] = calibration_record(frame["label"].to_numpy(), probabilities)
        classifier.temperature = run.record["calibration"]["temperature"]
    return apply_temperature(probabilities, classifier.temperature)


def write_history(path: Path, history: list[dict[str, Any]]) -> None:
    """Write one row an epoch, with the union of all columns."""
    columns: dict[str, None] = {}
    for entry in history:
        columns.update(dict.fromkeys(entry))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(columns))
        writer.writeheader()
        writer.writerows(history)


def summary_line(metrics: dict[str, Any]) -> str:
    """The figures a user looks for first, in one line."""
    shown = [
        f"{name} {format_interval(metrics[key])}" for name, key in (("accuracy", "accuracy"), ("macro-F1", "macro_f1"))
    ]
    data = metrics["data"]
    return f"{data['split']} of {data['name']} ({data['rows']} texts): " + ", ".join(shown)
