"""Transformer classifiers of six emotions in short texts: BERTweet, CardiffRoBERTa, ModernBERT and MiniLM.

Names load on first use, so that the command line answers before torch is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.start import lazy_names

if TYPE_CHECKING:  # what type checkers and editors read; the lazy names would be Any to them
    from emotion_bert.estimator import EmotionClassifier as EmotionClassifier
    from emotion_bert.models.classifier import TransformerClassifier as TransformerClassifier
    from emotion_core.classifier import Classifier

    __version__: str

_MODULES = {"EmotionClassifier": "estimator", "TransformerClassifier": "models.classifier"}


def load(run_dir: str | Path, device: str = "auto") -> Classifier:
    """Load the classifier of a run folder, with the temperature of the run: of one model, in ONNX, or of an ensemble.

    Args:
        run_dir: the run folder of a training, an import or a compression.
        device: ``auto``, ``cpu`` or ``gpu``.

    Raises:
        RunError: not a run of this package, or its model cannot be loaded.
        ModelError: the device is not available.
    """
    from emotion_bert.models.loading import load_run

    return load_run(run_dir, device)


if not TYPE_CHECKING:
    __all__, __getattr__, __dir__ = lazy_names(__name__, _MODULES, "load")
