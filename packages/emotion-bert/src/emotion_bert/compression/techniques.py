"""The techniques: what each is called, needs, and does. A new one is an entry here and a function."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_bert.machine.requirements import BITSANDBYTES, Package, Requirement, Verdict, verdict
from emotion_core.runs.layouts import ONNX, TRANSFORMERS, Layout

if TYPE_CHECKING:
    from emotion_bert.compression.source import Source
    from emotion_core.runs.record import Settings

ALL = "all"
"""Every technique."""


@dataclass(frozen=True)
class Technique:
    """A way to make a model smaller or faster.

    Attributes:
        title: in a few words.
        function: ``module:name`` in this package, called with the source, the model folder to fill and the options; it
            gives what the run records of it.
        layout: of the model folder that it writes.
        needs: packages besides torch and transformers.
        remark: what a user must know of it, for the report.
    """

    title: str
    function: str
    layout: Layout = TRANSFORMERS
    needs: tuple[Requirement, ...] = ()
    remark: str = ""

    def save(self, source: Source, folder: Path, options: CompressionOptions) -> Settings:
        """Write the compressed model of a run beside its tokenizer in ``folder``; what the run records of it."""
        module, _, name = self.function.partition(":")
        save: Callable[[Source, Path, CompressionOptions], Settings]
        save = getattr(importlib.import_module(f"emotion_bert.compression.{module}"), name)
        return save(source, folder, options)


ONNX_PACKAGES = (Requirement("onnx"), Requirement("onnxscript"), Requirement("onnxruntime"))

SLOW = "On a CPU it saves memory, not time."

TECHNIQUES: dict[str, Technique] = {
    "prune": Technique("weights, heads or neurons removed", "pruning:save_pruned"),
    "int8": Technique("LLM.int8() by bitsandbytes", "quantization:save_int8", needs=BITSANDBYTES, remark=SLOW),
    "nf4": Technique("4-bit NormalFloat by bitsandbytes", "quantization:save_nf4", needs=BITSANDBYTES, remark=SLOW),
    "combined": Technique("pruned, then NF4", "pruning:save_combined", needs=BITSANDBYTES, remark=SLOW),
    "onnx": Technique("ONNX graph", "onnx_export:save_onnx", layout=ONNX, needs=ONNX_PACKAGES),
    "onnx-int8": Technique(
        "ONNX graph with INT8 weights",
        "onnx_int8:save_onnx_int8",
        layout=ONNX,
        needs=ONNX_PACKAGES,
        remark="The fast way on a CPU.",
    ),
}
"""The techniques by name."""


def verdicts(packages: Mapping[str, Package]) -> dict[str, Verdict]:
    """For each technique whether it runs with these packages."""
    return {name: verdict(technique.needs, packages) for name, technique in TECHNIQUES.items()}


SCOPES = ("layer", "global")


STRUCTURES = ("heads", "ffn")


@dataclass(frozen=True)
class CompressionOptions:
    """The settings of all techniques.

    Attributes:
        amount: share of the weights that pruning removes, or of the heads or neurons.
        scope: ``layer`` removes that share from each layer, ``global`` the smallest weights of all layers.
        prune_head: prune the classification head, too.
        structured: remove whole attention ``heads`` or neurons of the feed-forward layers (``ffn``) instead of single
            weights; None for those.
        recover_epochs: epochs of fine-tuning after pruning, with what was removed staying so.
        recover_learning_rate: of AdamW in these, at its peak.
        threshold: LLM.int8() computes the input columns that hold a larger value in 16 bits (Dettmers et al. 2022).
        calibration_texts: so many training texts give ``onnx-int8`` the ranges of the activations; 0 takes them from
            each batch anew.
        max_drop: of macro-F1 on validation against the original, before a variant fails the gate.
        seed: of the fine-tuning and of the choice of those texts.
    """

    amount: float = 0.3
    scope: str = SCOPES[0]
    prune_head: bool = False
    structured: str | None = None
    recover_epochs: int = 0
    recover_learning_rate: float = 2e-5
    threshold: float = 6.0
    calibration_texts: int = 0
    max_drop: float = 0.005
    seed: int = 42
