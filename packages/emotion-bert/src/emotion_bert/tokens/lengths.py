"""How many tokens a model takes, and how many of them are words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoModelForSequenceClassification

from emotion_core.errors import ModelError, short_reason

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

POSITIONS = "position_embeddings"


def check_length(tokenizer: PreTrainedTokenizerBase, config: PreTrainedConfig, max_length: int, title: str) -> None:
    """Raise a ModelError if a model does not take so many tokens, or if they leave no room for words.

    The tokenizer is told the limit where it states none that makes sense, since it is saved with it.
    """
    limit = min(_positions(config), _stated(tokenizer.model_max_length))
    if max_length > limit:
        raise ModelError(f"{title} takes {limit} tokens at most, found --max-length {max_length}. Choose a lower one.")
    special = tokenizer.num_special_tokens_to_add()
    if max_length <= special:
        raise ModelError(
            f"--max-length {max_length} leaves no room for words: {title} adds special tokens to each text, {special} "
            f"in all. Choose {special + 1} at least; 32 to 128 are usual."
        )
    if _stated(tokenizer.model_max_length) != tokenizer.model_max_length or tokenizer.model_max_length is True:
        tokenizer.model_max_length = max_length if math.isinf(limit) else int(limit)


def _stated(length: Any) -> float:
    """The limit in a tokenizer's configuration; infinity for what is none, such as -1 or None."""
    if isinstance(length, str) and length.strip().isdigit():  # somebody put it in quotes
        length = int(length)
    is_number = isinstance(length, int | float) and not isinstance(length, bool)
    return length if is_number and length >= 1 else math.inf


def _positions(config: PreTrainedConfig) -> float:
    """The tokens that have a position; infinity if the architecture counts distances instead."""
    length, first = _stated(getattr(config, "max_position_embeddings", None)), first_position(config)
    return length if math.isinf(length) else length - (first or 0)


def first_position(config: PreTrainedConfig) -> int | None:
    """The position of the first token where it depends on the padding token, as RoBERTa and its kin count; else None.

    Such a model is known by the padding index of its position embeddings.

    Raises:
        ModelError: the architecture cannot classify texts.
    """
    with torch.device("meta"):  # the modules are all that is wanted
        try:
            model = AutoModelForSequenceClassification.from_config(config, trust_remote_code=False)
        except ValueError as error:
            raise ModelError(f"{config.model_type}: cannot classify texts ({short_reason(error)}).") from error
    for name, module in model.named_modules():
        if name.endswith(POSITIONS) and (index := getattr(module, "padding_idx", None)) is not None:
            return int(index) + 1
    return None
