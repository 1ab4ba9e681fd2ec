"""Six-emotion text classification: the dataset, labels, metrics, splits and run folders that every model shares.

Names load on first use, so that ``import emotion_core`` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotion_core.start import lazy_names

if TYPE_CHECKING:  # what type checkers and editors read; the lazy names would be Any to them
    from emotion_core.classifier import Classifier as Classifier
    from emotion_core.classifier import apply_temperature as apply_temperature
    from emotion_core.classifier import renormalize as renormalize
    from emotion_core.data.audit import audit_dataset as audit_dataset
    from emotion_core.data.cleaning import letters_only as letters_only
    from emotion_core.data.cleaning import social_media as social_media
    from emotion_core.data.dataset import Dataset as Dataset
    from emotion_core.data.dataset import Split as Split
    from emotion_core.data.dataset import fingerprint as fingerprint
    from emotion_core.data.labelled.columns import Columns as Columns
    from emotion_core.data.labelled.label_map import LabelMap as LabelMap
    from emotion_core.data.load import load_dataset as load_dataset
    from emotion_core.data.splits.parts import k_fold as k_fold
    from emotion_core.data.splits.parts import split_texts as split_texts
    from emotion_core.errors import DataError as DataError
    from emotion_core.errors import EmotionError as EmotionError
    from emotion_core.errors import MissingLibraryError as MissingLibraryError
    from emotion_core.errors import ModelError as ModelError
    from emotion_core.errors import RunError as RunError
    from emotion_core.evaluation.behaviour.behave import behave as behave
    from emotion_core.evaluation.calibration import fit_temperature as fit_temperature
    from emotion_core.evaluation.metrics import compute_metrics as compute_metrics
    from emotion_core.evaluation.transfer.measure import transfer as transfer
    from emotion_core.evaluation.versus.paired_tests import compare_predictions as compare_predictions
    from emotion_core.inference.frames import evaluate_frame as evaluate_frame
    from emotion_core.inference.frames import predict_emotions as predict_emotions
    from emotion_core.inference.frames import predict_frame as predict_frame
    from emotion_core.inference.loading import load as load
    from emotion_core.labels import EMOTION_TO_ID as EMOTION_TO_ID
    from emotion_core.labels import EMOTIONS as EMOTIONS
    from emotion_core.labels import ID_TO_EMOTION as ID_TO_EMOTION
    from emotion_core.labels import parse_label as parse_label
    from emotion_core.reporting.compare import compare_runs as compare_runs
    from emotion_core.training.estimator import EmotionEstimator as EmotionEstimator

    __version__: str

_MODULES = {
    "EMOTIONS": "labels",
    "EMOTION_TO_ID": "labels",
    "ID_TO_EMOTION": "labels",
    "parse_label": "labels",
    "Columns": "data.labelled.columns",
    "LabelMap": "data.labelled.label_map",
    "Dataset": "data.dataset",
    "Split": "data.dataset",
    "fingerprint": "data.dataset",
    "load_dataset": "data.load",
    "audit_dataset": "data.audit",
    "k_fold": "data.splits.parts",
    "split_texts": "data.splits.parts",
    "letters_only": "data.cleaning",
    "social_media": "data.cleaning",
    "behave": "evaluation.behaviour.behave",
    "transfer": "evaluation.transfer.measure",
    "compute_metrics": "evaluation.metrics",
    "apply_temperature": "classifier",
    "renormalize": "classifier",
    "fit_temperature": "evaluation.calibration",
    "compare_predictions": "evaluation.versus.paired_tests",
    "compare_runs": "reporting.compare",
    "Classifier": "classifier",
    "predict_emotions": "inference.frames",
    "predict_frame": "inference.frames",
    "evaluate_frame": "inference.frames",
    "load": "inference.loading",
    "EmotionEstimator": "training.estimator",
    "DataError": "errors",
    "EmotionError": "errors",
    "MissingLibraryError": "errors",
    "ModelError": "errors",
    "RunError": "errors",
}

if not TYPE_CHECKING:
    __all__, __getattr__, __dir__ = lazy_names(__name__, _MODULES)
