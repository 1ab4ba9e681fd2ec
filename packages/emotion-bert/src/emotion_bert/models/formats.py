"""The formats of a model folder."""

from __future__ import annotations

TRANSFORMERS, ONNX = "transformers", "onnx"

FORMATS = {
    TRANSFORMERS: "emotion_bert.models.classifier:TransformerClassifier",
    ONNX: "emotion_core.inference.onnx:OnnxClassifier",
}
"""The formats of a model folder, with what loads them; imported only then, so that ONNX does without torch."""
