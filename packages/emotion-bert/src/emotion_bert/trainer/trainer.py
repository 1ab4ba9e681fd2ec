"""transformers' Trainer with what this package trains differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import torch
from torch import nn
from transformers import (
    DataCollatorWithPadding,
    EvalPrediction,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.modeling_outputs import SequenceClassifierOutput

from emotion_bert.models.registry import Hyperparameters
from emotion_bert.models.stored_weights import depth_of, layer_of
from emotion_bert.trainer.average import WeightAverage
from emotion_bert.trainer.dropout import draw_dropout_faster
from emotion_bert.trainer.encodings import Encodings, EpochTexts, LengthGroupedSampler
from emotion_bert.trainer.progress import TrainerProgress
from emotion_bert.trainer.saved_epochs import checkpoint_folder, mark_complete, prune
from emotion_core.data.dataset import Dataset
from emotion_core.evaluation.metrics import confusion_matrix
from emotion_core.evaluation.scores import scores_of
from emotion_core.training.progress import TrainingProgress

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


TrainingLoss = Callable[[nn.Module, dict[str, Any]], torch.Tensor]
"""The loss of a model on the inputs of a batch, without the labels."""


class AverageUpdate(TrainerCallback):
    """Adds the weights to their average after each step."""

    def __init__(self, average: WeightAverage) -> None:
        self._average = average

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Called before the step is counted."""
        self._average.update(state.global_step + 1)


class EmotionTrainer(Trainer):
    """A Trainer that weighs the classes, lowers the learning rate with depth, and orders the texts by length.

    Args:
        settings: of the fine-tuning. Label smoothing acts on the training loss; the validation loss is always the plain
            cross-entropy.
        progress: a callback that shows the training; the history that it keeps is written into each checkpoint.
        weights: of the six emotions in the training loss, of mean 1 over the training texts; None for the same.
        loss: of the training in place of the cross-entropy; None for that.
        options: of the Trainer.

    Attributes:
        average: of the weights, which is measured and kept; None where the last weights are.
    """

    model: PreTrainedModel
    train_dataset: Encodings

    def __init__(
        self,
        *,
        settings: Hyperparameters,
        progress: TrainerProgress,
        weights: list[float] | None,
        loss: TrainingLoss | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        draw_dropout_faster(self.model)
        self._settings, self._progress, self._loss = settings, progress, loss
        self._weights = None if weights is None else torch.tensor(weights, device=self.args.device)
        self.average: WeightAverage | None = None
        if settings.ema_momentum:
            self.average = WeightAverage(self.model, settings.ema_momentum)
            self.add_callback(AverageUpdate(self.average))

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The cross-entropy of a batch: the mean over its texts, in training of their losses times their weights."""
        labels = inputs.pop("labels")
        if self._loss is not None and model.training:
            taught = self._loss(model, inputs)
            self._progress.add_loss(taught)
            return taught
        outputs = model(**inputs)
        weights = self._weights if model.training else None
        loss = nn.functional.cross_entropy(
            outputs.logits.float(),
            labels,
            label_smoothing=self._settings.label_smoothing if model.training else 0.0,
            reduction="mean" if weights is None else "none",
        )
        if weights is not None:
            # torch would divide by the weights of the batch, by which a text weighs less beside others of its emotion
            loss = (loss * weights[labels]).mean()
        if model.training:
            self._progress.add_loss(loss)
        # Of other outputs (hidden states of an encoder, caches) the Trainer would keep those of all texts.
        return (loss, SequenceClassifierOutput(logits=outputs.logits)) if return_outputs else loss

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        """AdamW, with the learning rate of each layer."""
        if self._settings.layer_decay == 1:
            return super().create_optimizer(model)
        network = self.model if model is None else cast("PreTrainedModel", model)
        decayed = set(self.get_decay_parameter_names(network))
        trained = {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}
        top = 1 + max((layer_of(name) or 0) for name in trained)
        groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
        for name, parameter in trained.items():
            groups.setdefault((depth_of(name, top), name in decayed), []).append(parameter)
        kind, options = self.get_optimizer_cls_and_kwargs(self.args, network)
        rate, weight_decay = self.args.learning_rate, self.args.weight_decay
        self.optimizer = kind(
            [
                {
                    "params": parameters,
                    "lr": rate * self._settings.layer_decay ** (top - depth),
                    "weight_decay": weight_decay if decays else 0.0,
                }
                for (depth, decays), parameters in groups.items()
            ],
            **options,
        )
        return self.optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> torch.utils.data.Sampler[int]:
        return LengthGroupedSampler(self.train_dataset, self._settings.batch_size, self.args.seed)

    def evaluate(self, *arguments: Any, **options: Any) -> dict[str, float]:
        """Measure the averaged weights, where there are any."""
        with nullcontext() if self.average is None else self.average.in_place():
            return super().evaluate(*arguments, **options)

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()  # each process writes its random state
        if self.args.should_save:
            folder = Path(self._get_output_dir(trial))
            if self.average is not None:
                self.average.save(checkpoint_folder(folder, self.state.global_step))
            mark_complete(folder, self.state, self._progress.history, stopped=self.control.should_training_stop)
            prune(folder, self.state)


class Material(NamedTuple):
    """What a model is trained on.

    Attributes:
        tokenizer: of the model.
        dataset: with train and validation splits.
        cleaning: the name of the text cleaning.
        weights: of the six emotions in the training loss; None for the same.
        varied: gives the training texts of each epoch; None for the same in all.
        loss: of the training in place of the cross-entropy; None for that.
    """

    tokenizer: PreTrainedTokenizerBase
    dataset: Dataset
    cleaning: str
    weights: list[float] | None = None
    varied: EpochTexts | None = None
    loss: TrainingLoss | None = None


def make_trainer(
    model: PreTrainedModel,
    material: Material,
    settings: Hyperparameters,
    arguments: TrainingArguments,
    display: TrainingProgress,
    callbacks: Sequence[TrainerCallback] = (),
) -> EmotionTrainer:
    """A trainer on the train split of a dataset that measures validation after each epoch and shows both."""
    train, validation = (
        Encodings(material.tokenizer, material.dataset.split(name), material.cleaning, settings.max_length, varied)
        for name, varied in (("train", material.varied), ("validation", None))
    )
    progress = TrainerProgress(display)
    trainer = EmotionTrainer(
        model=model,
        args=arguments,
        train_dataset=train,
        eval_dataset=validation.shortest_first(),
        # The bare function: with the object the Trainer would save the tokenizer, which not every tokenizer survives.
        data_collator=DataCollatorWithPadding(material.tokenizer).__call__,
        compute_metrics=epoch_metrics,
        callbacks=[progress, *callbacks],
        settings=settings,
        progress=progress,
        weights=material.weights,
        loss=material.loss,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def epoch_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """What the Trainer measures after an epoch."""
    predicted = np.asarray(prediction.predictions).argmax(axis=-1)
    scores = scores_of(confusion_matrix(np.asarray(prediction.label_ids), predicted))
    return {name: float(scores[name]) for name in ("accuracy", "macro_f1")}
