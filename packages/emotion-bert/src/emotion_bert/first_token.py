"""Leave out what the classification head never reads.

The head of BERT and RoBERTa reads the first token alone. So the last layer needs query, attention output and
feed-forward of that token only; keys and values it needs of all. That spares five sixths of the layer's work, in
training as in prediction, and the logits stay the same.
"""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.models.bert.modeling_bert import eager_attention_forward

if TYPE_CHECKING:
    from transformers import PreTrainedModel

READ_THE_FIRST_TOKEN = ("bert", "roberta")
"""The ``model_type`` of architectures whose head reads the first token."""

ATTENTION = ("eager", "sdpa")
"""The implementations of attention that take fewer queries than keys."""


def compute_first_token_only(model: PreTrainedModel) -> PreTrainedModel:
    """Let the last layer compute the first token alone, where the head reads no other; parameters stay as they are.

    Args:
        model: that classifies texts; returned.
    """
    config = model.config
    if (
        config.model_type in READ_THE_FIRST_TOKEN
        and config._attn_implementation in ATTENTION
        and config.num_hidden_layers > 0
    ):
        attention = model.base_model.encoder.layer[-1].attention
        if "forward" not in vars(attention.self):
            attention.self.forward = MethodType(_attend_from_first, attention.self)
            attention.output.register_forward_pre_hook(_keep_first)
    return model


def _attend_from_first(
    self: Any, hidden_states: Tensor, attention_mask: Tensor | None = None, **options: Any
) -> tuple[Tensor, Tensor | None]:
    """What the first token attends to: hidden states of shape (n, length, width) become (n, 1, width)."""

    def heads(states: Tensor) -> Tensor:
        return states.view(*states.shape[:2], -1, self.attention_head_size).transpose(1, 2)

    first = hidden_states[:, :1]
    attend = ALL_ATTENTION_FUNCTIONS.get_interface(self.config._attn_implementation, eager_attention_forward)
    attended, weights = attend(
        self,
        heads(self.query(first)),
        heads(self.key(hidden_states)),
        heads(self.value(hidden_states)),
        None if attention_mask is None else attention_mask[:, :, :1],
        dropout=self.dropout.p if self.training else 0.0,
        scaling=self.scaling,
    )
    return attended.reshape(*first.shape[:2], -1), weights


def _keep_first(module: nn.Module, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Of the residual connection, too, the first token alone."""
    attended, residual = inputs
    return attended, residual[:, :1]
