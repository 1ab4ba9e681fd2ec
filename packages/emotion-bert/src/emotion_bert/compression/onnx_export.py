"""Export to ONNX."""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import nn

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.models.classifier import CONFIG_FILE, TransformerClassifier
from emotion_bert.tokens.fitting import padding_side
from emotion_core.errors import ModelError, is_storage_fault, short_reason
from emotion_core.imports import is_import_fault
from emotion_core.inference.encoding.encoders import TOKENIZERS
from emotion_core.inference.encoding.truncation_and_padding import MODEL_FILE, Inputs, filled, pad, write_inputs
from emotion_core.inference.onnx.classifier import OnnxClassifier

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from emotion_core.runs.record_parts import Settings

OPSET = 20
TOLERANCE = 1e-3
"""The most that a logit may differ between torch and the exported graph."""


COLOUR = re.compile(r"\x1b\[[\d;]*m")
"""What the exporter colours its messages with."""


class Logits(nn.Module):
    """A model that takes its inputs in order and gives bare logits, as a graph does."""

    def __init__(self, model: nn.Module, inputs: list[str]) -> None:
        super().__init__()
        self._model, self._inputs = model, inputs

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """The logits of a batch, shape (n, 6)."""
        logits: torch.Tensor = self._model(**dict(zip(self._inputs, tensors, strict=True))).logits
        return logits


def save_onnx(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model as an ONNX graph with any number of texts and any length."""
    classifier = TransformerClassifier.load_folder(source.folder, source.cleaning, source.max_length, "cpu")
    export(classifier, folder / MODEL_FILE)
    state_inputs(classifier, source, folder)
    exported = OnnxClassifier.load_folder(folder, source.cleaning, source.max_length, "cpu")
    texts = source.clean(source.probes)
    rows = filled(classifier.encode(texts), classifier.fill)
    furthest = float(np.abs(classifier.logits(rows) - exported.logits(rows)).max())
    if not furthest <= TOLERANCE:
        raise ModelError(f"The logits of the exported graph differ by up to {furthest:.2g} from those of the model.")
    _check_whole_way(classifier, exported, source.probes)
    return {"opset": OPSET, "largest_difference_of_logits": furthest}


def _check_whole_way(classifier: TransformerClassifier, exported: OnnxClassifier, texts: list[str]) -> None:
    """Raise a ModelError unless both say the same of texts as they come, each with its own tokenizer and padding.

    The first text is asked for alone as well, since a graph may have taken the batch for one of several.
    """
    expected, found = (each.predict_proba(texts) for each in (classifier, exported))
    found[0] = exported.predict_proba(texts[:1])
    differences = np.abs(expected - found).max(axis=1)
    worst = int(differences.argmax())
    if not differences[worst] <= TOLERANCE:
        raise ModelError(
            f"The probabilities of the exported graph differ by up to {differences[worst]:.2g} from those of the model "
            f"for the text {texts[worst][:80]!r}."
        )


def export(classifier: TransformerClassifier, path: Path) -> None:
    """Write the graph of a classifier's model.

    Raises:
        ModelError: torch cannot write one of this architecture.
    """
    inputs = input_names(classifier)
    encoded = classifier.encode(["a first text", "and a second one that is longer"])
    fills = paddings(classifier.tokenizer)
    side = padding_side(classifier.model.config)
    tensors = tuple(torch.from_numpy(pad(list(encoded[name]), fills[name], side)) for name in inputs)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    with quiet(), torch.inference_mode(), _telling_architecture(classifier.model.config.model_type):
        exported = torch.onnx.export(
            Logits(classifier.model, inputs).eval(),
            tensors,
            dynamo=True,
            input_names=inputs,
            output_names=["logits"],
            dynamic_shapes=(tuple({0: batch, 1: length} for _ in inputs),),
            opset_version=OPSET,
            verbose=False,
        )
        program = cast("torch.onnx.ONNXProgram", exported)  # it is None only without dynamo
        for graph in (program.model.graph, *program.model.functions.values()):
            for node in graph:
                node.metadata_props.clear()  # stack traces, with the paths of the machine that exports
        program.save(path)


@contextlib.contextmanager
def _telling_architecture(kind: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the exporter's errors have no common class
        if is_import_fault(error) or is_storage_fault(error):
            raise
        reason = COLOUR.sub("", short_reason(error))
        raise ModelError(f"torch cannot write a graph of {kind} ({reason}). Use the run itself.") from error


def input_names(classifier: TransformerClassifier) -> list[str]:
    """The inputs that the tokenizer gives and the model takes."""
    taken = inspect.signature(classifier.model.forward).parameters
    return [name for name in classifier.encode(["a text"]) if name in taken]


def paddings(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    """What fills up each input."""
    return {
        "input_ids": tokenizer.pad_token_id,
        "attention_mask": 0,
        "token_type_ids": tokenizer.pad_token_type_id,
    }


def state_inputs(classifier: TransformerClassifier, source: TransformerSource, folder: Path) -> None:
    """Copy the config, which other programs read, and write down how the tokenizer in the folder feeds the graph.

    Raises:
        ModelError: no tokenizer gives the ids of the original.
    """
    shutil.copyfile(source.folder / CONFIG_FILE, folder / CONFIG_FILE)
    texts = source.clean(source.probes)
    expected = [list(row) for row in classifier.encode(texts)["input_ids"]]
    for name, make in TOKENIZERS.items():
        stated = _inputs(classifier, name)
        with contextlib.suppress(Exception):  # the next one may do
            encoded = make(folder, source.max_length, stated)(texts)
            if [list(row) for row in encoded["input_ids"]] == expected:
                write_inputs(folder, stated)
                return
    raise ModelError(f"{source.folder}: its tokenizer, loaded again, gives other ids.")


def _inputs(classifier: TransformerClassifier, tokenizer: str) -> Inputs:
    """How the graph of a classifier is fed."""
    return Inputs(
        tokenizer,
        paddings(classifier.tokenizer),
        truncation_side=classifier.tokenizer.truncation_side,
        padding_side=padding_side(classifier.model.config),
        split_special_tokens=bool(classifier.tokenizer.split_special_tokens),
    )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No remarks of the exporter and the quantizer; their faults are exceptions."""
    disabled = logging.root.manager.disable
    logging.disable(max(disabled, logging.WARNING))
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
