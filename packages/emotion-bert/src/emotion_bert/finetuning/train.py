"""Fine-tune a checkpoint with transformers' Trainer and write its run folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
import torch

from emotion_bert.finetuning.arguments import Placement, training_arguments, wait_for_all
from emotion_bert.finetuning.fine_tuning import FineTuning
from emotion_bert.finetuning.unfinished import UnfinishedTraining
from emotion_bert.machine.computing import AS_USUAL, REPORTS, Computing, TrainingOptions
from emotion_bert.machine.device import choose_device, kept_host_state
from emotion_bert.machine.precision import choose_precision
from emotion_bert.models.checkpoints import Checkpoint, resolved
from emotion_bert.models.registry import SELECTIONS, Hyperparameters
from emotion_bert.trainer.class_weights import class_weights
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.writer import RunWriter, claimed_folder
from emotion_core.system.processes import is_first_process
from emotion_core.training.progress import TrainingProgress

LOG_STEPS = 10


@kept_host_state()
def train(
    checkpoint: Checkpoint,
    settings: Hyperparameters,
    dataset: Dataset,
    output: Path,
    seed: int,
    options: TrainingOptions = AS_USUAL,
) -> Metrics | None:
    """Fine-tune on the train split and write the run folder ``output``.

    After each epoch the model is measured on validation and a checkpoint is written beside the run folder, from which
    an interrupted training goes on. The best epoch is kept. Under ``accelerate launch`` the processes share each batch,
    and the first of them writes.

    Args:
        checkpoint: what to start from.
        settings: of the fine-tuning.
        dataset: with train and validation splits.
        output: the run folder to make.
        seed: of the head's first weights, the order of the texts and the dropout.
        options: how; ``force`` throws away what was interrupted, too.

    Threads, messages and the random numbers of Python, NumPy and torch on the CPU are afterwards as they were.

    Returns:
        The metrics on validation, measured on the saved and reloaded model; None in all processes but the first.

    Raises:
        ModelError: the checkpoint or the device is not available, or the tokenizer does not survive saving.
        RunError: the output is in the way or cannot be written, or what was interrupted is another training.
    """
    if settings.lora_4bit and not settings.lora_rank:
        raise ModelError("--lora-4bit needs --lora: weights in 4 bits cannot be trained themselves.")
    computing, resumable = options.computing, options.resumable
    if computing.threads:
        torch.set_num_threads(computing.threads)
    # looks whether the output is free, and starts the clock
    run = RunWriter(output, "train", force=options.force, inputs=[checkpoint.location])
    training = fine_tuning(resolved(checkpoint), settings, dataset, seed, computing)
    unfinished = UnfinishedTraining(output)
    arguments = training_arguments(
        settings,
        unfinished.folder,
        seed,
        Placement(training.device, training.precision, computing.compiled),
        log_steps=0 if options.report_to == REPORTS[0] else LOG_STEPS,
    )
    writes = is_first_process()
    with claimed_folder(output) if writes else nullcontext():
        with arguments.main_process_first(local=False, desc="looking for an interrupted training"):
            if writes:
                unfinished.begin(training.unfinished_definition(), resume=options.resume, force=options.force)
        display = TrainingProgress(settings.epochs, quiet=options.quiet or not writes)
        display.history.extend(unfinished.history())
        with _telling_what_is_kept(output, unfinished, resumable=resumable) if writes else nullcontext():
            training.train(arguments, unfinished, display)
        metrics = None
        if writes:
            display.tell_kept(SELECTIONS[settings.select_by])
            with run:
                metrics = training.finish(run, unfinished, display, options)
            unfinished.remove()
        wait_for_all()
        return metrics


@contextmanager
def _telling_what_is_kept(output: Path, unfinished: UnfinishedTraining, *, resumable: bool) -> Iterator[None]:
    try:
        yield
    except BaseException as error:  # Ctrl+C, too, after which the command says it
        if not resumable or unfinished.last_checkpoint() is None:
            unfinished.remove()
        elif isinstance(error, Exception):
            click.echo(f"{output}: {len(unfinished.history())} epochs are kept; go on with --resume.", err=True)
        raise


def fine_tuning(
    checkpoint: Checkpoint, settings: Hyperparameters, dataset: Dataset, seed: int, computing: Computing
) -> FineTuning:
    """A training with everything that decides its result; nothing of the checkpoint is loaded yet.

    Raises:
        ModelError: the device is not available, or the class weights cannot be used.
    """
    device = choose_device(computing.device)
    precision = choose_precision(computing.precision, device)
    weights = class_weights(settings.class_weights, dataset.splits["train"].labels.tolist())
    return FineTuning(checkpoint, settings, dataset, seed, device, precision, weights)
