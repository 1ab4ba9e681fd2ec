"""Write a run as an ONNX graph, with the vocabulary as a file beside it, and check that both say what Keras says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emotion_core.compression.options import GateOptions
from emotion_core.errors import ModelError
from emotion_core.inference.encoding.truncation_and_padding import MODEL_FILE, Inputs, write_inputs
from emotion_core.inference.encoding.words import PADDING, write_vocabulary
from emotion_core.inference.onnx.classifier import OnnxClassifier
from emotion_rnn.compression.graph import INPUT, OPSET, write_graph
from emotion_rnn.compression.source import RecurrentSource
from emotion_rnn.compression.weights import read_weights

if TYPE_CHECKING:
    from emotion_core.classifier import Probabilities
    from emotion_core.runs.record_parts import Settings

TOLERANCE, OF_16_BITS = 1e-5, 0.02
"""The most that a probability may differ between Keras and the graph, and where Keras computes in 16 bits."""


def save_onnx(source: RecurrentSource, folder: Path, options: GateOptions) -> Settings:
    """Write the run's network as a graph of float32.

    Raises:
        ModelError: no graph is written for its layers, or it says something else than Keras.
    """
    furthest = _largest_difference(source, _write(source, folder, int8=False))
    allowed = TOLERANCE if source.computes_exactly else OF_16_BITS
    if not furthest <= allowed:
        raise ModelError(f"The probabilities of the graph differ by up to {furthest:.2g} from those of Keras.")
    return {"opset": OPSET, "largest_difference": furthest}


def save_onnx_int8(source: RecurrentSource, folder: Path, options: GateOptions) -> Settings:
    """Write the run's network as a graph whose word vectors and recurrent weights are 8-bit numbers.

    The graph computes in float32, so that a text has the same probabilities alone and beside any others.

    Raises:
        ModelError: no graph is written for its layers.
    """
    furthest = _largest_difference(source, _write(source, folder, int8=True))
    return {"opset": OPSET, "largest_difference": furthest, "in_full_precision": ["bias", "dense"]}


def _write(source: RecurrentSource, folder: Path, *, int8: bool) -> OnnxClassifier:
    weights = read_weights(source.model())
    write_graph(weights, folder / MODEL_FILE, int8=int8)
    digest = write_vocabulary(folder, weights.vocabulary)
    write_inputs(folder, Inputs("words", {INPUT: PADDING}, vocabulary_sha256=digest))
    return OnnxClassifier.load_folder(folder, source.cleaning, source.max_length, "cpu")


def _largest_difference(source: RecurrentSource, graph: OnnxClassifier) -> float:
    """Between the probabilities of Keras and the graph, each text in a batch and alone."""
    texts = source.probes
    expected = source.classifier().predict_proba(texts)
    alone: Probabilities = np.concatenate([graph.predict_proba([text]) for text in texts])
    return float(max(np.abs(found - expected).max() for found in (graph.predict_proba(texts), alone)))
