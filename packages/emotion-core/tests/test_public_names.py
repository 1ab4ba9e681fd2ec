"""The public names of the package."""

from __future__ import annotations

from pathlib import Path

import emotion_core
from public_names import check_public_names

ROOT = Path(__file__).resolve().parents[3]


def test_the_public_names_are_these():
    """`__all__`, completion, type checkers and the user's code that is type-checked know the same names."""
    names = [
        "Classifier", "Columns", "DataError", "Dataset", "EMOTIONS", "EMOTION_TO_ID", "EmotionError",
        "EmotionEstimator", "ID_TO_EMOTION", "LabelMap", "MissingLibraryError", "ModelError", "RunError", "Split",
        "apply_temperature", "audit_dataset", "behave",
        "compare_predictions", "compare_runs", "compute_metrics", "evaluate_frame", "fingerprint",
        "fit_temperature", "k_fold", "letters_only", "load", "load_dataset", "parse_label", "predict_emotions",
        "predict_frame", "renormalize", "social_media", "split_texts", "transfer",
    ]  # fmt: skip
    check_public_names(emotion_core, names, ROOT)
