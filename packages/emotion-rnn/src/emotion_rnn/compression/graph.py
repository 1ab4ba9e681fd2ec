"""An ONNX graph that computes a network, written with onnx's own helpers.

ONNX's GRU and LSTM are those of Keras: ``linear_before_reset`` is ``reset_after``, and the lengths of the texts stand
for the mask. Only the order of the gates and of the axes differs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from emotion_core.inference.encoding.words import PADDING, UNKNOWN
from emotion_core.labels import N_EMOTIONS
from emotion_rnn.compression.weights import Array, DenseLayer, Direction, Weights

OPSET, IR_VERSION = 20, 10
"""The oldest ONNX Runtime that the package allows reads both."""

ORDER = {"GRU": (0, 1, 2), "LSTM": (0, 3, 1, 2)}
"""Where ONNX's gates stand among Keras's: update, reset, hidden; input, output, forget, cell."""

INPUT, OUTPUT = "input_ids", "logits"
ACTIVATIONS = {"relu": "Relu", "linear": "Identity", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax"}
LARGEST = 127
"""Of an 8-bit weight, with a sign; -128 is left out, so that a weight and its negative are alike."""


class GraphWriter:
    """Collects the nodes and the weights of a graph.

    Args:
        int8: hold the word vectors and the recurrent weights as 8-bit numbers with a scale for each column or output.
    """

    def __init__(self, *, int8: bool) -> None:
        self._int8 = int8
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; the name of its output."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        outputs = ["", name] if kind in ORDER else [name]  # of these the last states
        self._nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return name

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add a constant; its name."""
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def quantized(self, name: str, value: Array, axis: int) -> str:
        """Add weights, with one scale for what remains when ``axis`` is left out, where they are held in 8 bits."""
        if not self._int8:
            return self.constant(name, value)
        held, scale = quantize(value, axis)
        return self.scaled(self.constant(name, held), self.constant(f"{name}_scale", scale))

    def scaled(self, held: str, scale: str) -> str:
        """Numbers from 8-bit ones. Of constants ONNX Runtime computes this once, when it starts."""
        return self.node("Mul", self.node("Cast", held, to=TensorProto.FLOAT), scale)

    def vectors(self, ids: str, table: Array) -> str:
        """The word vectors of ids; in 8 bits with a scale for each dimension, since some vary less than others."""
        if not self._int8:
            return self.node("Gather", self.constant("embedding", table), ids)
        held, scale = quantize(table, 0)
        found = self.node("Gather", self.constant("embedding", held), ids)
        return self.scaled(found, self.constant("embedding_scale", scale[0]))

    def finished(self, output: str) -> onnx.ModelProto:
        """The model, whose logits are an output of a node.

        Raises:
            ValidationError: of onnx: it is not well formed.
        """
        self._nodes.append(helper.make_node("Identity", [output], [OUTPUT]))
        graph = helper.make_graph(
            self._nodes,
            "emotions",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["texts", "words"])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", N_EMOTIONS])],
            self._weights,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="emotion-rnn"
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def write_graph(weights: Weights, path: Path, *, int8: bool = False) -> None:
    """Write the graph from word ids of shape (texts, words), 0 being padding, to logits of shape (texts, 6).

    A text without words counts as one unknown word, as in `with_text_input`.
    """
    graph = GraphWriter(int8=int8)
    lengths = _lengths(graph)
    table = weights.embedding.copy()
    table[PADDING] = table[UNKNOWN]  # padding is read of a text without words alone
    vectors = graph.vectors(graph.node("Transpose", INPUT, perm=[1, 0]), table)
    states = _recurrent(graph, vectors, lengths, weights)
    output = graph.node("Flatten", graph.node("Transpose", states, perm=[1, 0, 2]), axis=1)
    for number, layer in enumerate(weights.dense):
        output = _dense(graph, output, layer, number, last=layer is weights.dense[-1])
    onnx.save(graph.finished(output), path)


def quantize(value: Array, axis: int) -> tuple[NDArray[np.int8], Array]:
    """8-bit numbers, and the scales that make the weights of them again; an axis of length 1 is left of ``axis``."""
    scale = np.abs(value).max(axis=axis, keepdims=True) / LARGEST
    scale = np.where(scale == 0, 1, scale).astype(np.float32)
    return np.rint(value / scale).astype(np.int8), scale


def _lengths(graph: GraphWriter) -> str:
    """The number of words of each text, at least 1."""
    words = graph.node("Greater", INPUT, graph.constant("padding", np.array(PADDING, np.int64)))
    axis = graph.constant("words_axis", np.array([1], np.int64))
    count = graph.node("ReduceSum", graph.node("Cast", words, to=TensorProto.INT32), axis, keepdims=0)
    return graph.node("Max", count, graph.constant("one", np.array(1, np.int32)))


def _recurrent(graph: GraphWriter, vectors: str, lengths: str, weights: Weights) -> str:
    """The last states of both directions, shape (2, texts, units)."""
    order, units = ORDER[weights.cell], len(weights.directions[0].recurrent)

    def stacked(matrices: list[Array]) -> Array:
        return np.stack([_by_gate(matrix.T, order) for matrix in matrices])

    kernel = stacked([direction.kernel for direction in weights.directions])
    recurrent = stacked([direction.recurrent for direction in weights.directions])
    bias = np.stack([_bias(direction, order) for direction in weights.directions])
    attributes: dict[str, int | str] = {"direction": "bidirectional", "hidden_size": units}
    if weights.cell == "GRU":
        attributes["linear_before_reset"] = 1
    return graph.node(
        weights.cell,
        vectors,
        graph.quantized("kernel", kernel, 2),
        graph.quantized("recurrent", recurrent, 2),
        graph.constant("bias", bias),
        lengths,
        **attributes,
    )


def _by_gate(rows: Array, order: tuple[int, ...]) -> Array:
    """The rows of all gates, in another order of the gates."""
    gates = np.split(rows, len(order))
    return np.concatenate([gates[place] for place in order])


def _bias(direction: Direction, order: tuple[int, ...]) -> Array:
    """The biases of the inputs and of the states in a row; an LSTM of Keras has the former alone."""
    both = direction.bias if direction.bias.ndim > 1 else np.stack([direction.bias, np.zeros_like(direction.bias)])
    return np.concatenate([_by_gate(bias, order) for bias in both])


def _dense(graph: GraphWriter, output: str, layer: DenseLayer, number: int, *, last: bool) -> str:
    names = (graph.constant(f"dense_{number}", layer.kernel), graph.constant(f"dense_{number}_bias", layer.bias))
    output = graph.node("Gemm", output, *names)
    # The softmax of the last one is left to what reads the logits.
    return output if last else graph.node(ACTIVATIONS[layer.activation], output)
