"""Train low-rank adapters in place of the weights, and merge them at the end (LoRA, Hu et al. 2022)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers.pytorch_utils import Conv1D

from emotion_bert.machine.hardware import cpu_flags
from emotion_bert.machine.quantization import head_modules, nf4_config
from emotion_bert.machine.requirements import BITSANDBYTES, PACKAGES
from emotion_bert.models.checkpoints import load_config
from emotion_bert.models.registry import PACKAGE
from emotion_bert.models.start import load_start
from emotion_bert.models.structured import LinearLayer
from emotion_core.compression.requirements import find_packages, verdict
from emotion_core.errors import ModelError
from emotion_core.imports import import_message

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

    from emotion_bert.models.checkpoints import Checkpoint
    from emotion_bert.models.start import Start

DROPOUT = 0.05
REPACKING_FLAG = "AVX512-BF16"
POOLER = "pooler"


def add_adapters(model: PreTrainedModel, rank: int) -> PreTrainedModel:
    """The model with an adapter beside each linear layer of its encoder; these and the head are all that learns.

    Args:
        model: to be trained.
        rank: of the adapters, whose output counts twice, as is usual (alpha is 2 * rank).

    Raises:
        ModelError: peft is missing or cannot be imported.
    """
    peft = _peft()
    encoder = dict(model.named_modules())[model.base_model_prefix]
    layers = {
        f"{model.base_model_prefix}.{name}": module
        for name, module in encoder.named_modules()
        if isinstance(module, LinearLayer) and POOLER not in name
    }
    head = [name for name, module in model.named_children() if module is not encoder and list(module.parameters())]
    if any(POOLER in name for name, _ in encoder.named_children()):
        head.append(POOLER)  # small, and often new
    config = peft.LoraConfig(
        task_type=peft.TaskType.SEQ_CLS,
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=DROPOUT,
        target_modules=list(layers),
        fan_in_fan_out=any(isinstance(layer, Conv1D) for layer in layers.values()),
        modules_to_save=head,
    )
    adapted: PreTrainedModel = peft.get_peft_model(model, config)
    return adapted


def load_4bit_base(checkpoint: Checkpoint, device: torch.device) -> Start:
    """The model with the linear layers of its encoder in NF4, but for the pooler, which is trained (QLoRA).

    Args:
        checkpoint: what to load.
        device: where it is trained.

    Raises:
        ModelError: bitsandbytes is missing or does not work, or its CPU kernels cannot train here.
    """
    found = verdict(BITSANDBYTES, find_packages(PACKAGES))
    if not found.runs:
        raise ModelError(f"--lora-4bit cannot be used: {found.reason}. Do: {found.fix}")
    if device.type == "cpu" and cpu_flags()[REPACKING_FLAG]:
        raise ModelError(
            f"--lora-4bit cannot be used on a CPU with {REPACKING_FLAG}: there bitsandbytes repacks the weights at "
            "each measurement and cannot train on. Use a GPU, or --lora alone."
        )
    config = nf4_config([*head_modules(load_config(checkpoint)), rf".*\.{POOLER}"], device)
    return load_start(checkpoint, quantization_config=config, device_map={"": device})


def load_adapters(model: PreTrainedModel, adapters: Path) -> PeftModel:
    """The model with the adapters and the head of a checkpoint; its ``merge_and_unload`` gives a plain model.

    Args:
        model: that the adapters were trained on, as it was before.
        adapters: folder that holds them and the head.
    """
    adapted: PeftModel = _peft().PeftModel.from_pretrained(model, str(adapters), is_trainable=True)
    return adapted


def _peft() -> Any:
    try:
        import peft
    except ImportError as error:
        raise ModelError(import_message(error, "--lora", PACKAGE, "lora")) from error
    return peft
