"""Quantization of the linear layers by bitsandbytes: LLM.int8() and 4-bit NormalFloat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoModelForSequenceClassification, BitsAndBytesConfig

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.pruning import head_modules
from emotion_bert.compression.source import Source
from emotion_bert.device import choose_device, quiet_transformers
from emotion_bert.precision import choose_precision

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def int8_config(head: list[str], options: CompressionOptions) -> BitsAndBytesConfig:
    """LLM.int8() (Dettmers et al. 2022) for all linear layers but those of the head."""
    return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=options.threshold, llm_int8_skip_modules=head)


def nf4_config(head: list[str], device: torch.device) -> BitsAndBytesConfig:
    """NF4 with double quantization (Dettmers et al. 2023) for all linear layers but those of the head.

    The weights are computed with in bf16 where the device computes in it, else in fp32.
    """
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if choose_precision("auto", device) == "bf16" else torch.float32,
        # Its kernels refuse a layer of six outputs, and a head in full precision is better for the accuracy.
        llm_int8_skip_modules=head,
    )


def quantize(folder: Path, config: BitsAndBytesConfig, device: torch.device) -> PreTrainedModel:
    """The model in a folder with quantized weights.

    It is not to be asked anything before it is saved: on CPUs with AVX512-BF16 the first call repacks 4-bit weights
    with loss.
    """
    quiet_transformers()
    return AutoModelForSequenceClassification.from_pretrained(
        folder,
        quantization_config=config,
        device_map={"": device},
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    ).eval()


def save_int8(source: Source, folder: Path, options: CompressionOptions) -> dict[str, Any]:
    """Write the run's model in LLM.int8()."""
    head = head_modules(source.model())
    quantize(source.folder, int8_config(head, options), choose_device(source.device)).save_pretrained(folder)
    return {"threshold": options.threshold, "in_full_precision": head}


def save_nf4(source: Source, folder: Path, options: CompressionOptions) -> dict[str, Any]:
    """Write the run's model in NF4."""
    return save_folder_as_nf4(source.folder, folder, source)


def save_folder_as_nf4(original: Path, folder: Path, source: Source) -> dict[str, Any]:
    """Write the model in ``original`` in NF4 to ``folder``; what a run records of it."""
    head, device = head_modules(source.model()), choose_device(source.device)
    config = nf4_config(head, device)
    quantize(original, config, device).save_pretrained(folder)
    return {"computes_in": str(config.bnb_4bit_compute_dtype).removeprefix("torch."), "in_full_precision": head}
