"""Train low-rank adapters in place of the weights, and merge them at the end (LoRA, Hu et al. 2022)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

DROPOUT = 0.05
POOLER = "pooler"


def add_adapters(model: PreTrainedModel, rank: int) -> PreTrainedModel:
    """The model with an adapter beside each linear layer of its encoder; these and the head are all that learns.

    Args:
        model: to be trained.
        rank: of the adapters, whose output counts twice, as is usual (alpha is 2 * rank).

    Raises:
        ModelError: peft is not installed.
    """
    peft = _peft()
    encoder = dict(model.named_modules())[model.base_model_prefix]
    targets = [
        f"{model.base_model_prefix}.{name}"
        for name, module in encoder.named_modules()
        if isinstance(module, nn.Linear) and POOLER not in name
    ]
    head = [name for name, module in model.named_children() if module is not encoder and list(module.parameters())]
    if any(POOLER in name for name, _ in encoder.named_children()):
        head.append(POOLER)  # small, and often new
    config = peft.LoraConfig(
        task_type=peft.TaskType.SEQ_CLS,
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=DROPOUT,
        target_modules=targets,
        modules_to_save=head,
    )
    return peft.get_peft_model(model, config)


def load_adapters(model: PreTrainedModel, adapters: Path) -> PeftModel:
    """The model with the adapters and the head of a checkpoint; its ``merge_and_unload`` gives a plain model.

    Args:
        model: that the adapters were trained on, as it was before.
        adapters: folder that holds them and the head.
    """
    return _peft().PeftModel.from_pretrained(model, str(adapters), is_trainable=True)


def _peft() -> Any:
    try:
        import peft
    except ImportError as error:
        raise ModelError("--lora needs peft, which is not installed. Do: pip install 'emotion-bert[lora]'") from error
    return peft
