"""Load the classifier of a run folder, in Keras or in ONNX."""

from __future__ import annotations

from pathlib import Path

from emotion_core.classifier import Classifier
from emotion_core.inference import loading
from emotion_core.runs.layouts import ONNX_OF_WORDS, layout_of
from emotion_core.runs.record import RunRecord
from emotion_rnn.classifier import PACKAGE, RNNClassifier


def load_run(run_dir: str | Path, device: str = "auto") -> Classifier:
    """The classifier of a run folder, with its temperature; raises as `emotion_core.inference.loading.load_run`."""
    return loading.load_run(run_dir, device, load_member=load_member, package=PACKAGE)


def load_member(folder: Path, record: RunRecord, device: str = "auto") -> Classifier:
    """The model in a folder, without a temperature; raises as `emotion_core.inference.loading.load_onnx`."""
    if layout_of(record, folder) is ONNX_OF_WORDS:  # which does without TensorFlow
        return loading.load_onnx(folder, record, device)
    return RNNClassifier.load_folder(folder, record, device)
