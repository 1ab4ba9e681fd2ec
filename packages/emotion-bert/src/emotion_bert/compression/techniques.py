"""The techniques: what each is called, needs, and does. A new one is an entry here and a function."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_bert.models.formats import ONNX, TRANSFORMERS

if TYPE_CHECKING:
    from emotion_bert.compression.options import CompressionOptions
    from emotion_bert.compression.source import Source

ALL = "all"
"""Every technique."""


@dataclass(frozen=True)
class Requirement:
    """A package that a technique needs.

    Attributes:
        package: its name.
        minimum: the oldest version that works, None for any.
    """

    package: str
    minimum: str | None = None


@dataclass(frozen=True)
class Technique:
    """A way to make a model smaller or faster.

    Attributes:
        title: in a few words.
        function: ``module:name`` in this package, called with the source, the model folder to fill and the options; it
            gives what the run records of it.
        format: of the model folder that it writes.
        needs: packages besides torch and transformers.
        remark: what a user must know of it, for the report.
    """

    title: str
    function: str
    format: str = TRANSFORMERS
    needs: tuple[Requirement, ...] = ()
    remark: str = ""

    def save(self, source: Source, folder: Path, options: CompressionOptions) -> dict[str, Any]:
        """Write the compressed model of a run beside its tokenizer in ``folder``; what the run records of it."""
        module, _, name = self.function.partition(":")
        save: Callable[[Source, Path, CompressionOptions], dict[str, Any]]
        save = getattr(importlib.import_module(f"emotion_bert.compression.{module}"), name)
        return save(source, folder, options)


# The first version whose INT8 and NF4 were checked on a CPU.
BITSANDBYTES = (Requirement("bitsandbytes", "0.50"), Requirement("accelerate"))
ONNX_PACKAGES = (Requirement("onnx"), Requirement("onnxscript"), Requirement("onnxruntime"))

SLOW = "On a CPU it saves memory, not time."

TECHNIQUES: dict[str, Technique] = {
    "prune": Technique("weights, heads or neurons removed", "prune:save_pruned"),
    "int8": Technique("LLM.int8() by bitsandbytes", "quantization:save_int8", needs=BITSANDBYTES, remark=SLOW),
    "nf4": Technique("4-bit NormalFloat by bitsandbytes", "quantization:save_nf4", needs=BITSANDBYTES, remark=SLOW),
    "combined": Technique("pruned, then NF4", "prune:save_combined", needs=BITSANDBYTES, remark=SLOW),
    "onnx": Technique("ONNX graph", "onnx_export:save_onnx", format=ONNX, needs=ONNX_PACKAGES),
    "onnx-int8": Technique(
        "ONNX graph with INT8 weights",
        "onnx_int8:save_onnx_int8",
        format=ONNX,
        needs=ONNX_PACKAGES,
        remark="The fast way on a CPU.",
    ),
}
"""The techniques by name."""
