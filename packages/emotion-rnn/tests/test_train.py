"""Training: what the run folder holds and which weights are kept."""

from __future__ import annotations

import csv
import dataclasses
import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import TINY

from emotion_core.dataset import Dataset
from emotion_core.errors import DataError, RunError
from emotion_core.run_folder import read_json, read_run, verify_run
from emotion_rnn.backend import keras
from emotion_rnn.classifier import MODEL_FILE
from emotion_rnn.registry import ARCHITECTURES
from emotion_rnn.train import train


def embedding_of(run: Path) -> tuple[dict[str, int], np.ndarray]:
    """The vocabulary with its ids and the word vectors of a saved model."""
    model = keras.saving.load_model(run / "model" / MODEL_FILE, compile=False)
    vocabulary = model.get_layer("vectorizer").get_vocabulary()
    return {word: number for number, word in enumerate(vocabulary)}, model.layers[-1].get_layer(
        "embedding"
    ).get_weights()[0]


def test_the_run_folder_is_complete_and_unaltered(gru_run: Path) -> None:
    """A run holds everything that a run must, and its files have the hashes it records."""
    expected = {"run.json", "metrics.json", "history.csv", "predictions.csv", "figures", "model", "README.md"}
    assert {file.name for file in gru_run.iterdir()} == expected
    assert verify_run(gru_run) == []
    record = read_run(gru_run)
    assert (record["package"], record["model"], record["seed"]) == ("emotion-rnn", "gru", 1)
    assert record["text_cleaning"] == "letters_only"
    assert record["hyperparameters"] == dataclasses.asdict(TINY)
    assert record["data"]["splits"]["train"]["rows"] == 120


def test_the_saved_model_has_no_optimizer_state(gru_run: Path) -> None:
    """The .keras file holds the weights of the layers alone, as many as the run records."""
    with zipfile.ZipFile(gru_run / "model" / MODEL_FILE) as archive:
        weights = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    sizes: dict[str, int] = {}
    weights.visititems(lambda name, item: sizes.update({name: item.size} if isinstance(item, h5py.Dataset) else {}))
    assert not [name for name in sizes if "optimizer" in name]
    assert sum(sizes.values()) == read_run(gru_run)["parameters"]


def test_the_epoch_with_the_lowest_validation_loss_is_kept(small_data: Dataset, tmp_path: Path) -> None:
    """The log loss of the saved model is the lowest validation loss of the history, though later epochs were worse."""
    settings = dataclasses.replace(TINY, units=16, epochs=40, learning_rate=0.05, patience=2)
    metrics = train(ARCHITECTURES["gru"], settings, small_data, tmp_path / "run", seed=3, quiet=True)
    with (tmp_path / "run" / "history.csv").open(encoding="utf-8", newline="") as file:
        losses = [float(row["val_loss"]) for row in csv.DictReader(file)]
    assert losses[-1] > min(losses)
    assert len(losses) == losses.index(min(losses)) + 1 + settings.patience
    assert metrics["log_loss"]["value"] == pytest.approx(min(losses), rel=1e-3)


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_one_seed_gives_one_result(name: str, small_data: Dataset, tmp_path: Path) -> None:
    """Two trainings with one seed predict the same, one with another seed does not."""
    tables = []
    for number, seed in enumerate((5, 5, 6)):
        output = tmp_path / str(number)
        train(ARCHITECTURES[name], TINY, small_data, output, seed=seed, quiet=True)
        tables.append((output / "predictions.csv").read_bytes())
    assert tables[0] == tables[1]
    assert tables[0] != tables[2]


@pytest.mark.parametrize("freeze", [True, False])
def test_frozen_vectors_stay_and_others_learn(freeze: bool, small_data: Dataset, tmp_path: Path) -> None:
    """After a training with GloVe vectors, frozen ones are those of the file and others have moved."""
    glove = tmp_path / "glove.txt"
    glove.write_text("the 1 2 3\nmy -1 -2 -3\ni 0.5 0.5 0.5\n", encoding="utf-8")
    settings = dataclasses.replace(TINY, freeze_embedding=freeze)
    train(ARCHITECTURES["lstm"], settings, small_data, tmp_path / "run", seed=1, glove=glove, quiet=True)
    index, vectors = embedding_of(tmp_path / "run")
    assert np.array_equal(vectors[index["my"]], np.array([-1, -2, -3], np.float32)) is freeze
    record = read_run(tmp_path / "run")
    assert record["glove"]["file"] == "glove.txt"
    assert record["hyperparameters"]["embedding_dimension"] == 3
    assert 0 < record["glove"]["coverage"]["types"] < record["glove"]["coverage"]["tokens"] < 1


def test_a_training_that_fails_leaves_nothing_behind(small_data: Dataset, tmp_path: Path) -> None:
    """After an error neither the run folder nor a part of it is there."""
    with pytest.raises(DataError):
        train(ARCHITECTURES["gru"], TINY, small_data, tmp_path / "run", seed=1, glove=tmp_path / "absent", quiet=True)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_replaced_only_by_force(gru_run: Path, small_data: Dataset) -> None:
    """Training into an existing folder is refused, and the folder stays as it was."""
    before = read_json(gru_run, "metrics.json")
    with pytest.raises(RunError, match="--force"):
        train(ARCHITECTURES["gru"], TINY, small_data, gru_run, seed=2, quiet=True)
    assert read_json(gru_run, "metrics.json") == before
