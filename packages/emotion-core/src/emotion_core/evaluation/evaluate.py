"""Evaluate a classifier on labelled texts and write what a run folder holds of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.classifier import Classifier, Probabilities
from emotion_core.data.dataset import Dataset, fingerprint
from emotion_core.evaluation import figures
from emotion_core.evaluation.metrics import compute_metrics
from emotion_core.evaluation.speed import measure_speed
from emotion_core.runs.definition import Definition
from emotion_core.runs.folder import METRICS_FILE, PREDICTIONS_FILE, RunWriter, read_run
from emotion_core.runs.predictions import PREDICTION_COLUMNS, prediction_cells
from emotion_core.runs.record import format_interval

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
    run: RunWriter, frame: pd.DataFrame, metrics: dict[str, Any], probabilities: Probabilities, *, draw: bool = True
) -> None:
    """Write ``metrics.json``, ``predictions.csv`` and, where they are to be drawn, the figures of an evaluation."""
    run.write_json(METRICS_FILE, metrics)
    with (run.path / PREDICTIONS_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label", *PREDICTION_COLUMNS))
        for text, label, cells in zip(frame["text"], frame["label"], prediction_cells(probabilities), strict=True):
            writer.writerow((text, label, *cells))
    if not draw:
        return
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


def summary_line(metrics: dict[str, Any]) -> str:
    """The figures a user looks for first, in one line."""
    shown = [
        f"{name} {format_interval(metrics[key])}" for name, key in (("accuracy", "accuracy"), ("macro-F1", "macro_f1"))
    ]
    data = metrics["data"]
    return f"{data['split']} of {data['name']} ({data['rows']} texts): " + ", ".join(shown)
