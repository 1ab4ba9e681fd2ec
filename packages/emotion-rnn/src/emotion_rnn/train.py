"""Train a recurrent classifier and write its run folder."""

from __future__ import annotations

import dataclasses
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
from emotion_rnn.fit import fit
from emotion_rnn.glove import coverage, read_vectors
from emotion_rnn.vectorize import bucketed, make_vectorizer, word_ids

CLEANING = letters_only


def train(
    architecture: Architecture,
    settings: Hyperparameters,
    dataset: Dataset,
    output: Path,
    *,
    seed: int,
    glove: str | Path | None = None,
    unknown_words: str = "random",
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
        vectors, glove_record = _glove(glove, unknown_words, vocabulary, ids["train"], seed, quiet=quiet)
        network = build_network(architecture, settings, len(vocabulary), vectors)
        batches = {
            "train": bucketed(ids["train"], labels["train"], settings, seed),
            "validation": bucketed(ids["validation"], labels["validation"], settings, None),
        }
        fit(network, settings, batches, display := TrainingProgress(settings.epochs, quiet=quiet))
        display.summarize()
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
        return finish_training_run(run, reloaded, dataset, display.history)


def _recorded_settings(settings: Hyperparameters, vectors: NDArray[np.float32] | None) -> dict[str, Any]:
    recorded = dataclasses.asdict(settings)
    if vectors is not None:
        recorded["embedding_dimension"] = vectors.shape[1]
    return recorded


def _glove(
    name_or_path: str | Path | None,
    unknown_words: str,
    vocabulary: list[str],
    train_ids: list[NDArray[np.int32]],
    seed: int,
    *,
    quiet: bool,
) -> tuple[NDArray[np.float32] | None, dict[str, Any] | None]:
    """The initial vectors, and what the run records of them."""
    if name_or_path is None:
        return None, None
    vectors = read_vectors(name_or_path, vocabulary, seed, unknown_words)
    covered = coverage(vectors, train_ids)
    if not quiet:
        skipped = f"; skipped {vectors.malformed_lines} malformed lines" if vectors.malformed_lines else ""
        click.echo(
            f"GloVe covers {covered['types']:.1%} of the types, {covered['tokens']:.1%} of the tokens{skipped}",
            err=True,
        )
    record = {
        "file": vectors.file,
        "sha256": vectors.sha256,
        "coverage": covered,
        "malformed_lines": vectors.malformed_lines,
        "unknown_words": unknown_words,
    }
    return vectors.matrix, record
