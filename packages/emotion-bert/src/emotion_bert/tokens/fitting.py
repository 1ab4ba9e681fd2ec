"""Make a tokenizer and a model fit each other: the padding, and an embedding for every token."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from emotion_bert.tokens.lengths import first_position
from emotion_core.errors import ModelError
from emotion_core.system.pointers import pointers

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

PADS_ON_THE_LEFT = ("xlnet",)
"""The ``model_type`` of architectures whose head reads the last position. All others are padded on the right: heads
that read the first token find it there, and those of decoders look for the last token that is no padding."""

STAND_INS = ("eos_token", "sep_token", "unk_token")
"""What pads where there is no padding token; the attention mask keeps the model from reading it."""


def prepare(tokenizer: PreTrainedTokenizerBase, config: PreTrainedConfig, place: str) -> None:
    """Set what must not be left to the tokenizer's own configuration.

    Args:
        tokenizer: is changed; what is set is saved with it.
        config: of the model that it feeds.
        place: what it was loaded from, for the message.

    Raises:
        ModelError: it has no token to pad with.
    """
    tokenizer.padding_side = padding_side(config)
    if tokenizer.pad_token is None or (
        tokenizer.pad_token_id != getattr(config, "pad_token_id", None) and first_position(config) is not None
    ):
        tokenizer.pad_token = _padding_token(tokenizer, config, place)
    if config.is_encoder_decoder:
        # Such heads look for the token of the end, and one that a user has written would be a second one.
        tokenizer.split_special_tokens = tokenizer.init_kwargs["split_special_tokens"] = True
    tokenizer.chat_template = None  # a file more, for nothing
    for key in {key for key, _ in pointers(tokenizer.init_kwargs, Path())}:
        tokenizer.init_kwargs.pop(key, None)


def padding_side(config: PreTrainedConfig) -> str:
    """Where short texts must be filled up, so that their answers do not depend on longer ones in the batch."""
    return "left" if config.model_type in PADS_ON_THE_LEFT else "right"


def _padding_token(tokenizer: PreTrainedTokenizerBase, config: PreTrainedConfig, place: str) -> str:
    """The token that the model takes for padding if there is one, else one that will do."""
    index = getattr(config, "pad_token_id", None)
    named = tokenizer.convert_ids_to_tokens(index) if isinstance(index, int) and 0 <= index < len(tokenizer) else None
    found = [named, tokenizer.pad_token, *(getattr(tokenizer, name) for name in STAND_INS)]
    token = next((token for token in found if token), None)
    if token is None:
        raise ModelError(
            f"{place}: its tokenizer has no token to pad short texts with. Set one and save it with the checkpoint: "
            "tokenizer.pad_token = ...; tokenizer.save_pretrained(FOLDER)."
        )
    return str(token)


def fit_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, place: str) -> int:
    """Let a model know its tokenizer: which token pads, and an embedding for each token that was added.

    A new embedding is the mean of the others, so that two processes make the same one.

    Args:
        model: is changed, and its config says so.
        tokenizer: prepared.
        place: what both were loaded from, for the message.

    Returns:
        The embeddings that were added.

    Raises:
        ModelError: words of the tokenizer have no embedding that were not added to it; it is another model's.
    """
    # The heads of decoders take the last token that is not this one; where it is None, they take no batches.
    model.config.pad_token_id = tokenizer.pad_token_id
    rows, needed = n_embeddings(model), n_needed(tokenizer)
    if rows is None or needed <= rows:
        return 0
    added = set(tokenizer.get_added_vocab().values())
    if not set(range(rows, needed)) <= added:
        raise ModelError(
            f"{place}: its tokenizer has tokens up to the id {needed - 1}, and the model has embeddings for {rows} "
            "alone. It is the tokenizer of another model; copy the right one into the folder."
        )
    model.resize_token_embeddings(needed, mean_resizing=False)
    with torch.no_grad():
        weight = _embeddings(model)
        weight[rows:] = weight[:rows].mean(dim=0)
    return needed - rows


def check_embeddings(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, place: str) -> None:
    """Raise a ModelError if a token of the tokenizer has no embedding; a text with it could not be predicted."""
    rows, needed = n_embeddings(model), n_needed(tokenizer)
    if rows is not None and needed > rows:
        raise ModelError(
            f"{place}: its tokenizer has tokens up to the id {needed - 1}, and the model has embeddings for {rows} "
            "alone. Train again; emotion-bert adds the missing ones."
        )


def n_embeddings(model: PreTrainedModel) -> int | None:
    """The tokens that have an embedding; None for models that have none, which read characters."""
    try:
        return _embeddings(model).shape[0]
    except (AttributeError, NotImplementedError):
        return None


def _embeddings(model: PreTrainedModel) -> torch.Tensor:
    return cast("torch.Tensor", model.get_input_embeddings().weight)


def n_needed(tokenizer: PreTrainedTokenizerBase) -> int:
    """One more than the highest id of a tokenizer."""
    return 1 + max(tokenizer.get_vocab().values(), default=-1)
