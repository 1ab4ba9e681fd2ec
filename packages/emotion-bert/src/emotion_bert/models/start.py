"""The model that a training starts from: of a checkpoint, with a head for the six emotions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emotion_bert.models.checkpoints import (
    SIX_LABELS,
    Checkpoint,
    check_download,
    from_pretrained,
    load_config,
    not_loadable,
    original_config,
    own_labels,
)
from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from emotion_bert.models.heads import Head


@dataclass(frozen=True)
class Start:
    """A model as a training starts from it.

    Attributes:
        model: in fp32 unless asked otherwise.
        head: what became of the head of the checkpoint.
        dtype: the number format of the weights in the files, such as ``bfloat16``.
    """

    model: PreTrainedModel
    head: Head
    dtype: str


def load_model(checkpoint: Checkpoint, **options: Any) -> PreTrainedModel:
    """The model of `load_start`."""
    return load_start(checkpoint, **options).model


def load_start(checkpoint: Checkpoint, **options: Any) -> Start:
    """The model with a head for the six emotions: its own where that has these labels, else a new one.

    Args:
        checkpoint: what to load.
        options: of ``from_pretrained``, for a quantization.

    Raises:
        ModelError: it cannot be loaded, or the weights of its encoder are not those that its config describes.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    from emotion_bert.machine.precision import stored_dtype
    from emotion_bert.models.first_token import compute_first_token_only
    from emotion_bert.models.heads import fit_head
    from emotion_bert.models.stored_weights import LoadReport, check_checkpoint

    labels = own_labels(checkpoint)
    model, report = from_pretrained(
        AutoModelForSequenceClassification,
        checkpoint,
        **SIX_LABELS,
        ignore_mismatched_sizes=True,  # a fine-tuned checkpoint may bring a head for other labels
        output_loading_info=True,
        # transformers takes the format of the files, in which a training barely moves
        **{"dtype": torch.float32, **options},
    )
    loaded = LoadReport.of(report)
    check_checkpoint(model, loaded, checkpoint.location)
    check_download(checkpoint)
    head = fit_head(model, labels, missing=loaded.missing, mismatched=loaded.mismatched)
    dtype = stored_dtype(checkpoint.folder) or str(original_config(checkpoint).dtype or "unknown").removeprefix(
        "torch."
    )
    return Start(compute_first_token_only(model), head, dtype)


def build_model(checkpoint: Checkpoint) -> PreTrainedModel:
    """The model with random weights, in fp32; of the checkpoint only its ``config.json`` is read.

    Raises:
        ModelError: the config cannot be read, or is not of a model that classifies texts.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    config = load_config(checkpoint)
    try:
        model: PreTrainedModel = AutoModelForSequenceClassification.from_config(
            config, dtype=torch.float32, trust_remote_code=False
        )
    except ValueError as error:
        raise ModelError(not_loadable(checkpoint, error)) from error
    return model
