"""The weights of a saved network, layer by layer; a network of other layers is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import ModelError

if TYPE_CHECKING:
    import keras

Array = NDArray[np.float32]

_GATES = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "return_sequences": False}

KNOWN: dict[str, dict[str, Any]] = {
    "TextVectorization": {
        "standardize": "lower_and_strip_punctuation",
        "split": "whitespace",
        "ngrams": None,
        "output_mode": "int",
    },
    "Embedding": {"mask_zero": True},
    "Bidirectional": {"merge_mode": "concat"},
    "GRU": {**_GATES, "reset_after": True},
    "LSTM": _GATES,
    "Dense": {"use_bias": True},
    "SpatialDropout1D": {},
    "Dropout": {},
}
"""The layers that a graph is written for, with those of their settings that it relies on."""


@dataclass(frozen=True)
class Direction:
    """The weights of a recurrent layer in one direction, as Keras holds them.

    Attributes:
        kernel: shape (dimension, gates * units).
        recurrent: shape (units, gates * units).
        bias: shape (2, 3 * units) of a GRU, (4 * units,) of an LSTM.
    """

    kernel: Array
    recurrent: Array
    bias: Array


@dataclass(frozen=True)
class DenseLayer:
    """A dense layer: kernel of shape (inputs, outputs), bias of shape (outputs,), and its activation."""

    kernel: Array
    bias: Array
    activation: str


@dataclass(frozen=True)
class Weights:
    """What a network has learned.

    Attributes:
        vocabulary: the word of each id.
        embedding: shape (words, dimension).
        cell: ``GRU`` or ``LSTM``.
        directions: forwards and backwards.
        dense: the layers above; the last gives the probabilities.
    """

    vocabulary: list[str]
    embedding: Array
    cell: str
    directions: tuple[Direction, Direction]
    dense: list[DenseLayer]


def read_weights(model: keras.Model) -> Weights:
    """The weights of a model that takes strings, from `with_text_input`.

    Raises:
        ModelError: it has a layer that no graph is written for, or one with other settings.
    """
    vectorizer = next((layer for layer in model.layers if _kind(layer) == "TextVectorization"), None)
    network = model.layers[-1]
    if vectorizer is None or not hasattr(network, "layers"):
        raise ModelError("The model is not one of strings with a network behind them. Use the run itself.")
    layers = [layer for layer in network.layers if _kind(layer) not in ("InputLayer", "SpatialDropout1D", "Dropout")]
    kinds = [_kind(layer) for layer in layers]
    if kinds[:2] != ["Embedding", "Bidirectional"] or set(kinds[2:]) != {"Dense"}:
        raise ModelError(f"No graph is written for a network of {', '.join(kinds)}. Use the run itself.")
    embedding, recurrent, *dense = layers
    for layer in (vectorizer, embedding, recurrent, recurrent.forward_layer, *dense):
        _check(layer)
    if dense[-1].get_config()["activation"] != "softmax":
        raise ModelError("The last layer gives no probabilities (softmax). Use the run itself.")
    return Weights(
        vectorizer.get_vocabulary(),
        embedding.get_weights()[0],
        _kind(recurrent.forward_layer),
        (
            Direction(*recurrent.forward_layer.get_weights()),
            Direction(*recurrent.backward_layer.get_weights()),
        ),
        [_dense(layer) for layer in dense],
    )


def _dense(layer: keras.Layer) -> DenseLayer:
    kernel, bias = layer.get_weights()
    return DenseLayer(kernel, bias, layer.get_config()["activation"])


def _kind(layer: keras.Layer) -> str:
    return type(layer).__name__


def _check(layer: keras.Layer) -> None:
    kind, config = _kind(layer), layer.get_config()
    if kind not in KNOWN:
        raise ModelError(f"No graph is written for the layer {kind}. Use the run itself.")
    for name, expected in KNOWN[kind].items():
        if config.get(name) != expected:
            raise ModelError(
                f"The layer {kind} has {name}={config.get(name)!r}, and a graph is written for {expected!r} alone. Use "
                "the run itself."
            )
