"""Transformer classifiers of six emotions in short texts: BERTweet, CardiffRoBERTa, ModernBERT and MiniLM.

Names load on first use, so that the command line answers before torch is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotion_bert.classifier import TransformerClassifier

__all__ = ["PACKAGE", "TransformerClassifier"]

PACKAGE = "emotion-bert"
"""As it is installed, and as a run records it."""


def __getattr__(name: str) -> Any:
    if name == "TransformerClassifier":
        from emotion_bert.classifier import TransformerClassifier

        return TransformerClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
