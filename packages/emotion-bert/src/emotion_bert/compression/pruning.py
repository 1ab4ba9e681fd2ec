"""Pruning, and the recovery that may follow.

The smallest weights of the linear layers are set to zero (Han et al. 2015), or whole heads or neurons are removed.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torch.nn.utils import prune as torch_prune

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.quantization import save_folder_as_nf4
from emotion_bert.compression.source import TransformerSource
from emotion_bert.finetuning.arguments import Placement, training_arguments
from emotion_bert.machine.device import choose_device
from emotion_bert.machine.precision import choose_precision
from emotion_bert.models.registry import Hyperparameters
from emotion_bert.models.structured import LinearLayer, remove_heads, remove_neurons
from emotion_bert.trainer.class_weights import of_mean_1
from emotion_bert.trainer.trainer import Material, make_trainer
from emotion_core.training.progress import TrainingProgress

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from emotion_core.runs.record_parts import Settings

WEIGHT = "weight"

AS_IN_THE_RUN = ("batch_size", "max_length", "layer_decay", "label_smoothing")
"""The settings that recovery takes from the run, so that the same loss goes on falling."""

REMOVE = {"heads": remove_heads, "ffn": remove_neurons}
"""The functions of structured pruning, by what they remove."""


def linear_layers(model: PreTrainedModel, *, head: bool = False) -> dict[str, LinearLayer]:
    """The linear layers of a model by name, those of the classification head only where asked."""
    encoder = f"{model.base_model_prefix}."
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, LinearLayer) and (head or name.startswith(encoder))
    }


def mask_smallest(layers: Sequence[LinearLayer], amount: float, scope: str) -> None:
    """Mask the weights with the smallest absolute values; the masks hold through training until `make_permanent`.

    Args:
        layers: whose weights are masked.
        amount: share of the weights, from 0 to 1.
        scope: ``layer`` or ``global``.
    """
    if scope == "global":
        parameters = [(layer, WEIGHT) for layer in layers]
        torch_prune.global_unstructured(parameters, pruning_method=torch_prune.L1Unstructured, amount=amount)
        return
    for layer in layers:
        torch_prune.l1_unstructured(layer, WEIGHT, amount=amount)


def make_permanent(layers: Sequence[LinearLayer]) -> None:
    """Put the masked weights in place of the weights."""
    for layer in layers:
        torch_prune.remove(layer, WEIGHT)


def sparsity(layers: Sequence[LinearLayer]) -> float:
    """The share of weights that are zero."""
    total = sum(layer.weight.numel() for layer in layers)
    return sum(int((layer.weight == 0).sum()) for layer in layers) / total


def pruned_model(source: TransformerSource, options: CompressionOptions) -> tuple[PreTrainedModel, Settings]:
    """The model of a run with weights, heads or neurons removed, and what a run records of that."""
    model = source.model()
    parameters = model.num_parameters()
    if options.structured:
        left = REMOVE[options.structured](model, options.amount)
        if options.recover_epochs:
            recover(model, source, options)
        details = {
            "structured": options.structured,
            "amount": options.amount,
            "left_in_each_layer": left,
            "recover_epochs": options.recover_epochs,
            "parameters_removed": parameters - model.num_parameters(),
        }
        return model.eval(), details
    layers = list(linear_layers(model, head=options.prune_head).values())
    mask_smallest(layers, options.amount, options.scope)
    if options.recover_epochs:
        recover(model, source, options)
    make_permanent(layers)
    zeros = sum(int((parameter == 0).sum()) for parameter in model.parameters())
    details = {
        "amount": options.amount,
        "scope": options.scope,
        "head": options.prune_head,
        "recover_epochs": options.recover_epochs,
        "sparsity": sparsity(layers),
        "sparsity_of_model": zeros / parameters,
    }
    return model.eval(), details


def recover(model: PreTrainedModel, source: TransformerSource, options: CompressionOptions) -> None:
    """Fine-tune on the train split for ``options.recover_epochs``; the last epoch counts.

    Args:
        model: whose masked weights stay zero; left on the CPU.
        source: of the texts, and of the loss: label smoothing and class weights are those of the run.
        options: epochs, learning rate and seed.

    Raises:
        DataError: there is no train split.
    """
    recorded = source.record.hyperparameters or {}  # an imported run knows some only
    settings = dataclasses.replace(
        Hyperparameters(),
        epochs=options.recover_epochs,
        learning_rate=options.recover_learning_rate,
        **{name: recorded[name] for name in AS_IN_THE_RUN if name in recorded},
    )
    split, weights = source.dataset.split("train"), source.record.extra.get("class_weights")
    if weights is not None:  # those of older runs are as they were stated
        weights = of_mean_1(weights, split.labels.tolist())
    device = choose_device(source.device)
    display = TrainingProgress(settings.epochs, quiet=source.quiet)
    arguments = training_arguments(
        settings,
        Path(tempfile.gettempdir()),  # the Trainer asks for a folder and, saving nothing, leaves it alone
        options.seed,
        Placement(device, choose_precision("auto", device)),
    )
    arguments.save_strategy = "no"
    trainer = make_trainer(
        model,
        Material(source.tokenizer(), source.dataset, source.cleaning, weights),
        settings,
        arguments,
        display,
    )
    try:
        trainer.train()
    finally:
        display.stop()
    model.to("cpu")  # type: ignore[arg-type]  # the wrapper of transformers loses self


def save_pruned(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model with weights, heads or neurons removed."""
    model, details = pruned_model(source, options)
    model.save_pretrained(folder)
    return details


def save_combined(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model pruned, then in NF4, which has a code for zero."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as pruned:  # which goes with the run when the process is killed
        details = save_pruned(source, Path(pruned), options)
        return {**details, **save_folder_as_nf4(Path(pruned), folder, source)}
