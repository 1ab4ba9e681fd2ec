"""Quantization of an ONNX graph to INT8 by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

from emotion_bert.compression.onnx_export import quiet, save_onnx
from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_core.errors import ModelError
from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of
from emotion_core.inference.encoding.truncation_and_padding import MODEL_FILE
from emotion_core.inference.onnx.classifier import OnnxClassifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emotion_core.runs.record_parts import Settings

CALIBRATION_BATCH = 16
COMPANY_TEXTS = 64
MOST_BY_COMPANY = 0.02
"""The most that a probability may change with the texts in the same batch, which give dynamic ranges their ends."""

OPERATORS = ["MatMul", "Gemm", "Gather"]
"""What holds the weights: linear layers and embeddings."""


class Attempt(NamedTuple):
    """A way to hold the weights.

    Attributes:
        weights: their type.
        reduced: use 7 of the 8 bits.
    """

    weights: str
    reduced: bool


ATTEMPTS = (Attempt("QInt8", reduced=True), Attempt("QUInt8", reduced=False), Attempt("QInt8", reduced=False))
"""In the order in which they are tried, until one passes the gate.

CPUs without VNNI add two products of signed 8-bit weights in 16 bits, which can overflow; with 7 bits it cannot, so
the graph says the same on every CPU. Unsigned weights are added in 32 bits there, which is exact and slower.
"""


class CalibrationTexts(CalibrationDataReader):  # type: ignore[misc]  # ONNX Runtime has no types
    """Training texts, in padded batches, from which the ranges of the activations are taken.

    Args:
        classifier: with the graph's tokenizer.
        texts: cleaned.
    """

    def __init__(self, classifier: OnnxClassifier, texts: list[str]) -> None:
        self._batches = self._padded(classifier, texts)

    def get_next(self) -> dict[str, NDArray[np.int64]] | None:
        """The inputs of the graph for the next batch, or None at the end."""
        return next(self._batches, None)

    @staticmethod
    def _padded(classifier: OnnxClassifier, texts: list[str]) -> Iterator[dict[str, NDArray[np.int64]]]:
        for start in range(0, len(texts), CALIBRATION_BATCH):
            encoded = classifier.encode(texts[start : start + CALIBRATION_BATCH])
            yield classifier.padded({name: list(rows) for name, rows in encoded.items()})


def save_onnx_int8(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model as an ONNX graph with INT8 weights, one scale for each output channel.

    Where the gate fails, the weights are held in other ways, and the best of them is kept. Where the run was not
    measured before, there is no gate, and the first way will do.

    Raises:
        ModelError: what it says of a text depends too much on the other texts of the batch.
    """
    details = save_onnx(source, folder, options)
    target, original, best = (folder / name for name in (MODEL_FILE, f"fp32-{MODEL_FILE}", f"best-{MODEL_FILE}"))
    needed = 0.0 if source.macro_f1 is None else source.macro_f1 - options.max_drop
    target.rename(original)
    tried: dict[Attempt, float] = {}
    for attempt in ATTEMPTS:
        with quiet():
            _quantize(source, original, target, attempt, options)
        score = _macro_f1(source, folder)
        if score > max(tried.values(), default=-1):
            target.replace(best)
        tried[attempt] = score
        if score >= needed:
            break
    best.replace(target)
    original.unlink()
    by_company = changed_by_company(_load(source, target), source.dataset.split("validation").texts)
    if by_company > MOST_BY_COMPANY:
        raise ModelError(
            f"A probability changes by {by_company:.2g} with the other texts of its batch; at most {MOST_BY_COMPANY} "
            "is allowed. Use --calibration-texts 512, which fixes the ranges of the activations."
        )
    chosen = max(tried, key=tried.__getitem__)
    return {
        **details,
        "weights": chosen.weights,
        "reduced_range": chosen.reduced,
        "per_channel": True,
        "ranges": f"static, of {options.calibration_texts} training texts" if options.calibration_texts else "dynamic",
        "changed_by_company": by_company,
        "tried": [attempt._asdict() | {"macro_f1": score} for attempt, score in tried.items()],
    }


def changed_by_company(classifier: OnnxClassifier, texts: Sequence[str]) -> float:
    """The most that a probability of some texts differs between a text alone and all in batches: of every n-th text.

    Args:
        texts: of which up to 64 are taken, so that short and long ones share a batch.
    """
    taken = list(texts[:: max(1, len(texts) // COMPANY_TEXTS)][:COMPANY_TEXTS])
    alone = np.concatenate([classifier.predict_proba([text]) for text in taken])
    return float(np.abs(classifier.predict_proba(taken) - alone).max())


def _quantize(
    source: TransformerSource, original: Path, target: Path, attempt: Attempt, options: CompressionOptions
) -> None:
    how = {
        "op_types_to_quantize": OPERATORS,
        "per_channel": True,
        "reduce_range": attempt.reduced,
        "weight_type": QuantType[attempt.weights],
        "extra_options": {"MatMulConstBOnly": True},  # the products of queries and keys hold no weights
    }
    if not options.calibration_texts:
        quantize_dynamic(original, target, **how)
        return
    train = source.dataset.split("train").frame()["text"]
    chosen = train.sample(min(options.calibration_texts, len(train)), random_state=options.seed).tolist()
    reader = CalibrationTexts(_load(source, original), source.clean(chosen))
    quantize_static(original, target, reader, quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, **how)


def _load(source: TransformerSource, graph: Path) -> OnnxClassifier:
    return OnnxClassifier.load_folder(graph.parent, source.cleaning, source.max_length, "cpu", graph.name)


def _macro_f1(source: TransformerSource, folder: Path) -> float:
    validation = source.dataset.split("validation")
    predicted = _load(source, folder / MODEL_FILE).predict_proba(validation.texts).argmax(axis=1)
    return float(scores_of(confusion_matrix(validation.labels, predicted))["macro_f1"])
