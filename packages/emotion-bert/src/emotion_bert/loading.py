"""Load the classifier of a run folder, be it one model or an ensemble of several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emotion_bert.classifier import PACKAGE, TransformerClassifier
from emotion_core.calibration import run_temperature
from emotion_core.classifier import Classifier
from emotion_core.ensemble import Ensemble
from emotion_core.run_folder import MODEL_DIR, read_model_run


def load_run(run_dir: Path, device: str = "auto") -> Classifier:
    """The classifier of a run folder, with its temperature.

    Raises:
        RunError: not a run of this package, or a model cannot be loaded.
        ModelError: the device is not to be had.
    """
    record = read_model_run(run_dir, PACKAGE)
    if "members" not in record:
        return TransformerClassifier.load(run_dir, device)
    folder = Path(run_dir) / MODEL_DIR
    members = [load_member(folder / name, record, device) for name in record["members"]]
    return Ensemble(members, run_temperature(record, run_dir))


def load_member(folder: Path, record: dict[str, Any], device: str = "auto") -> TransformerClassifier:
    """The model in a folder of an ensemble, without a temperature of its own."""
    return TransformerClassifier.load_folder(
        folder, record["text_cleaning"], record["hyperparameters"]["max_length"], device
    )
