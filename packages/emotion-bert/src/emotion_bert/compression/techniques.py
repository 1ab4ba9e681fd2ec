"""The techniques: what each is called, needs, and does. A new one is an entry here and a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_bert.machine.requirements import BITSANDBYTES, Package, Requirement, Verdict, verdict
from emotion_core.runs.layouts import ONNX, TRANSFORMERS, Layout

if TYPE_CHECKING:
    from emotion_bert.compression.options import CompressionOptions
    from emotion_bert.compression.source import Source
    from emotion_core.runs.record_parts import Settings

ALL = "all"
"""Every technique."""


@dataclass(frozen=True)
class Technique:
    """A way to make a model smaller or faster.

    Attributes:
        title: in a few words.
        save: writes the compressed model of a run into a folder that holds its tokenizer already; what it returns is
            recorded.
        layout: of the model folder that it writes.
        needs: packages besides torch and transformers.
        remark: what a user must know of it, for the report.
    """

    title: str
    save: Callable[[Source, Path, CompressionOptions], Settings]
    layout: Layout = TRANSFORMERS
    needs: tuple[Requirement, ...] = ()
    remark: str = ""


# The functions import within, so that choices and help texts do not wait for torch.


def _prune(source: Source, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.pruning import save_pruned

    return save_pruned(source, folder, options)


def _combined(source: Source, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.pruning import save_combined

    return save_combined(source, folder, options)


def _int8(source: Source, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.quantization import save_int8

    return save_int8(source, folder, options)


def _nf4(source: Source, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.quantization import save_nf4

    return save_nf4(source, folder, options)


def _onnx(source: Source, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.onnx_export import save_onnx

    return save_onnx(source, folder, options)


def _onnx_int8(source: Source, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.onnx_int8 import save_onnx_int8

    return save_onnx_int8(source, folder, options)


ONNX_PACKAGES = (Requirement("onnx"), Requirement("onnxscript"), Requirement("onnxruntime"))

SLOW = "On a CPU it saves memory, not time."

TECHNIQUES: dict[str, Technique] = {
    "prune": Technique("weights, heads or neurons removed", _prune),
    "int8": Technique("LLM.int8() by bitsandbytes", _int8, needs=BITSANDBYTES, remark=SLOW),
    "nf4": Technique("4-bit NormalFloat by bitsandbytes", _nf4, needs=BITSANDBYTES, remark=SLOW),
    "combined": Technique("pruned, then NF4", _combined, needs=BITSANDBYTES, remark=SLOW),
    "onnx": Technique("ONNX graph", _onnx, layout=ONNX, needs=ONNX_PACKAGES),
    "onnx-int8": Technique(
        "ONNX graph with INT8 weights",
        _onnx_int8,
        layout=ONNX,
        needs=ONNX_PACKAGES,
        remark="The fast way on a CPU.",
    ),
}
"""The techniques by name."""


def verdicts(packages: Mapping[str, Package]) -> dict[str, Verdict]:
    """For each technique whether it runs with these packages."""
    return {name: verdict(technique.needs, packages) for name, technique in TECHNIQUES.items()}
