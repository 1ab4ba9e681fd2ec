"""The transformers as an estimator of scikit-learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from emotion_bert.machine.computing import Computing, TrainingOptions
from emotion_bert.models.registry import Hyperparameters, ModelEntry, find_model
from emotion_core.bounds import PATH, Values
from emotion_core.classifier import Classifier
from emotion_core.data.dataset import Dataset
from emotion_core.defaults import DEFAULT_SEED
from emotion_core.training.estimator import EmotionEstimator


class EmotionClassifier(EmotionEstimator):
    """A fine-tuned transformer with ``fit``, ``predict`` and ``predict_proba`` as in scikit-learn.

    A parameter that is None has the default of its model, as on the command line.

    Args:
        model: a name, a local folder or a hub id.
        recipe: settings known to be good; other parameters take precedence.
        epochs: at most; training stops early when macro-F1 on the validation split no longer rises.
        batch_size: texts a step.
        learning_rate: of AdamW, at its peak.
        max_length: tokens of a text that are read.
        typos: share of the words of the training texts that get a typing error, other words in each epoch.
        settings: any other of the `Hyperparameters`, by name.
        precision: ``auto``, ``fp32`` or ``bf16``.
        calibrate: fit the temperature of the probabilities on the validation split.
        seed: of the validation split and the training.
        device: ``auto``, ``cpu`` or ``gpu``.
        quiet: show no progress.
        output: the run folder to keep; None keeps none. One folder holds one fit, so cross-validation needs None.
    """

    _kinds: ClassVar[dict[str, Values]] = {**EmotionEstimator._kinds, "model": PATH}

    def __init__(
        self,
        model: str | Path = "minilm",
        *,
        recipe: str | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        max_length: int | None = None,
        typos: float | None = None,
        settings: dict[str, Any] | None = None,
        precision: str = "auto",
        calibrate: bool = True,
        seed: int = DEFAULT_SEED,
        device: str = "auto",
        quiet: bool = True,
        output: str | Path | None = None,
    ) -> None:
        self.model = model
        self.recipe = recipe
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.max_length = max_length
        self.typos = typos
        self.settings = settings
        self.precision = precision
        self.calibrate = calibrate
        self.seed = seed
        self.device = device
        self.quiet = quiet
        self.output = output

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._settings()
        self._computing()

    def _entry(self) -> ModelEntry:
        return find_model(str(self.model))

    def _settings(self) -> Hyperparameters:
        return self._chosen(self._entry().settings(self.recipe), self.settings)

    def _computing(self) -> Computing:
        return Computing(self.device, self.precision)

    def _train(self, dataset: Dataset, output: Path) -> Classifier:
        from emotion_bert.finetuning.train import train
        from emotion_bert.models.checkpoints import locate
        from emotion_bert.models.loading import load_run

        train(
            locate(self._entry()),
            self._settings(),
            dataset,
            output,
            self.seed,
            options=TrainingOptions(
                computing=self._computing(),
                quiet=self.quiet,
                calibrate=self.calibrate,
                resumable=False,
                extras=self.output is not None,
            ),
        )
        return load_run(output, self.device)
