"""Fine-tune a pruned model, so that what is left makes up for what was removed."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_bert.compression.source import Source
from emotion_bert.compression.techniques import CompressionOptions
from emotion_bert.finetuning.arguments import Placement, training_arguments
from emotion_bert.machine.device import choose_device
from emotion_bert.machine.precision import choose_precision
from emotion_bert.models.registry import Hyperparameters
from emotion_bert.trainer.trainer import Material, make_trainer
from emotion_core.training.progress import TrainingProgress

if TYPE_CHECKING:
    from transformers import PreTrainedModel

AS_IN_THE_RUN = ("batch_size", "max_length", "layer_decay", "label_smoothing")
"""The settings that recovery takes from the run, so that the same loss goes on falling."""


def recover(model: PreTrainedModel, source: Source, options: CompressionOptions) -> None:
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
        Material(source.tokenizer(), source.dataset, source.cleaning, source.record.extra.get("class_weights")),
        settings,
        arguments,
        display,
    )
    try:
        trainer.train()
    finally:
        display.stop()
    model.to("cpu")  # type: ignore[arg-type]  # the wrapper of transformers loses self
