"""Bidirectional LSTM and GRU classifiers of six emotions in short texts, in Keras on GloVe Twitter vectors.

Names load on first use, so that the command line answers before TensorFlow is imported.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotion_rnn.classifier import RNNClassifier
    from emotion_rnn.estimator import EmotionClassifier

_MODULES = {"EmotionClassifier": "estimator", "RNNClassifier": "classifier"}

__all__ = ["EmotionClassifier", "RNNClassifier", "load"]


def load(run_dir: str | Path, device: str = "auto") -> RNNClassifier:
    """Load the classifier of a run folder, with the temperature of the run.

    Args:
        run_dir: the run folder of a training.
        device: ``auto``, ``cpu`` or ``gpu``.

    Raises:
        RunError: not a run of this package, or its model cannot be loaded.
        ModelError: the device is not to be had.
    """
    from emotion_rnn.classifier import RNNClassifier

    return RNNClassifier.load(run_dir, device)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
