"""Fewer layers, which learn from the full model what all of them said.

Every second layer is kept, as in DistilBERT (Sanh, Debut, Chaumond and Wolf 2019, https://arxiv.org/abs/1910.01108).
The loss is the cross-entropy to the soft targets of the full model (Hinton, Vinyals and Dean 2015,
https://arxiv.org/abs/1503.02531) and the distance of the hidden states: each layer that is kept learns to give what the
full model has after those that it stands for, as in Patient Knowledge Distillation (Sun, Cheng, Gan and Liu 2019,
https://arxiv.org/abs/1908.09355) and TinyBERT (Jiao et al. 2020, https://arxiv.org/abs/1909.10351).
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.finetuning.arguments import Placement, training_arguments
from emotion_bert.machine.device import choose_device
from emotion_bert.machine.precision import choose_precision
from emotion_bert.models.first_token import compute_first_token_only
from emotion_bert.models.registry import SELECTIONS, Hyperparameters
from emotion_bert.models.structured import keep_layers, remove_neurons
from emotion_bert.trainer.trainer import Material, make_trainer
from emotion_core.data.typos.texts import EpochTypos
from emotion_core.errors import ModelError
from emotion_core.training.progress import Selection, TrainingProgress

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from emotion_core.runs.record_parts import Settings

TEMPERATURE = 4.0
"""Of the soft targets: high enough that the emotions that the full model thinks less likely count, too."""

MIXED = 0.5
"""The share of the texts of an epoch that are made of two."""

AS_IN_THE_RUN = ("batch_size", "max_length", "typos")
"""The settings that distillation takes from the run."""


def kept_layers(layers: int, wanted: int) -> list[int]:
    """The numbers of the layers that stay, evenly spaced from the first.

    Args:
        layers: of the full model.
        wanted: how many stay; 0 for every second one.

    Raises:
        ModelError: that are not fewer than there are.
    """
    left = wanted or (layers + 1) // 2
    if left >= layers:
        raise ModelError(f"--layers: found {left}, expected fewer than the {layers} that the model has.")
    return [number * layers // left for number in range(left)]


class Distillation:
    """The loss of a model with fewer layers against the full one.

    Args:
        teacher: the full model, which is not changed.
        kept: the numbers of its layers that the other one has.
    """

    def __init__(self, teacher: PreTrainedModel, kept: list[int]) -> None:
        self._teacher = teacher.eval()
        # A layer stands for itself and for those that are gone between it and the next one that is kept.
        self._states = [*kept[1:], int(teacher.config.num_hidden_layers)]

    def __call__(self, student: nn.Module, inputs: dict[str, Any]) -> torch.Tensor:
        """The loss of a batch: cross-entropy to the soft targets plus the mean distance of the hidden states."""
        with torch.no_grad():
            taught = self._teacher(**inputs, output_hidden_states=True)
        told = student(**inputs, output_hidden_states=True)
        distances = [
            _distance(told.hidden_states[1 + layer], taught.hidden_states[state], inputs["attention_mask"])
            for layer, state in enumerate(self._states)
        ]
        return _soft_cross_entropy(told.logits, taught.logits) + torch.stack(distances).mean()


def _soft_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The divergence from softened probabilities, which differs from the cross-entropy by a constant.

    Times the square of the temperature, by whose inverse its gradients shrink.
    """
    told, taught = (torch.log_softmax(each.float() / TEMPERATURE, dim=-1) for each in (logits, targets))
    return nn.functional.kl_div(told, taught, reduction="batchmean", log_target=True) * TEMPERATURE**2


def _distance(told: torch.Tensor, taught: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The squared distance of hidden states of shape (n, length, width) as a share of the square of the taught ones."""
    read = mask.bool()
    wanted = taught[read].float()
    return (told[read].float() - wanted).square().mean() / wanted.square().mean()


@dataclass(frozen=True)
class EpochMixtures:
    """Texts to learn from the full model, others in each epoch, since what it says of them is known without a label.

    Half of them are the beginning of one text and the end of another; more different texts than those that have been
    labelled are what distillation gains most from (Jiao et al. 2020, whose words are replaced instead).

    Attributes:
        typos: that are made in all of them.
        seed: of the distillation.
    """

    typos: EpochTypos
    seed: int

    def texts(self, texts: Sequence[str], epoch: int) -> list[str]:
        """The texts of an epoch (from 0); the draws depend on the seed, the epoch and the texts alone."""
        rng = np.random.default_rng([self.seed, epoch])
        others = rng.permutation(len(texts))
        mixed = [
            _spliced(text, texts[other], rng) if rng.random() < MIXED else text
            for text, other in zip(texts, others.tolist(), strict=True)
        ]
        return self.typos.texts(mixed, epoch)


def _spliced(one: str, other: str, rng: np.random.Generator) -> str:
    """The beginning of a text and the end of another."""
    head, tail = one.split(), other.split()
    if not head or not tail:
        return one
    return " ".join([*head[: rng.integers(1, len(head) + 1)], *tail[rng.integers(len(tail)) :]])


class KeepBest(TrainerCallback):
    """Keeps the weights of the best epoch in memory.

    Args:
        selection: what is the best.
    """

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._best: float | None = None
        self._weights: dict[str, torch.Tensor] = {}

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        model: PreTrainedModel | None = None,
        **kwargs: Any,
    ) -> None:
        """Copy the weights if none were better; of equal ones the first stay."""
        measured = (metrics or {})[f"eval_{self._selection.metric}"]
        score = measured if self._selection.greater_is_better else -measured
        if model is not None and (self._best is None or score > self._best):
            self._best = score
            self._weights = {name: weight.detach().cpu().clone() for name, weight in model.state_dict().items()}

    def give_back(self, model: PreTrainedModel) -> None:
        """Give a model the weights that were kept."""
        model.load_state_dict(self._weights)


def distill(
    student: PreTrainedModel, teach: Distillation, source: TransformerSource, options: CompressionOptions
) -> int:
    """Train on the texts of the train split, without their labels; gives the epoch (from 1) that is kept.

    Args:
        student: is changed; left on the CPU.
        teach: the loss.
        source: of the texts, and of what chooses the epoch on validation.
        options: epochs, learning rate and seed.

    Raises:
        DataError: there is no train split.
        DivergedError: the loss is no number.
    """
    recorded = source.record.hyperparameters or {}  # an imported run knows some only
    settings = dataclasses.replace(
        Hyperparameters(),
        epochs=options.distill_epochs,
        learning_rate=options.distill_learning_rate,
        **{name: recorded[name] for name in AS_IN_THE_RUN if name in recorded},
    )
    device, selection = choose_device(source.device), SELECTIONS[settings.select_by]
    display, keep = TrainingProgress(settings.epochs, quiet=source.quiet), KeepBest(selection)
    arguments = training_arguments(
        settings,
        Path(tempfile.gettempdir()),  # the Trainer asks for a folder and, saving nothing, leaves it alone
        options.seed,
        Placement(device, choose_precision("auto", device)),
    )
    arguments.save_strategy = "no"
    texts = EpochMixtures(EpochTypos(settings.typos, options.seed), options.seed)
    material = Material(source.tokenizer(), source.dataset, source.cleaning, varied=texts, loss=teach)
    trainer = make_trainer(student, material, settings, arguments, display, [keep])
    try:
        trainer.train()
    finally:
        display.stop()
    display.tell_kept(selection)
    student.to("cpu")  # type: ignore[arg-type]  # the wrapper of transformers loses self
    keep.give_back(student)
    return display.kept or settings.epochs


def save_fewer_layers(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model with fewer layers, and fewer neurons in these if asked for, distilled from the whole.

    Raises:
        ModelError: it cannot be done with this architecture, or no layer would go.
    """
    teacher, student = source.model(), source.model()
    layers = int(teacher.config.num_hidden_layers)
    kept = kept_layers(layers, options.layers)
    keep_layers(student, kept)
    if options.neurons:
        remove_neurons(student, options.neurons)
    compute_first_token_only(student)  # the last layer is another one now
    teacher.to(choose_device(source.device))  # type: ignore[arg-type]  # the wrapper of transformers loses self
    epoch = distill(student, Distillation(teacher, kept), source, options)
    student.save_pretrained(folder)
    return {
        "kept_layers": kept,
        "of_layers": layers,
        "neurons_removed": options.neurons,
        "epochs": options.distill_epochs,
        "kept_epoch": epoch,
        "temperature": TEMPERATURE,
        "parameters": student.num_parameters(),
    }
