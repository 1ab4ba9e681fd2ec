"""Load the classifier of a run folder: one model in whatever format, or an ensemble of several."""

from __future__ import annotations

from pathlib import Path

from emotion_bert.models.registry import PACKAGE
from emotion_core.classifier import Classifier
from emotion_core.errors import EmotionError, RunError, is_storage_fault, short_reason
from emotion_core.imports import import_message, is_import_fault
from emotion_core.inference.batches import BatchClassifier
from emotion_core.inference.ensemble import Ensemble
from emotion_core.runs.folder import MODEL_DIR, check_model, read_model_run
from emotion_core.runs.layouts import ONNX, layout_of
from emotion_core.runs.record import RunRecord


def load_run(run_dir: Path, device: str = "auto") -> Classifier:
    """The classifier of a run folder, with its temperature.

    Raises:
        RunError: not a run of this package, or a model cannot be loaded.
        ModelError: the device is not to be had.
    """
    record = read_model_run(run_dir, PACKAGE)
    check_model(run_dir, record)
    folder = Path(run_dir) / MODEL_DIR
    if record.members is not None:
        members = [load_member(folder / Path(name).name, record, device) for name in record.members]
        return Ensemble(members, record.temperature)
    classifier = load_member(folder, record, device)
    classifier.temperature = record.temperature
    return classifier


def load_member(folder: Path, record: RunRecord, device: str = "auto") -> BatchClassifier:
    """The model in a folder, as the record of its run says, without a temperature.

    Raises:
        RunError: it cannot be loaded, or is of a format that is not known.
        ModelError: the device is not to be had.
    """
    layout, n_tokens = layout_of(record, folder), record.max_length()
    try:  # each library is imported for its own models only: ONNX does without torch
        if layout is ONNX:
            from emotion_core.inference.onnx import OnnxClassifier

            return OnnxClassifier.load_folder(folder, record.text_cleaning, n_tokens, device)
        from emotion_bert.models.classifier import TransformerClassifier

        return TransformerClassifier.load_folder(folder, record.text_cleaning, n_tokens, device)
    except EmotionError:
        raise
    except Exception as error:  # what an altered folder makes the libraries raise has no common class
        if is_import_fault(error):  # the package may be installed without its dependencies, to serve ONNX alone
            raise RunError(import_message(error, str(folder), PACKAGE)) from error
        if is_storage_fault(error):
            raise
        raise RunError(
            f"{folder}: cannot be loaded ({short_reason(error)}). Check the run with emotion-core verify."
        ) from error
