"""Structured pruning: remove whole attention heads, feed-forward neurons or layers; what is left gets no zeros."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

LinearLayer = nn.Linear | Conv1D
"""GPT-2 has the second kind, whose matrix lies the other way round."""

KEPT_HEADS = "kept_heads"
"""What a config says of a model that has fewer heads than its ``num_attention_heads``."""

NEURONS_MULTIPLE = 8
"""Matrices whose sides are no multiple of the width of the vector units are slow."""


@dataclass(frozen=True)
class Layout:
    """The names of the linear layers in each block of an architecture.

    Attributes:
        attention_in: the layers that make query, key and value, in one matrix or in three.
        attention_out: the layer that reads what the heads give.
        feed_forward_in: the layer that makes the neurons.
        feed_forward_out: the layer that reads them.
        gated: the neurons come with a gate each, in the second half of the same matrix.
    """

    attention_in: tuple[str, ...]
    attention_out: str
    feed_forward_in: str
    feed_forward_out: str
    gated: bool = False


BERT = Layout(
    attention_in=("attention.self.query", "attention.self.key", "attention.self.value"),
    attention_out="attention.output.dense",
    feed_forward_in="intermediate.dense",
    feed_forward_out="output.dense",
)
MODERNBERT = Layout(
    attention_in=("attn.Wqkv",),
    attention_out="attn.Wo",
    feed_forward_in="mlp.Wi",
    feed_forward_out="mlp.Wo",
    gated=True,
)
LAYOUTS = {"bert": BERT, "roberta": BERT, "modernbert": MODERNBERT}
"""By the ``model_type`` of a config."""

BLOCK = re.compile(r".*\blayers?\.\d+$")


def blocks(model: PreTrainedModel) -> Iterator[nn.Module]:
    """The transformer blocks, in order."""
    return (module for name, module in model.named_modules() if BLOCK.match(name))


def layout_of(config: PretrainedConfig) -> Layout:
    """The layout of an architecture.

    Raises:
        ModelError: it is not known.
    """
    if config.model_type not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise ModelError(f"{config.model_type}: whole heads and neurons can be removed from {known} only.")
    return LAYOUTS[config.model_type]


def keep_layers(model: PreTrainedModel, kept: Sequence[int]) -> None:
    """Remove all blocks of an encoder but some.

    Args:
        model: is changed, and its config says so.
        kept: the numbers of the blocks that stay, sorted, the first of which is 0: ModernBERT's first block differs.

    Raises:
        ModelError: its blocks do not stand in one list.
    """
    config, names = model.config, [name for name, _ in model.named_modules() if BLOCK.match(name)]
    before = int(getattr(config, "num_hidden_layers", 0))
    place = names[0].rpartition(".")[0] if names else ""
    if config.is_encoder_decoder or names != [f"{place}.{number}" for number in range(before)]:
        raise ModelError(
            f"{config.model_type}: its layers do not stand in one list of {before}, so none can be removed."
        )
    parent, _, attribute = place.rpartition(".")
    blocks_before = cast("nn.ModuleList", model.get_submodule(place))
    setattr(model.get_submodule(parent), attribute, nn.ModuleList([blocks_before[number] for number in kept]))
    for name, value in vars(config).items():  # such as the kinds of attention of ModernBERT's layers
        if isinstance(value, list) and len(value) == before:
            setattr(config, name, [value[number] for number in kept])
    config.num_hidden_layers = len(kept)


def remove_neurons(model: PreTrainedModel, amount: float) -> int:
    """Remove feed-forward neurons with the smallest weights, the same number from each block.

    The weight of a neuron is the norm of what it reads times the norm of what it writes.

    Args:
        model: is changed, and its config says so.
        amount: share of the neurons to remove; what is left is a multiple of 8.

    Returns:
        The neurons that are left in each block.
    """
    layout, width = layout_of(model.config), int(model.config.intermediate_size)
    left = max(NEURONS_MULTIPLE, round(width * (1 - amount)) // NEURONS_MULTIPLE * NEURONS_MULTIPLE)
    for block in blocks(model):
        reads, writes = (_linear(block, name) for name in (layout.feed_forward_in, layout.feed_forward_out))
        read_norms = reads.weight.detach().view(-1, width, reads.in_features).norm(dim=2).prod(dim=0)
        kept = (read_norms * writes.weight.detach().norm(dim=0)).topk(left).indices.sort().values
        rows = torch.cat([kept, kept + width]) if layout.gated else kept
        _replace(block, layout.feed_forward_in, _part(reads, rows=rows))
        _replace(block, layout.feed_forward_out, _part(writes, columns=kept))
    model.config.intermediate_size = left
    return left


def remove_heads(model: PreTrainedModel, amount: float) -> int:
    """Remove attention heads with the smallest weights, the same number from each block.

    The weight of a head is the norm of all that it reads times the norm of what it writes.

    Args:
        model: is changed, and its config says so.
        amount: share of the heads to remove, at least one.

    Returns:
        The heads that are left in each block.
    """
    heads = int(model.config.num_attention_heads)
    left = max(1, min(heads - 1, round(heads * (1 - amount))))
    layout, size = layout_of(model.config), model.config.hidden_size // heads
    for block in blocks(model):
        writes = _linear(block, layout.attention_out)
        norms = writes.weight.detach().view(-1, heads, size).norm(dim=(0, 2))
        for name in layout.attention_in:
            reads = _linear(block, name).weight.detach()
            norms = norms * reads.view(-1, heads, size, reads.shape[1]).norm(dim=(2, 3)).prod(dim=0)
        _keep_heads(block, layout, norms.topk(left).indices.sort().values, size)
    setattr(model.config, KEPT_HEADS, left)
    return left


def load_with_fewer_heads(folder: Path, config: PretrainedConfig) -> PreTrainedModel:
    """A saved model whose config has `KEPT_HEADS`, which its class alone would take for damaged.

    Raises:
        ModelError: the weights are not those of such a model.
    """
    from safetensors.torch import load_file
    from transformers import AutoModelForSequenceClassification

    model: PreTrainedModel = AutoModelForSequenceClassification.from_config(
        config, dtype=torch.float32, trust_remote_code=False
    )
    layout, size = layout_of(config), config.hidden_size // config.num_attention_heads
    for block in blocks(model):
        _keep_heads(block, layout, torch.arange(getattr(config, KEPT_HEADS)), size)
    try:
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except RuntimeError as error:
        raise ModelError(f"{folder}: the weights do not fit the config ({error}).") from error
    model.eval()
    return model


def _keep_heads(block: nn.Module, layout: Layout, kept: torch.Tensor, size: int) -> None:
    """Cut the attention of a block down to some heads of ``size`` columns each, whose numbers are sorted."""
    columns = (kept[:, None] * size + torch.arange(size)).flatten()
    writes = _linear(block, layout.attention_out)
    for name in layout.attention_in:
        reads = _linear(block, name)
        # Query, key and value may stand one below the other in a single matrix, each as high as all heads are wide.
        stacked = torch.arange(0, reads.out_features, writes.in_features)[:, None]
        _replace(block, name, _part(reads, rows=(stacked + columns).flatten()))
    _replace(block, layout.attention_out, _part(writes, columns=columns))


def _linear(block: nn.Module, name: str) -> nn.Linear:
    """The linear layer of that name in a block."""
    return cast(nn.Linear, block.get_submodule(name))


def _part(layer: nn.Linear, *, rows: torch.Tensor | None = None, columns: torch.Tensor | None = None) -> nn.Linear:
    """A linear layer with some of the outputs (rows) or inputs (columns) of another."""
    weight, bias = layer.weight.detach(), None if layer.bias is None else layer.bias.detach()
    if rows is not None:
        weight, bias = weight[rows], None if bias is None else bias[rows]
    if columns is not None:
        weight = weight[:, columns]
    part = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, dtype=weight.dtype)
    part.weight = nn.Parameter(weight.clone())
    if bias is not None:
        part.bias = nn.Parameter(bias.clone())
    return part


def _replace(block: nn.Module, name: str, layer: nn.Linear) -> None:
    parent, _, attribute = name.rpartition(".")
    setattr(block.get_submodule(parent), attribute, layer)
