"""What becomes of the errors of Keras, Optuna and SQLAlchemy; those of a storage are raised in test_search_faults."""

from __future__ import annotations

import shutil
from pathlib import Path

import optuna
import pytest
import sqlalchemy

from emotion_core.errors import ModelError, RunError
from emotion_rnn import RNNClassifier
from emotion_rnn.network.backend import keras
from library_errors import check_rows, errors_in, not_mapped
from shared_checks import renew_hashes


def test_every_error_of_optuna_and_sqlalchemy_is_mapped() -> None:
    """Left out: asynchronous drivers, Optuna's command line, and a study of the same name, which is loaded."""
    check_rows("emotion-rnn")
    assert not_mapped("emotion-rnn", errors_in(sqlalchemy.exc)) <= {"EmulatedDBAPIException"}  # of SQLAlchemy 2.1
    rest = {"OptunaError", "CLIUsageError", "DuplicatedStudyError"}
    assert not_mapped("emotion-rnn", errors_in(optuna.exceptions)) == rest


def test_keras_cannot_load(gru_run: Path, tmp_path: Path) -> None:
    """A file that is no archive, with right hashes, is told with its name."""
    copy = shutil.copytree(gru_run, tmp_path / "run")
    (copy / "model" / "model.keras").write_bytes(b"no archive")
    renew_hashes(copy)
    with pytest.raises(RunError, match=r"model\.keras: cannot be loaded"):
        RNNClassifier.load(copy)


def test_tensorflow_cannot_compute() -> None:
    """A vocabulary of more words than there are vectors is told in one message."""
    words = keras.layers.TextVectorization(vocabulary=["a", "b", "c", "d"])
    layers = [words, keras.layers.Embedding(2, 6), keras.layers.GlobalAveragePooling1D(), keras.layers.Softmax()]
    with pytest.raises(ModelError, match="TensorFlow cannot compute the model"):
        RNNClassifier(keras.Sequential(layers), "letters_only", 9).predict_proba(["d"])
