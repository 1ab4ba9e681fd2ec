"""Fine-tune a checkpoint with transformers' Trainer and write its run folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click
import torch
import transformers
from transformers import EarlyStoppingCallback, PreTrainedModel, TrainingArguments

from emotion_bert import PACKAGE
from emotion_bert.arguments import training_arguments
from emotion_bert.average import load_average
from emotion_bert.checkpoints import Checkpoint, load_model, load_tokenizer
from emotion_bert.class_weights import class_weights
from emotion_bert.classifier import TransformerClassifier
from emotion_bert.device import choose_device, quiet_transformers
from emotion_bert.formats import TRANSFORMERS
from emotion_bert.lora import add_adapters, load_4bit_base, load_adapters
from emotion_bert.options import ANYWHERE, Computing
from emotion_bert.precision import choose_precision
from emotion_bert.processes import wait_for_all
from emotion_bert.registry import CLEANING, SELECTIONS, Hyperparameters
from emotion_bert.tensorboard_logs import keep_logs, tensorboard_callbacks
from emotion_bert.tokenizer_files import save_tokenizer
from emotion_bert.trainer import make_trainer
from emotion_bert.unfinished import UnfinishedTraining
from emotion_core.dataset import Dataset
from emotion_core.errors import DivergedError, ModelError
from emotion_core.evaluate import finish_training_run
from emotion_core.processes import is_first_process, process_count
from emotion_core.progress import TrainingProgress
from emotion_core.run_folder import RunWriter, claimed_folder
from emotion_core.text import CLEANERS

N_PROBE_TEXTS = 50
LOG_STEPS = 10


def train(
    checkpoint: Checkpoint,
    settings: Hyperparameters,
    dataset: Dataset,
    output: Path,
    seed: int,
    *,
    computing: Computing = ANYWHERE,
    resume: bool = False,
    force: bool = False,
    quiet: bool = False,
    calibrate: bool = True,
    report_to: str = "none",
) -> dict[str, Any]:
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
        computing: where and how.
        resume: go on with what was interrupted, if anything was.
        force: replace the run folder, and throw away what was interrupted.
        quiet: no progress.
        calibrate: fit a temperature on validation.
        report_to: ``tensorboard`` or ``none``; the logs become part of the run.

    Returns:
        The metrics on validation, measured on the saved and reloaded model; empty in all processes but the first.

    Raises:
        ModelError: the checkpoint or the device is not to be had, or the tokenizer does not survive saving.
        RunError: the output is in the way or cannot be written, or what was interrupted is another training.
    """
    if settings.lora_4bit and not settings.lora_rank:
        raise ModelError("--lora-4bit needs --lora: weights in 4 bits cannot be trained themselves.")
    quiet_transformers()
    if computing.threads:
        torch.set_num_threads(computing.threads)
    device = choose_device(computing.device)
    precision = choose_precision(computing.precision, device)
    run = RunWriter(output, "train", force=force)  # looks whether the output is free, and starts the clock
    unfinished = UnfinishedTraining(output)
    arguments = training_arguments(
        settings,
        unfinished.folder,
        seed=seed,
        device=device,
        precision=precision,
        compiled=computing.compiled,
        log_steps=0 if report_to == "none" else LOG_STEPS,
    )
    writes = is_first_process()
    with claimed_folder(output) if writes else nullcontext():
        weights = class_weights(settings.class_weights, dataset.splits["train"]["label"].tolist())
        how = {"precision": precision, "processes": process_count(), "class_weights": weights}
        with arguments.main_process_first(local=False, desc="looking for an interrupted training"):
            if writes:
                unfinished.begin(_definition(checkpoint, settings, dataset, seed) | how, resume=resume, force=force)
        display = TrainingProgress(settings.epochs, quiet=quiet or not writes)
        display.history.extend(unfinished.history())
        with _telling_what_is_kept(output, unfinished) if writes else nullcontext():
            _fine_tune(checkpoint, settings, dataset, weights, arguments, unfinished, display)
        metrics: dict[str, Any] = {}
        if writes:
            display.summarize()
            with run:
                run.record |= how | {"device": device.type}
                metrics = _finish(run, checkpoint, settings, dataset, seed, unfinished, display, calibrate=calibrate)
            unfinished.remove()
        wait_for_all()
        return metrics


@contextmanager
def _telling_what_is_kept(output: Path, unfinished: UnfinishedTraining) -> Iterator[None]:
    try:
        yield
    except BaseException:  # Ctrl+C, too
        unfinished.remove_if_empty()
        if unfinished.folder.exists():
            click.echo(f"{output}: {len(unfinished.history())} epochs are kept; go on with --resume.", err=True)
        raise


def _definition(checkpoint: Checkpoint, settings: Hyperparameters, dataset: Dataset, seed: int) -> dict[str, Any]:
    """What decides the result of a training."""
    splits = dataset.describe()
    return {
        "checkpoint": checkpoint.describe(),
        "settings": dataclasses.asdict(settings),
        "data": {name: splits[name]["fingerprint"] for name in ("train", "validation")},
        "seed": seed,
    }


def _fine_tune(
    checkpoint: Checkpoint,
    settings: Hyperparameters,
    dataset: Dataset,
    weights: list[float] | None,
    arguments: TrainingArguments,
    unfinished: UnfinishedTraining,
    display: TrainingProgress,
) -> None:
    """Train to the end, leaving the best epoch in a checkpoint."""
    if unfinished.stopped():
        return
    tokenizer = load_tokenizer(checkpoint, settings.max_length)
    transformers.set_seed(arguments.seed)  # the head starts with random weights
    model = _base(checkpoint, settings, arguments.device)
    if settings.lora_rank:
        model = add_adapters(model, settings.lora_rank)
    trainer = make_trainer(
        model,
        tokenizer,
        dataset,
        CLEANING,
        settings,
        arguments,
        display,
        weights=weights,
        callbacks=[
            EarlyStoppingCallback(settings.patience),
            *tensorboard_callbacks(arguments, unfinished.folder),
        ],
    )
    last = unfinished.last_checkpoint()
    if last is not None and trainer.average is not None:
        trainer.average.load(last)
    try:
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    except DivergedError as error:
        if not display.history:
            raise
        display.keep_best(error)
    finally:
        display.stop()


def _finish(
    run: RunWriter,
    checkpoint: Checkpoint,
    settings: Hyperparameters,
    dataset: Dataset,
    seed: int,
    unfinished: UnfinishedTraining,
    display: TrainingProgress,
    *,
    calibrate: bool,
) -> dict[str, Any]:
    """Save the best epoch into the run, load it afresh and measure it."""
    model = _best_model(checkpoint, settings, unfinished.best_checkpoint(), torch.device(run.record["device"]))
    model.save_pretrained(run.model_dir)
    keep_logs(unfinished.folder, run.path)
    probes = [CLEANERS[CLEANING](text) for text in dataset.splits["train"]["text"][:N_PROBE_TEXTS]]
    save_tokenizer(load_tokenizer(checkpoint, settings.max_length), run.model_dir, probes)
    run.record |= {
        "package": PACKAGE,
        "model": checkpoint.entry.name,
        "format": TRANSFORMERS,
        "checkpoint": checkpoint.describe(),
        "seed": seed,
        "hyperparameters": dataclasses.asdict(settings),
        "text_cleaning": CLEANING,
        "parameters": model.num_parameters(),
        "selected_by": SELECTIONS[settings.select_by].words,
        "diverged": display.diverged,
        "training_seconds": round(sum(entry["seconds"] for entry in display.history), 2),
    }
    reloaded = TransformerClassifier.load_folder(run.model_dir, CLEANING, settings.max_length, run.record["device"])
    return finish_training_run(run, reloaded, dataset, display.history, calibrate=calibrate)


def _base(checkpoint: Checkpoint, settings: Hyperparameters, device: torch.device) -> PreTrainedModel:
    """What the adapters stand beside, or what is trained whole."""
    return load_4bit_base(checkpoint, device) if settings.lora_4bit else load_model(checkpoint)


def _best_model(
    checkpoint: Checkpoint, settings: Hyperparameters, folder: Path, device: torch.device
) -> PreTrainedModel:
    if settings.lora_rank:
        base = _base(checkpoint, settings, device)
        # What was measured is the quantized model with the adapters, so these are merged into its very weights.
        adapted = load_adapters(base.dequantize() if settings.lora_4bit else base, folder)
        load_average(adapted, folder)
        return adapted.merge_and_unload()
    model = load_model(dataclasses.replace(checkpoint, location=str(folder), revision=None))
    load_average(model, folder)
    return model
