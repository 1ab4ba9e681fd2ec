"""What the outputs of a head stand for: kept and put into our order where they are the six emotions, new elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from emotion_core.errors import ModelError
from emotion_core.labels import EMOTION_TO_ID, EMOTIONS, N_EMOTIONS

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NEW, KEPT = "new", "kept"

GENERIC = re.compile(r"(label[ _-]?)?\d+", re.IGNORECASE)
"""The names that transformers and others give to outputs that nobody has named."""


@dataclass(frozen=True)
class Head:
    """What became of the head of a checkpoint.

    Attributes:
        origin: `NEW` or `KEPT`.
        found: the labels that the checkpoint's own head has, in their order; empty where it has no head.
    """

    origin: str
    found: Sequence[str] = ()

    def remark(self, source: str) -> str | None:
        """What a user should know of it; None of a checkpoint without a head, which gets a new one as always."""
        if not self.found:
            return None
        names = ", ".join(self.found)
        if self.origin == KEPT:
            return f"{source}: its head is kept; its labels are the six emotions, in the order {names}."
        return f"{source}: its head has other labels ({names}); the six emotions get a new one."


def output_names(stated: object) -> list[str] | None:
    """The names of the outputs in their order.

    Args:
        stated: an ``id2label``, a ``label2id``, or a list of names.

    Returns:
        None where nothing, or `GENERIC` names only, are stated. Of a dictionary that is neither, its entries.
    """
    if isinstance(stated, dict) and stated:
        by_id = {str(key).strip(): name for key, name in stated.items()}
        if not set(by_id) <= set(_digits(len(by_id))):
            by_id = {str(label).strip(): name for name, label in stated.items()}
        if sorted(by_id) != sorted(_digits(len(stated))):
            return [f"{key}: {value}" for key, value in stated.items()]  # which nobody takes for the six emotions
        names = [str(by_id[label]).strip() for label in _digits(len(by_id))]
    elif isinstance(stated, list | tuple):
        names = [str(name).strip() for name in stated]
    else:
        return None
    return None if all(GENERIC.fullmatch(name) for name in names) else names


def order_of(names: Sequence[str]) -> list[int] | None:
    """For each of our labels, the output that stands for it; None where the names are not the six emotions."""
    ids = [EMOTION_TO_ID.get(name.strip().casefold(), -1) for name in names]
    return [ids.index(label) for label in range(N_EMOTIONS)] if sorted(ids) == list(range(N_EMOTIONS)) else None


def put_in_order(model: PreTrainedModel, order: Sequence[int]) -> None:
    """Permute the outputs of a model, so that output i becomes what output ``order[i]`` was."""
    layer = output_layer(model)[1]
    with torch.no_grad():
        for parameter in (layer.weight, layer.bias):
            if parameter is not None:
                parameter.copy_(parameter[list(order)].clone())


def fit_head(
    model: PreTrainedModel, names: Sequence[str], *, missing: Collection[str], mismatched: Collection[str]
) -> Head:
    """Keep a loaded head of the six emotions, in our order of labels, and replace any other by a new one.

    Args:
        model: with six outputs; changed.
        names: of the outputs, as the config of the checkpoint states them.
        missing: the weights that the checkpoint lacks.
        mismatched: those that it has in another shape. Both are new already.
    """
    path, layer = output_layer(model)
    weight = f"{path}.weight"
    if weight in missing:
        return Head(NEW)
    if weight in mismatched:
        return Head(NEW, tuple(names))
    if order := order_of(names):
        put_in_order(model, order)
        return Head(KEPT, tuple(names))
    _renew(model, path, layer)
    return Head(NEW, tuple(names))


def output_layer(model: PreTrainedModel) -> tuple[str, nn.Linear]:
    """The path and the layer that gives the logits: the last linear one behind the encoder with six outputs.

    Raises:
        ModelError: there is none.
    """
    encoder = f"{model.base_model_prefix}."
    found = [
        (path, module)
        for path, module in model.named_modules()
        if isinstance(module, nn.Linear) and module.out_features == N_EMOTIONS and not path.startswith(encoder)
    ]
    if not found:
        raise ModelError(
            f"{type(model).__name__}: has no linear layer with an output for each of {', '.join(EMOTIONS)}. Choose a "
            "model of another architecture."
        )
    return found[-1]


def _renew(model: PreTrainedModel, path: str, layer: nn.Linear) -> None:
    """Replace a layer by one with the first weights that the architecture gives it."""
    weight = layer.weight
    new = nn.Linear(
        layer.in_features, layer.out_features, bias=layer.bias is not None, device=weight.device, dtype=weight.dtype
    )
    for parameter in model.parameters():
        parameter._is_hf_initialized = True  # type: ignore[attr-defined]  # transformers leaves such weights alone
    model.set_submodule(path, new)
    parts = path.split(".")
    for end in range(len(parts), -1, -1):  # some architectures initialize it as part of what holds it
        model._init_weights(model.get_submodule(".".join(parts[:end])))


def _digits(count: int) -> list[str]:
    return [str(label) for label in range(count)]
