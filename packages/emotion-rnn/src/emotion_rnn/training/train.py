"""Train a recurrent classifier and write its run folder."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from pathlib import Path

from emotion_core.data.dataset import Dataset
from emotion_core.runs.layouts import KERAS
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record_parts import Settings as Recorded
from emotion_core.runs.writer import RunWriter
from emotion_core.training.finish import finish_training_run
from emotion_core.training.progress import TrainingProgress
from emotion_rnn.classifier import MODEL_FILE, PACKAGE, RNNClassifier
from emotion_rnn.hyperparameters import SELECTIONS, Architecture, Hyperparameters
from emotion_rnn.network.architecture import build_network, with_text_input
from emotion_rnn.network.backend import kept_host_state, keras, tf, use
from emotion_rnn.network.options import AS_USUAL, CLEANING, TrainingOptions
from emotion_rnn.network.vectorizer import bucketed
from emotion_rnn.training.definition import training_definition
from emotion_rnn.training.fit import fit
from emotion_rnn.training.texts import Prepared, ids_with_typos, prepare

VALIDATION_BATCH = 256


@kept_host_state()
def train(
    architecture: Architecture,
    settings: Hyperparameters,
    dataset: Dataset,
    output: Path,
    seed: int,
    options: TrainingOptions = AS_USUAL,
) -> Metrics:
    """Train on the train split, stop early on the validation loss, and write the run folder ``output``.

    The weights of the best epoch on validation are kept. Cleaning, vocabulary and vectors come from
    the training texts alone. With ``calibrate``, the temperature of the probabilities is fitted on validation. With
    ``extras``, the speed is measured and the figures are drawn, for a run that somebody keeps.

    Returns:
        The metrics on validation, measured on the saved and reloaded model.

    Raises:
        DataError: the GloVe file cannot be used.
        RunError: the output is in the way or cannot be written.
        ModelError: the device is not available.
    """
    use(options.computing, seed)
    with RunWriter(output, "train", force=options.force) as run:
        prepared = prepare(dataset, settings, options.vectors, seed, quiet=options.quiet)
        display = TrainingProgress(settings.epochs, quiet=options.quiet)
        network = train_network(architecture, settings, prepared, seed, display)
        selection = SELECTIONS[settings.select_by]
        display.tell_kept(selection, settings.frozen_epochs)
        model = with_text_input(network, prepared.vectorizer, settings.max_length)
        model.save(run.model_dir / MODEL_FILE)
        glove = None if prepared.glove is None else dataclasses.asdict(prepared.glove)
        definition = training_definition(
            architecture, settings, dataset, glove, options.computing, calibrate=options.calibrate
        )
        run.record = replace(
            run.record,
            definition={**definition, "seed": seed},
            package=PACKAGE,
            model=architecture.name,
            format=KERAS.name,
            seed=seed,
            hyperparameters=_recorded_settings(settings, prepared),
            text_cleaning=CLEANING,
            parameters=model.count_params(),
            extra={
                "glove": glove,
                "selected_by": selection.words,
                "kept_epoch": display.kept,
                "diverged": display.diverged,
                "precision": options.computing.precision,
            },
        )
        saved = keras.saving.load_model(run.model_dir / MODEL_FILE, compile=False)
        reloaded = RNNClassifier(saved, CLEANING, settings.max_length)
        return finish_training_run(run, reloaded, dataset, display.history, options)


def train_network(
    architecture: Architecture, settings: Hyperparameters, prepared: Prepared, seed: int, display: TrainingProgress
) -> keras.Model:
    """Build a network and fit it on prepared texts; it ends with the weights of its best epoch."""
    network = build_network(architecture, settings, len(prepared.vocabulary), prepared.vectors)
    of_epoch = ids_with_typos(prepared, settings, seed)
    train = bucketed(prepared.ids["train"], prepared.labels["train"], settings.batch_size, seed, of_epoch)
    fit(network, settings, {"train": train, "validation": validation_batches(prepared)}, display)
    return network


def validation_batches(prepared: Prepared) -> tf.data.Dataset:
    """The validation split in batches, the same in every training."""
    return bucketed(prepared.ids["validation"], prepared.labels["validation"], VALIDATION_BATCH, None)


def _recorded_settings(settings: Hyperparameters, prepared: Prepared) -> Recorded:
    recorded = dataclasses.asdict(settings)
    if prepared.vectors is not None:
        recorded["embedding_dimension"] = prepared.vectors.shape[1]
    return recorded
