"""One fine-tuning: what it starts from, how its Trainer is made, and which weights are kept."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
import torch
import transformers
from transformers import EarlyStoppingCallback, PreTrainedModel, TrainingArguments

from emotion_bert.finetuning.trial import try_out
from emotion_bert.finetuning.unfinished import UnfinishedTraining
from emotion_bert.machine.computing import TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.models.registry import CLEANING, PACKAGE, SELECTIONS, Hyperparameters
from emotion_bert.models.start import Start, load_model, load_start
from emotion_bert.models.stored_weights import require_finite
from emotion_bert.tokens.fitting import fit_model
from emotion_bert.tokens.presence import N_TEXTS, READ_CHARACTERS, foreign_remark, require_reading
from emotion_bert.tokens.saving import save_tokenizer
from emotion_bert.trainer.average import load_average
from emotion_bert.trainer.lora import add_adapters, load_4bit_base, load_adapters
from emotion_bert.trainer.saved_epochs import telling_damage
from emotion_bert.trainer.tensorboard_logs import keep_logs, tensorboard_callbacks
from emotion_bert.trainer.trainer import EmotionTrainer, Material, make_trainer
from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Dataset
from emotion_core.data.typos.texts import EpochTypos
from emotion_core.errors import DivergedError
from emotion_core.runs.definition import TRAINING_SPLITS, Definition, data_definition, settings_definition
from emotion_core.runs.layouts import TRANSFORMERS
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record_parts import Settings
from emotion_core.runs.typed_json import to_json
from emotion_core.runs.writer import RunWriter
from emotion_core.system.processes import is_first_process, process_count
from emotion_core.training.finish import finish_training_run
from emotion_core.training.progress import TrainingProgress

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class FineTuning:
    """What decides the result of a training.

    Attributes:
        checkpoint: what to start from.
        settings: of the fine-tuning.
        dataset: with train and validation splits.
        seed: of the head's first weights, the order of the texts and the dropout.
        device: where to compute.
        precision: ``fp32`` or ``bf16``.
        class_weights: of the six emotions in the training loss; None for the same.
    """

    checkpoint: Checkpoint
    settings: Hyperparameters
    dataset: Dataset
    seed: int
    device: torch.device
    precision: str
    class_weights: list[float] | None

    def how(self) -> Settings:
        """What a run says of the computation."""
        return {"precision": self.precision, "processes": process_count(), "class_weights": self.class_weights}

    def definition(self) -> Definition:
        """What decides the result."""
        return {
            "checkpoint": to_json(self.checkpoint.describe()),
            "settings": settings_definition(self.settings),
            "data": data_definition(self.dataset, *TRAINING_SPLITS),
            "seed": self.seed,
            **self.how(),
        }

    def unfinished_definition(self) -> Definition:
        """What an interrupted training must have in common with the one that goes on with it.

        Sums of another number of threads round otherwise, so that what comes out would be neither training.
        """
        return {**self.definition(), **({"threads": torch.get_num_threads()} if self.device.type == "cpu" else {})}

    def run_definition(self, *, calibrate: bool) -> Definition:
        """What a finished run must have in common with the one that is asked for."""
        return {**self.definition(), "text_cleaning": CLEANING, "calibrated": calibrate}

    def train(self, arguments: TrainingArguments, unfinished: UnfinishedTraining, display: TrainingProgress) -> None:
        """Train to the end, leaving the best epoch in a checkpoint."""
        if unfinished.stopped():
            return
        trainer = self._trainer(arguments, unfinished, display)
        last = unfinished.last_checkpoint()
        try:
            with telling_damage(last):
                if last is not None and trainer.average is not None:
                    trainer.average.load(last)
                trainer.train(resume_from_checkpoint=None if last is None else str(last))
        except DivergedError as error:
            if not display.history:
                raise
            display.keep_best(error)
        finally:
            display.stop()

    def _trainer(
        self, arguments: TrainingArguments, unfinished: UnfinishedTraining, display: TrainingProgress
    ) -> EmotionTrainer:
        tokenizer = self._tokenizer()
        transformers.set_seed(self.seed)  # the head starts with random weights
        start = self._base()
        if is_first_process():
            self._note(start, unfinished)
        model = start.model
        require_finite(model, self.checkpoint.location)
        self._fit(model, tokenizer)
        if self.settings.lora_rank:
            model = add_adapters(model, self.settings.lora_rank)
        trainer = make_trainer(
            model,
            Material(tokenizer, self.dataset, CLEANING, self.class_weights, self._typos()),
            self.settings,
            arguments,
            display,
            [
                EarlyStoppingCallback(self.settings.patience),
                *tensorboard_callbacks(arguments, unfinished.folder),
            ],
        )
        try_out(
            trainer.model,
            trainer.train_dataset,
            trainer.data_collator,
            max_length=self.settings.max_length,
            precision=self.precision,
            title=self.checkpoint.entry.title,
        )
        return trainer

    def _typos(self) -> EpochTypos | None:
        return EpochTypos(self.settings.typos, self.seed) if self.settings.typos else None

    def _fit(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        place = self.checkpoint.location
        if (added := fit_model(model, tokenizer, place)) and is_first_process():
            said = f"{place}: the model has no embedding for {added} of its tokenizer's tokens"
            click.echo(f"{said}; each starts as the mean of the others.", err=True)

    def _tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer of the checkpoint, which reads the training texts and can be saved."""
        tokenizer = load_tokenizer(self.checkpoint, self.settings.max_length)
        texts = self._cleaned_texts()
        require_reading(tokenizer, texts, self.checkpoint.location)
        if is_first_process() and (remark := foreign_remark(tokenizer, self._some_texts(), self.checkpoint.location)):
            click.echo(remark, err=True)
        with TemporaryDirectory() as folder:
            save_tokenizer(tokenizer, Path(folder), texts)
        return tokenizer

    def _some_texts(self) -> list[str]:
        """Some of the training texts, spread over all."""
        texts = self.dataset.splits["train"].texts
        return list(texts[:: max(1, len(texts) // N_TEXTS)])

    def _cleaned_texts(self) -> list[str]:
        """The same as the model reads them."""
        return [CLEANERS[CLEANING](text[:READ_CHARACTERS]) for text in self._some_texts()]

    def _note(self, start: Start, unfinished: UnfinishedTraining) -> None:
        if remark := start.head.remark(self.checkpoint.location):
            click.echo(remark, err=True)
        labels = {"head_labels": list(start.head.found)} if start.head.found else {}
        trained = str(start.model.dtype).removeprefix("torch.")
        unfinished.note_start(
            {"head": start.head.origin, **labels, "weights": {"in the file": start.dtype, "loaded as": trained}}
        )

    def finish(
        self,
        run: RunWriter,
        unfinished: UnfinishedTraining,
        display: TrainingProgress,
        options: TrainingOptions,
    ) -> Metrics:
        """Save the best epoch into the run, load it afresh and measure it on validation."""
        best = unfinished.best_checkpoint()
        with telling_damage(best):
            model = self._best_model(best)
        model.save_pretrained(run.model_dir)
        keep_logs(unfinished.folder, run.path)
        max_length = self.settings.max_length
        save_tokenizer(load_tokenizer(self.checkpoint, max_length), run.model_dir, self._cleaned_texts())
        run.record = dataclasses.replace(
            run.record,
            definition=self.run_definition(calibrate=options.calibrate),
            package=PACKAGE,
            model=self.checkpoint.entry.name,
            format=TRANSFORMERS.name,
            checkpoint=self.checkpoint.describe(),
            seed=self.seed,
            hyperparameters=dataclasses.asdict(self.settings),
            text_cleaning=CLEANING,
            parameters=model.num_parameters(),
            extra={
                **self.how(),
                **unfinished.start(),
                "device": self.device.type,
                "selected_by": SELECTIONS[self.settings.select_by].words,
                "kept_epoch": display.kept,
                "diverged": display.diverged,
                "training_seconds": round(sum(entry["seconds"] for entry in display.history), 2),
            },
        )
        reloaded = TransformerClassifier.load_folder(run.model_dir, CLEANING, max_length, self.device.type)
        return finish_training_run(run, reloaded, self.dataset, display.history, options)

    def _base(self) -> Start:
        """What the adapters stand beside, or what is trained whole."""
        if self.settings.lora_4bit:
            return load_4bit_base(self.checkpoint, self.device)
        return load_start(self.checkpoint)

    def _best_model(self, folder: Path) -> PreTrainedModel:
        if self.settings.lora_rank:
            base = self._base().model
            fit_model(base, load_tokenizer(self.checkpoint, self.settings.max_length), self.checkpoint.location)
            # What was measured is the quantized model with the adapters, so these are merged into its very weights.
            adapted = load_adapters(base.dequantize() if self.settings.lora_4bit else base, folder)
            load_average(adapted, folder)
            merged: PreTrainedModel = adapted.merge_and_unload()
            return merged
        model = load_model(dataclasses.replace(self.checkpoint, location=str(folder), revision=None))
        load_average(model, folder)
        return model
