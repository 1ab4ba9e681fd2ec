"""Train a recurrent classifier and write its run folder."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from emotion_core.dataset import Dataset
from emotion_core.evaluate import finish_training_run
from emotion_core.progress import TrainingProgress
from emotion_core.run_folder import RunWriter
from emotion_core.text import letters_only
from emotion_rnn.architecture import Architecture, Hyperparameters, build_network, with_text_input
from emotion_rnn.backend import keras, use_device, use_seed
from emotion_rnn.classifier import MODEL_FILE, PACKAGE, RNNClassifier
from emotion_rnn.glove import coverage, read_vectors
from emotion_rnn.progress import EpochProgress
from emotion_rnn.vectorize import bucketed, make_vectorizer, word_ids

CLEANING = letters_only
PLATEAU_FACTOR, PLATEAU_PATIENCE, LOWEST_LEARNING_RATE = 0.5, 2, 1e-5


def train(
    architecture: Architecture,
    settings: Hyperparameters,
    dataset: Dataset,
    output: Path,
    *,
    seed: int,
    glove: Path | None = None,
    device: str = "auto",
    force: bool = False,
    quiet: bool = False,
) -> dict[str, Any]:
    """Train on the train split, stop early on the validation loss, and write the run folder ``output``.

    The weights of the epoch with the lowest validation loss are kept. Cleaning, vocabulary and vectors come from
    the training texts alone.

    Returns:
        The metrics on validation, measured on the saved and reloaded model.

    Raises:
        DataError: the GloVe file cannot be used.
        RunError: the output is in the way or cannot be written.
        ModelError: the device is not to be had.
    """
    use_device(device)
    use_seed(seed)
    with RunWriter(output, "train", force=force) as run:
        texts = {name: [CLEANING(text) for text in dataset.splits[name]["text"]] for name in ("train", "validation")}
        vectorizer = make_vectorizer(texts["train"], settings.vocabulary_size)
        vocabulary = vectorizer.get_vocabulary()
        ids = {name: word_ids(vectorizer, texts[name], settings.max_length) for name in texts}
        labels = {name: dataset.splits[name]["label"].to_numpy() for name in texts}
        vectors, glove_record = _glove(glove, vocabulary, ids["train"], seed, quiet=quiet)
        network = build_network(architecture, settings, len(vocabulary), vectors)
        history = _fit(network, settings, ids, labels, seed=seed, quiet=quiet)
        model = with_text_input(network, vectorizer, settings.max_length)
        model.save(run.model_dir / MODEL_FILE)
        run.record |= {
            "package": PACKAGE,
            "model": architecture.name,
            "seed": seed,
            "hyperparameters": _recorded_settings(settings, vectors),
            "glove": glove_record,
            "text_cleaning": CLEANING.__name__,
            "parameters": model.count_params(),
            "selected_by": "lowest validation loss",
        }
        reloaded = RNNClassifier(keras.saving.load_model(run.model_dir / MODEL_FILE, compile=False), CLEANING.__name__)
        return finish_training_run(run, reloaded, dataset, history)


def _recorded_settings(settings: Hyperparameters, vectors: NDArray[np.float32] | None) -> dict[str, Any]:
    recorded = dataclasses.asdict(settings)
    if vectors is not None:
        recorded["embedding_dimension"] = vectors.shape[1]
    return recorded


def _glove(
    path: Path | None, vocabulary: list[str], train_ids: list[NDArray[np.int32]], seed: int, *, quiet: bool
) -> tuple[NDArray[np.float32] | None, dict[str, Any] | None]:
    """The initial vectors, and what the run records of them."""
    if path is None:
        return None, None
    vectors = read_vectors(path, vocabulary, seed)
    covered = coverage(vectors, train_ids)
    if not quiet:
        skipped = f"; skipped {vectors.malformed_lines} malformed lines" if vectors.malformed_lines else ""
        click.echo(
            f"GloVe covers {covered['types']:.1%} of the types, {covered['tokens']:.1%} of the tokens{skipped}",
            err=True,
        )
    record = {
        "file": path.name,
        "sha256": vectors.sha256,
        "coverage": covered,
        "malformed_lines": vectors.malformed_lines,
    }
    return vectors.matrix, record


def _fit(
    network: keras.Model,
    settings: Hyperparameters,
    ids: dict[str, list[NDArray[np.int32]]],
    labels: dict[str, NDArray[Any]],
    *,
    seed: int,
    quiet: bool,
) -> list[dict[str, Any]]:
    """Fit the network in place; one dictionary an epoch."""
    optimizer = keras.optimizers.Adam(settings.learning_rate)
    network.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(
            "val_loss", factor=PLATEAU_FACTOR, patience=PLATEAU_PATIENCE, min_lr=LOWEST_LEARNING_RATE
        ),
        keras.callbacks.EarlyStopping("val_loss", patience=settings.patience, restore_best_weights=True),
        EpochProgress(display := TrainingProgress(settings.epochs, quiet=quiet)),
    ]
    started = time.perf_counter()
    network.fit(
        bucketed(ids["train"], labels["train"], settings, seed),
        validation_data=bucketed(ids["validation"], labels["validation"], settings, None),
        epochs=settings.epochs,
        callbacks=callbacks,
        shuffle=False,
        verbose=0,
    )
    if not quiet:
        click.echo(f"Trained {len(display.history)} epochs in {time.perf_counter() - started:.0f} s", err=True)
    return display.history
