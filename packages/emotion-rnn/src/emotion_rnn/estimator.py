"""The recurrent classifiers as an estimator of scikit-learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from emotion_core.bounds import PATH, Values, optional
from emotion_core.classifier import Classifier
from emotion_core.data.dataset import Dataset
from emotion_core.defaults import DEFAULT_SEED
from emotion_core.training.emptied import check_emptied
from emotion_core.training.estimator import EmotionEstimator
from emotion_rnn.architectures import find_architecture
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.options import CLEANING, Computing, TrainingOptions, VectorOptions, check_freezing


class EmotionClassifier(EmotionEstimator):
    """A bidirectional LSTM or GRU with ``fit``, ``predict`` and ``predict_proba`` as in scikit-learn.

    A parameter that is None has the default of its model, as on the command line.

    Args:
        model: ``gru`` or ``lstm``.
        recipe: settings known to be good; other parameters take precedence.
        epochs: at most; training stops early when the validation loss no longer falls.
        batch_size: texts a step.
        learning_rate: of Adam, at the start.
        max_length: words of a text that are read.
        units: size of the recurrent layer in each direction.
        dropout: share of embedding dimensions that are dropped.
        typos: share of the words of the training texts that get a typing error, other words in each epoch.
        settings: any other of the `Hyperparameters`, by name.
        glove: a GloVe file or a name in ``shared-data/glove.json``; None for vectors that start random.
        calibrate: fit the temperature of the probabilities on the validation split.
        seed: of the validation split and the training.
        device: ``auto``, ``cpu`` or ``gpu``.
        quiet: show no progress.
        output: the run folder to keep; None keeps none. One folder holds one fit, so cross-validation needs None.
    """

    _kinds: ClassVar[dict[str, Values]] = {**EmotionEstimator._kinds, "glove": optional(PATH)}

    def __init__(
        self,
        model: str = "gru",
        *,
        recipe: str | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        max_length: int | None = None,
        units: int | None = None,
        dropout: float | None = None,
        typos: float | None = None,
        settings: dict[str, Any] | None = None,
        glove: str | Path | None = None,
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
        self.units = units
        self.dropout = dropout
        self.typos = typos
        self.settings = settings
        self.glove = glove
        self.calibrate = calibrate
        self.seed = seed
        self.device = device
        self.quiet = quiet
        self.output = output

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_freezing(self._settings(), self._vectors())
        self._computing()

    def _settings(self) -> Hyperparameters:
        return self._chosen(find_architecture(self.model).settings(self.recipe), self.settings)

    def _computing(self) -> Computing:
        return Computing(self.device)

    def _vectors(self) -> VectorOptions | None:
        return None if self.glove is None else VectorOptions(self.glove)

    def _train(self, dataset: Dataset, output: Path) -> Classifier:
        check_emptied(dataset, CLEANING, quiet=self.quiet)

        from emotion_rnn.classifier import RNNClassifier
        from emotion_rnn.training.train import train

        train(
            find_architecture(self.model),
            self._settings(),
            dataset,
            output,
            self.seed,
            options=TrainingOptions(
                vectors=self._vectors(),
                computing=self._computing(),
                quiet=self.quiet,
                calibrate=self.calibrate,
                extras=self.output is not None,
            ),
        )
        return RNNClassifier.load(output, self.device)
