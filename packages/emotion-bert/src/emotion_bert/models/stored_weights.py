"""Whether the weights in the files are those of the model that ``config.json`` describes.

transformers fills what is missing with random weights and passes over what is too much, and only remarks on both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from emotion_core.errors import ModelError, RunError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

LAYER = re.compile(r"\b(?:layers?|blocks?|h)\.(\d+)\.")
"""What transformers calls the list of layers; the first match is that, and what follows lies within a layer."""

EMBEDDING = re.compile(r"embed|\bw[tp]e\b|\bshared\b")
"""The same of embeddings, of tokens and of positions."""

SHOWN = 3


def layer_of(name: str) -> int | None:
    """The number of the layer that a weight belongs to; None for embeddings and head."""
    match = LAYER.search(name)
    return int(match.group(1)) if match else None


def depth_of(name: str, top: int) -> int:
    """How high a parameter stands: 0 for embeddings, the layers from 1, ``top`` for the last layer and the head."""
    layer = layer_of(name)
    if layer is not None:
        return layer + 1
    return 0 if EMBEDDING.search(name) else top


@dataclass(frozen=True)
class LoadReport:
    """What transformers found when it loaded a model, names of weights each.

    Attributes:
        missing: not in the files, so random now.
        mismatched: of another shape in the files, so random now.
        unexpected: in the files and not in the model.
    """

    missing: Collection[str]
    mismatched: Collection[str]
    unexpected: Collection[str]

    @classmethod
    def of(cls, found: dict[str, Any]) -> LoadReport:
        """From the loading info of ``from_pretrained``."""
        mismatched = [name for name, *_ in found["mismatched_keys"]]
        return cls(found["missing_keys"], mismatched, found["unexpected_keys"])

    @property
    def unloaded(self) -> set[str]:
        """The weights that are random."""
        return {*self.missing, *self.mismatched}


def check_checkpoint(model: PreTrainedModel, report: LoadReport, location: str) -> None:
    """Raise a ModelError unless the encoder of a checkpoint was loaded whole; its head may be of other labels."""
    encoder = f"{model.base_model_prefix}."
    lost = [name for name in report.unloaded if name.startswith(encoder) and ".pooler." not in name]
    if lost:
        raise ModelError(
            f"{location}: {len(lost)} weights of the encoder are missing or of another shape ({_shown(lost)}). "
            "The checkpoint is damaged or of another architecture than its config.json says."
        )
    if extra := _layers_too_many(model, report):
        raise ModelError(
            f"{location}: {len(extra)} weights are of layers that the model does not have ({_shown(extra)}), found "
            f"num_hidden_layers {model.config.num_hidden_layers} in config.json. Mend config.json, or name another "
            "checkpoint."
        )


def check_run(model: PreTrainedModel, report: LoadReport, folder: Path) -> None:
    """Raise a RunError unless the model of a run was loaded whole, with nothing left over of its layers."""
    wrong = [*report.unloaded, *_layers_too_many(model, report)]
    if wrong:
        raise RunError(
            f"{folder}: {len(wrong)} weights are not those of the model that config.json describes ({_shown(wrong)}). "
            "The run was altered; copy it again."
        )


def require_finite(model: PreTrainedModel, place: str) -> None:
    """Raise a ModelError if a weight of a model is NaN or infinite, which makes every answer so.

    Args:
        model: just loaded.
        place: what it was loaded from, for the message.
    """
    named = [(name, weight) for name, weight in model.named_parameters() if weight.is_floating_point()]
    broken = [name for name, weight in named if not bool(torch.isfinite(weight).all())]
    if broken:
        raise ModelError(
            f"{place}: {len(broken)} of its weights hold NaN or infinity ({', '.join(broken[:3])}). The training that "
            "it comes from diverged, or the file is damaged; choose another checkpoint, or copy it again."
        )


def _layers_too_many(model: PreTrainedModel, report: LoadReport) -> list[str]:
    """The weights in the files whose layer the model lacks.

    A buffer of an older version is none, nor are layers of a part that the model does not have, such as a decoder.
    """
    present = {layer_of(name) for name, _ in model.named_parameters()} | {None}
    parts = [f".{name}" for name, _ in model.named_modules()]

    def is_of_a_part(name: str) -> bool:
        match = LAYER.search(name)
        part = f".{name[: match.start(1) - 1]}" if match else ""
        return any(each.endswith(part) for each in parts)

    return [name for name in report.unexpected if layer_of(name) not in present and is_of_a_part(name)]


def _shown(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:SHOWN])
