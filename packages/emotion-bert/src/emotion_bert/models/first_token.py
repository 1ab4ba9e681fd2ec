"""Leave out what the classification head never reads.

The head of BERT and RoBERTa reads the first token alone. So the last layer needs query, attention output and
feed-forward of that token only; keys and values it needs of all. That spares five sixths of the layer's work, in
training as in prediction, and the logits stay the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.models.bert.modeling_bert import BertAttention, eager_attention_forward
from transformers.models.roberta.modeling_roberta import RobertaAttention

if TYPE_CHECKING:
    from transformers import PreTrainedModel

READ_THE_FIRST_TOKEN = ("bert", "roberta")
"""The ``model_type`` of architectures whose head reads the first token."""

ATTENTION = ("eager", "sdpa")
"""The implementations of attention that take fewer queries than keys."""

RECORDED = ("output_hidden_states", "output_attentions")
"""What a caller may ask for besides the logits; it is given of all tokens."""


class FirstTokenBertAttention(BertAttention):
    """The attention of BERT, which computes the first token alone when it is told to."""

    def forward(self, *inputs: Any, first_token_only: bool = False, **options: Any) -> Any:
        """Hidden states of shape (n, length, width) become (n, 1, width), or keep their shape."""
        return _of_first(self, *inputs, **options) if first_token_only else super().forward(*inputs, **options)


class FirstTokenRobertaAttention(RobertaAttention):
    """The attention of RoBERTa, which computes the first token alone when it is told to."""

    def forward(self, *inputs: Any, first_token_only: bool = False, **options: Any) -> Any:
        """Hidden states of shape (n, length, width) become (n, 1, width), or keep their shape."""
        return _of_first(self, *inputs, **options) if first_token_only else super().forward(*inputs, **options)


FIRST_TOKEN: dict[type, type] = {BertAttention: FirstTokenBertAttention, RobertaAttention: FirstTokenRobertaAttention}


def compute_first_token_only(model: PreTrainedModel) -> PreTrainedModel:
    """Let the last layer compute the first token alone, where the head reads no other; parameters stay as they are.

    Its base model, called alone, and a call that asks for hidden states or attentions compute all tokens. The model can
    be pickled and copied as before.

    Args:
        model: that classifies texts; returned.
    """
    if model.config.model_type in READ_THE_FIRST_TOKEN and model.config.num_hidden_layers > 0:
        encoder: Any = model.base_model.encoder
        attention = encoder.layer[-1].attention
        if type(attention) in FIRST_TOKEN:
            attention.__class__ = FIRST_TOKEN[type(attention)]
            model.register_forward_pre_hook(_ask_for_first_token, with_kwargs=True)
    return model


def _ask_for_first_token(model: Any, inputs: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """Tell the layers at a call of the model with its head; transformers passes options that it does not know on."""
    config = model.config
    if config._attn_implementation not in ATTENTION:
        return None
    if any(options.get(name, getattr(config, name, False)) for name in RECORDED):
        return None
    return inputs, options | {"first_token_only": True}


def _of_first(
    attention: Any, hidden_states: Tensor, attention_mask: Tensor | None = None, **options: Any
) -> tuple[Tensor, Tensor | None]:
    """What an attention gives for the first token, shape (n, 1, width), and its weights where there are any."""
    layer, first = attention.self, hidden_states[:, :1]

    def heads(states: Tensor) -> Tensor:
        return states.view(*states.shape[:2], -1, layer.attention_head_size).transpose(1, 2)

    attend = ALL_ATTENTION_FUNCTIONS.get_interface(layer.config._attn_implementation, eager_attention_forward)
    attended, weights = attend(
        layer,
        heads(layer.query(first)),
        heads(layer.key(hidden_states)),
        heads(layer.value(hidden_states)),
        None if attention_mask is None else attention_mask[:, :, :1],
        dropout=layer.dropout.p if layer.training else 0.0,
        scaling=layer.scaling,
    )
    return attention.output(attended.reshape(*first.shape[:2], -1), first), weights
