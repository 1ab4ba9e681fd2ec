"""How bitsandbytes quantizes the linear layers of an encoder: LLM.int8() and 4-bit NormalFloat."""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoModelForSequenceClassification, BitsAndBytesConfig

from emotion_bert.machine.precision import choose_precision
from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig


def head_modules(config: PreTrainedConfig) -> list[str]:
    """The names of a classifier's modules that are not its encoder, which are not quantized."""
    with torch.device("meta"):  # the names are all that is wanted
        model = AutoModelForSequenceClassification.from_config(config, trust_remote_code=False)
    return [name for name, _ in model.named_children() if name != model.base_model_prefix]


def int8_config(full_precision: list[str], threshold: float) -> BitsAndBytesConfig:
    """LLM.int8() (Dettmers et al. 2022).

    Args:
        full_precision: names of the modules that are left as they are.
        threshold: activations above it are computed in full precision.
    """
    return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=threshold, llm_int8_skip_modules=full_precision)


def nf4_config(full_precision: list[str], device: torch.device) -> BitsAndBytesConfig:
    """NF4 with double quantization (Dettmers et al. 2023).

    The weights are computed with in bf16 where the device computes in it, else in fp32.

    Args:
        full_precision: names of the modules that are left as they are; the kernels refuse a layer of six outputs.
        device: where the model is to compute.
    """
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if choose_precision("auto", device) == "bf16" else torch.float32,
        llm_int8_skip_modules=full_precision,
    )


def refuse_quantized(config: PreTrainedConfig, place: str) -> None:
    """Raise a ModelError if a config is of quantized weights, which no training starts from."""
    if getattr(config, "quantization_config", None):
        raise ModelError(
            f"{place}: its weights are quantized, and such weights cannot be trained. Name the checkpoint that it was "
            "made from; --lora-4bit quantizes that itself."
        )


def let_quantized_be_pickled() -> None:
    """Keep the scales of quantized weights when they are pickled.

    Of weights in INT8 bitsandbytes forgets them; those in NF4 come back as plain parameters, whose copies lose them.
    """
    from bitsandbytes.nn.modules import Int8Params, Params4bit

    copyreg.pickle(Int8Params, _reduced_int8)
    copyreg.pickle(Params4bit, _reduced_4bit)


def _reduced_int8(weight: Any) -> tuple[Any, ...]:
    return _int8_weight, (weight.data, weight.requires_grad, weight.has_fp16_weights, weight.CB, weight.SCB)


def _int8_weight(*parts: Any) -> Any:
    from bitsandbytes.nn.modules import Int8Params

    let_quantized_be_pickled()  # in the process that unpickles, too
    return Int8Params(*parts)


def _reduced_4bit(weight: Any) -> tuple[Any, ...]:
    return _empty_4bit_weight, (), weight.__getstate__()


def _empty_4bit_weight() -> Any:
    from bitsandbytes.nn.modules import Params4bit

    let_quantized_be_pickled()  # in the process that unpickles, too
    return Params4bit.__new__(Params4bit)
