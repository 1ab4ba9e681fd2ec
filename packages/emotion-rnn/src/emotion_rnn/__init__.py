"""Bidirectional LSTM and GRU classifiers of six emotions in short texts, in Keras on GloVe Twitter vectors.

Names load on first use, so that the command line answers before TensorFlow is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotion_rnn.classifier import RNNClassifier

__all__ = ["RNNClassifier"]


def __getattr__(name: str) -> Any:
    if name == "RNNClassifier":
        from emotion_rnn.classifier import RNNClassifier

        return RNNClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
