"""Six-emotion text classification: the dataset, labels, metrics, splits and run folders that every model shares.

Names load on first use, so that ``import emotion_core`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXPORTS = {
    "EMOTIONS": "labels",
    "EMOTION_TO_ID": "labels",
    "ID_TO_EMOTION": "labels",
    "parse_label": "labels",
    "Columns": "dataset",
    "Dataset": "dataset",
    "fingerprint": "dataset",
    "load_dataset": "dataset",
    "audit_dataset": "audit",
    "k_fold": "splits",
    "split_frame": "splits",
    "letters_only": "text",
    "social_media": "text",
    "compute_metrics": "metrics",
    "apply_temperature": "calibration",
    "fit_temperature": "calibration",
    "compare_predictions": "bootstrap",
    "compare_runs": "compare",
    "Classifier": "classifier",
    "predict_emotions": "frames",
    "predict_frame": "frames",
    "evaluate_frame": "frames",
    "EmotionEstimator": "estimator",
    "DataError": "errors",
    "EmotionError": "errors",
    "ModelError": "errors",
    "RunError": "errors",
}
__all__ = sorted(_EXPORTS)  # noqa: PLE0605 - derived from the one list above


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"emotion_core.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return __all__
