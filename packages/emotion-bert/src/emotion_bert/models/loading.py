"""Load the classifier of a run folder: one model in whatever format, or an ensemble of several."""

from __future__ import annotations

from pathlib import Path

from emotion_bert.models.registry import PACKAGE
from emotion_core.classifier import Classifier
from emotion_core.inference import loading
from emotion_core.inference.batches import BatchClassifier
from emotion_core.runs.layouts import ONNX, layout_of
from emotion_core.runs.record import RunRecord


def load_run(run_dir: str | Path, device: str = "auto") -> Classifier:
    """The classifier of a run folder, with its temperature; raises as `emotion_core.inference.loading.load_run`."""
    return loading.load_run(run_dir, device, load_member=load_member, package=PACKAGE)


def load_member(folder: Path, record: RunRecord, device: str = "auto") -> BatchClassifier:
    """The model in a folder, without a temperature; raises as `emotion_core.inference.loading.load_onnx`."""
    if layout_of(record, folder) is ONNX:  # which does without torch
        return loading.load_onnx(folder, record, device)
    with loading.telling_faults(folder, PACKAGE):
        from emotion_bert.models.classifier import TransformerClassifier

        return TransformerClassifier.load_folder(folder, record.text_cleaning, record.max_length(), device)
