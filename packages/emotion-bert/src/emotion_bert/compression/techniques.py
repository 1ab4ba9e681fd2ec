"""The techniques: what each is called, needs, and does. A new one is an entry here and a function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.machine.requirements import BITSANDBYTES, PACKAGES
from emotion_bert.models.registry import PACKAGE
from emotion_core.compression.requirements import Requirement
from emotion_core.compression.technique import Technique, Toolbox
from emotion_core.runs.layouts import ONNX, TRANSFORMERS

if TYPE_CHECKING:
    from emotion_bert.compression.source import TransformerSource
    from emotion_core.data.dataset import Dataset
    from emotion_core.inference.batches import BatchClassifier
    from emotion_core.runs.record import RunRecord
    from emotion_core.runs.record_parts import Settings

ZEROS = "Single zeros make a file smaller only when it is compressed, and nothing faster."


def pruned(details: Settings) -> Sequence[str]:
    """What pruning has removed."""
    if "parameters_removed" in details:
        return (f"{details['parameters_removed'] / 1e6:.2f} M parameters are gone.",)
    return (f"{details['sparsity']:.1%} of the pruned layers' weights are zero.", ZEROS)


def taught(details: Settings) -> Sequence[str]:
    """Which layers are left."""
    kept, removed = len(details["kept_layers"]), details.get("neurons_removed", 0.0)  # absent before there was a choice
    narrower = f", without {removed:.0%} of their feed-forward neurons" if removed else ""
    return (
        f"{kept} of {details['of_layers']} layers are left{narrower}, {details['parameters'] / 1e6:.2f} M parameters; "
        f"of {details['epochs']} epochs of distillation the {details['kept_epoch']}. is kept.",
    )


def cut(details: Settings) -> Sequence[str]:
    """Which tokens are left."""
    words = f", of {details['words']} words of {details['words_file']}" if details["words"] else ""
    return (
        f"{details['tokens']} of {details['of_tokens']} tokens are left: those of {details['training_texts']} training "
        f"texts{words}, and every single character.",
    )


# The functions import within, so that choices and help texts do not wait for torch.


def _prune(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.pruning import save_pruned

    return save_pruned(source, folder, options)


def _combined(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.pruning import save_combined

    return save_combined(source, folder, options)


def _int8(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.quantization import save_int8

    return save_int8(source, folder, options)


def _nf4(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.quantization import save_nf4

    return save_nf4(source, folder, options)


def _onnx(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.onnx_export import save_onnx

    return save_onnx(source, folder, options)


def _onnx_int8(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.onnx_int8 import save_onnx_int8

    return save_onnx_int8(source, folder, options)


def _layers(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.distillation import save_fewer_layers

    return save_fewer_layers(source, folder, options)


def _vocabulary(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    from emotion_bert.compression.vocabulary import save_smaller_vocabulary

    return save_smaller_vocabulary(source, folder, options)


ONNX_PACKAGES = (Requirement("onnx"), Requirement("onnxscript"), Requirement("onnxruntime"))

SLOW = "On a CPU it saves memory, not time."

TECHNIQUES: dict[str, Technique[TransformerSource, CompressionOptions]] = {
    "prune": Technique("weights, heads or neurons removed", _prune, TRANSFORMERS, told=pruned),
    "int8": Technique("LLM.int8() by bitsandbytes", _int8, TRANSFORMERS, needs=BITSANDBYTES, remark=SLOW),
    "nf4": Technique("4-bit NormalFloat by bitsandbytes", _nf4, TRANSFORMERS, needs=BITSANDBYTES, remark=SLOW),
    "combined": Technique("pruned, then NF4", _combined, TRANSFORMERS, needs=BITSANDBYTES, remark=SLOW, told=pruned),
    "onnx": Technique("ONNX graph", _onnx, layout=ONNX, needs=ONNX_PACKAGES),
    "onnx-int8": Technique(
        "ONNX graph with INT8 weights",
        _onnx_int8,
        layout=ONNX,
        needs=ONNX_PACKAGES,
        remark="The fast way on a CPU.",
    ),
    "layers": Technique(
        "fewer layers, taught by all", _layers, TRANSFORMERS, told=taught, on_request=True, reads_train=True
    ),
    "vocabulary": Technique(
        "the tokens that occur",
        _vocabulary,
        TRANSFORMERS,
        remark="Rare words are read in more pieces.",
        told=cut,
        on_request=True,
        reads_train=True,
    ),
}
"""The techniques by name."""


def _read(run_dir: Path, dataset: Dataset, device: str, quiet: bool) -> TransformerSource:
    from emotion_bert.compression.source import TransformerSource

    return TransformerSource.read(run_dir, dataset, device, quiet=quiet)


def _load(folder: Path, record: RunRecord, device: str) -> BatchClassifier:
    from emotion_bert.models.loading import load_member

    return load_member(folder, record, device)


def _set_up() -> None:
    from emotion_bert.machine.own_process import set_up_process

    set_up_process()


TOOLBOX = Toolbox(PACKAGE, TECHNIQUES, PACKAGES, _read, _load, _set_up)
