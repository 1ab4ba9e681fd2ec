"""The arguments of the Trainer, and what it knows of other processes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
import torch.distributed as dist
from transformers import TrainingArguments

from emotion_bert.models.registry import SELECTIONS, Hyperparameters
from emotion_core.errors import ModelError
from emotion_core.system.processes import process_count

EVALUATION_BATCH_SIZE = 128


class Placement(NamedTuple):
    """The device, ``fp32`` or ``bf16``, and whether the model is compiled."""

    device: torch.device
    precision: str
    compiled: bool = False


def training_arguments(
    settings: Hyperparameters,
    folder: Path,
    seed: int,
    placement: Placement,
    *,
    log_steps: int = 0,
) -> TrainingArguments:
    """The Trainer's arguments for a fine-tuning.

    Args:
        settings: of the fine-tuning.
        folder: for the checkpoints.
        seed: of the training.
        placement: where and how to compute.
        log_steps: log after so many steps, and not only after an epoch.

    Raises:
        ModelError: the batch cannot be shared by the processes.
    """
    selection, n_processes = SELECTIONS[settings.select_by], process_count()
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=batch_share(settings.batch_size, n_processes),
        per_device_eval_batch_size=EVALUATION_BATCH_SIZE,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup_ratio,  # below 1 it is a share of all steps
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_gradient_norm,
        eval_strategy="epoch",
        save_strategy="epoch",
        logging_strategy="steps" if log_steps else "epoch",
        logging_steps=log_steps or 1,
        logging_nan_inf_filter=False,  # a loss that is not a number must be seen
        metric_for_best_model=selection.metric,
        greater_is_better=selection.greater_is_better,
        restore_callback_states_from_checkpoint=True,  # the patience that is left
        use_cpu=placement.device.type == "cpu",
        ddp_backend="gloo" if placement.device.type == "cpu" and n_processes > 1 else None,
        bf16=placement.precision == "bf16",
        torch_compile=placement.compiled,
        dataloader_pin_memory=placement.device.type == "cuda",
        seed=seed,
        report_to="none",
        disable_tqdm=True,
    )
    # One process uses one GPU; more are used by more processes. The Trainer would split each batch among all of them.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


def batch_share(batch_size: int, n_processes: int) -> int:
    """The texts of a batch that each process takes.

    Raises:
        ModelError: they cannot all take the same number.
    """
    if batch_size % n_processes:
        raise ModelError(f"--batch-size {batch_size} cannot be shared by {n_processes} processes. Choose a multiple.")
    return batch_size // n_processes


def wait_for_all() -> None:
    """Wait until all processes have come here, if there are several."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()
