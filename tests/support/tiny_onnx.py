"""A run in ONNX that is made in a moment and says something sensible: naive Bayes on words, as a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emotion_core.labels import N_EMOTIONS
from emotion_core.runs.folder import MODEL_DIR
from emotion_core.runs.layouts import ONNX
from emotion_core.runs.writer import RunWriter

MAX_LENGTH = 32
SMOOTHING = 0.2
PAD, UNKNOWN = "[PAD]", "[UNK]"


def write_onnx_run(folder: Path, texts: Sequence[str], labels: Sequence[int], *, sharpness: float = 1.0) -> Path:
    """Train on texts and write the run folder; the test skips where onnx or tokenizers is not installed.

    Args:
        folder: of the run.
        texts, labels: what it is trained on.
        sharpness: what its logits are multiplied with, so that two runs differ.
    """
    onnx = pytest.importorskip("onnx")
    tokenizers = pytest.importorskip("tokenizers")
    words = tokenizers.pre_tokenizers.Whitespace()
    split = [[word for word, _ in words.pre_tokenize_str(text.lower())] for text in texts]
    names = [PAD, UNKNOWN, *sorted({word for text in split for word in text})]
    vocabulary = {name: number for number, name in enumerate(names)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer, tokenizer.pre_tokenizer = tokenizers.normalizers.Lowercase(), words
    tokenizer.add_special_tokens([PAD, UNKNOWN])
    table = sharpness * _log_odds([[vocabulary[word] for word in text] for text in split], labels, len(names))
    with RunWriter(folder, "compress") as run:
        tokenizer.save(str(run.model_dir / "tokenizer.json"))
        run.write_json(f"{MODEL_DIR}/inputs.json", {"tokenizer": "tokenizers", "padding": {"input_ids": 0}})
        onnx.save(_graph(onnx, table), run.model_dir / ONNX.files[0])
        run.record = replace(
            run.record,
            package=ONNX.package,
            format=ONNX.name,
            model="words",
            parameters=table.size,
            text_cleaning="social_media",
            hyperparameters={"max_length": MAX_LENGTH},
        )
    return folder


def _log_odds(texts: Sequence[Sequence[int]], labels: Sequence[int], n_words: int) -> NDArray[np.float32]:
    """What each word adds to the logits, shape (words, 6); padding and unknown words add nothing."""
    counts = np.full((n_words, N_EMOTIONS), SMOOTHING)
    for text, label in zip(texts, labels, strict=True):
        np.add.at(counts[:, label], list(text), 1)
    odds = np.log(counts / counts.sum(axis=0))
    odds -= odds.mean(axis=1, keepdims=True)
    odds[:2] = 0
    return odds.astype(np.float32)


def _graph(onnx, table):  # type: ignore[no-untyped-def]
    """The sum of the rows of a table: ids of shape (n, words) to logits of shape (n, 6)."""
    helper = onnx.helper
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("ReduceSum", ["rows", "axis"], ["logits"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "words",
        [helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["texts", "words"])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["texts", N_EMOTIONS])],
        [onnx.numpy_helper.from_array(table, "table"), onnx.numpy_helper.from_array(np.array([1]), "axis")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
