"""Fine-tune a checkpoint with transformers' Trainer and write its run folder."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import DataCollatorWithPadding, PreTrainedModel, PreTrainedTokenizerBase, Trainer, TrainingArguments

from emotion_bert.checkpoints import Checkpoint, load_model, load_tokenizer
from emotion_bert.classifier import PACKAGE, TransformerClassifier
from emotion_bert.device import choose_device, quiet_transformers
from emotion_bert.progress import TrainerProgress
from emotion_bert.registry import Hyperparameters
from emotion_bert.tokenizer_files import save_tokenizer
from emotion_core.bootstrap import scores_of
from emotion_core.dataset import Dataset
from emotion_core.evaluate import finish_training_run
from emotion_core.metrics import confusion_matrix
from emotion_core.progress import TrainingProgress
from emotion_core.run_folder import RunWriter
from emotion_core.text import social_media

CLEANING = social_media
SELECTION_METRIC = "macro_f1"
EVALUATION_BATCH_SIZE = 128
N_PROBE_TEXTS = 50


class Encodings(torch.utils.data.Dataset):
    """Tokenized texts with labels, of their own lengths."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, frame: Any, max_length: int) -> None:
        texts = [CLEANING(text) for text in frame["text"]]
        self._encoded = tokenizer(texts, truncation=True, max_length=max_length)
        self._labels = frame["label"].tolist()

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {name: values[index] for name, values in self._encoded.items()} | {"labels": self._labels[index]}


def train(
    checkpoint: Checkpoint,
    settings: Hyperparameters,
    dataset: Dataset,
    output: Path,
    *,
    seed: int,
    device: str = "auto",
    force: bool = False,
    quiet: bool = False,
) -> dict[str, Any]:
    """Fine-tune on the train split and write the run folder ``output``.

    After each epoch the model is measured on validation, and the epoch with the highest macro-F1 is kept.

    Returns:
        The metrics on validation, measured on the saved and reloaded model.

    Raises:
        ModelError: the checkpoint or the device is not to be had, or the tokenizer does not survive saving.
        RunError: the output is in the way or cannot be written.
    """
    quiet_transformers()
    transformers.set_seed(seed)
    chosen_device = choose_device(device)
    with RunWriter(output, "train", force=force) as run:
        tokenizer = load_tokenizer(checkpoint, settings.max_length)
        model = load_model(checkpoint)
        display = TrainingProgress(settings.epochs, quiet=quiet)
        with tempfile.TemporaryDirectory(prefix=".checkpoints-", dir=run.path) as checkpoints:
            arguments = _arguments(settings, checkpoints, seed=seed, device=chosen_device)
            model = _fine_tune(model, tokenizer, dataset, settings.max_length, arguments, display)
        display.summarize()
        model.save_pretrained(run.model_dir)
        probes = [CLEANING(text) for text in dataset.splits["train"]["text"][:N_PROBE_TEXTS]]
        save_tokenizer(tokenizer, run.model_dir, probes)
        run.record |= {
            "package": PACKAGE,
            "model": checkpoint.entry.name,
            "checkpoint": checkpoint.describe(),
            "seed": seed,
            "hyperparameters": dataclasses.asdict(settings),
            "text_cleaning": CLEANING.__name__,
            "parameters": model.num_parameters(),
            "selected_by": f"highest validation {SELECTION_METRIC}",
        }
        reloaded = TransformerClassifier.load_folder(run.model_dir, CLEANING.__name__, settings.max_length, device)
        return finish_training_run(run, reloaded, dataset, display.history)


def _fine_tune(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    dataset: Dataset,
    max_length: int,
    arguments: TrainingArguments,
    display: TrainingProgress,
) -> PreTrainedModel:
    """The model with the weights of its best epoch."""
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=Encodings(tokenizer, dataset.splits["train"], max_length),
        eval_dataset=Encodings(tokenizer, dataset.splits["validation"], max_length),
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=_epoch_metrics,
        callbacks=[TrainerProgress(display)],
    )
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return trainer.model


def _arguments(settings: Hyperparameters, folder: str, *, seed: int, device: torch.device) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=EVALUATION_BATCH_SIZE,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup_ratio,  # below 1 it is a share of all steps
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_gradient_norm,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        save_only_model=True,
        logging_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model=SELECTION_METRIC,
        use_cpu=device.type == "cpu",
        dataloader_pin_memory=device.type == "cuda",
        seed=seed,
        report_to="none",
        disable_tqdm=True,
    )


def _epoch_metrics(prediction: transformers.EvalPrediction) -> dict[str, float]:
    predicted = np.asarray(prediction.predictions).argmax(axis=-1)
    scores = scores_of(confusion_matrix(prediction.label_ids, predicted))
    return {name: float(scores[name]) for name in ("accuracy", "macro_f1")}
