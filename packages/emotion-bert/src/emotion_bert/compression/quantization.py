"""Quantization of the linear layers by bitsandbytes: LLM.int8() and 4-bit NormalFloat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from transformers import AutoModelForSequenceClassification

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.machine.device import choose_device, quiet_transformers
from emotion_bert.machine.quantization import head_modules, int8_config, nf4_config

if TYPE_CHECKING:
    from transformers import BitsAndBytesConfig, PreTrainedModel

    from emotion_core.runs.record_parts import Settings


@quiet_transformers()
def quantize(folder: Path, config: BitsAndBytesConfig, device: torch.device) -> PreTrainedModel:
    """The model in a folder with quantized weights.

    Do not predict with it before it is saved: on CPUs with AVX512-BF16 the first call repacks 4-bit weights
    with loss.
    """
    model: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
        folder,
        quantization_config=config,
        device_map={"": device},
        dtype=torch.float32,  # of what is not quantized
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    )
    model.eval()
    return model


def save_int8(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model in LLM.int8()."""
    head = head_modules(source.config())
    quantize(source.folder, int8_config(head, options.int8_outliers), choose_device(source.device)).save_pretrained(
        folder
    )
    return {"threshold": options.int8_outliers, "in_full_precision": head}


def save_nf4(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model in NF4."""
    return save_folder_as_nf4(source.folder, folder, source)


def save_folder_as_nf4(original: Path, folder: Path, source: TransformerSource) -> Settings:
    """Write the model in ``original`` in NF4 to ``folder``; what a run records of it."""
    head, device = head_modules(source.config()), choose_device(source.device)
    config = nf4_config(head, device)
    quantize(original, config, device).save_pretrained(folder)
    return {"computes_in": str(config.bnb_4bit_compute_dtype).removeprefix("torch."), "in_full_precision": head}
