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

from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.typos.texts import EpochTypos
from emotion_core.errors import DataError, RunError
from emotion_core.runs.folder import read_json, verify_run
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.classifier import MODEL_FILE, RNNClassifier
from emotion_rnn.network.backend import keras
from emotion_rnn.network.glove import RANDOM_SCALE
from emotion_rnn.network.options import Computing, TrainingOptions, VectorOptions
from emotion_rnn.network.vectorizer import word_ids
from emotion_rnn.training.texts import ids_with_typos, prepare
from emotion_rnn.training.train import train


def embedding_of(run: Path) -> tuple[dict[str, int], np.ndarray]:
    """The vocabulary with its ids and the word vectors of a saved model."""
    model = keras.saving.load_model(run / "model" / MODEL_FILE, compile=False)
    vocabulary = model.get_layer("vectorizer").get_vocabulary()
    return {word: number for number, word in enumerate(vocabulary)}, model.layers[-1].get_layer(
        "embedding"
    ).get_weights()[0]


def test_the_run_folder_is_complete_and_unaltered(gru_run: Path) -> None:
    """A run holds everything that a run must, and its files have the hashes it records."""
    files = {"run.json", "metrics.json", "history.csv", "predictions.csv", "training_texts.npy", "README.md"}
    assert {file.name for file in gru_run.iterdir()} == {*files, "figures", "model"}
    assert verify_run(gru_run) == []
    record = read_json(gru_run, "run.json")
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
    assert sum(sizes.values()) == read_json(gru_run, "run.json")["parameters"]


def test_the_epoch_with_the_lowest_validation_loss_is_kept(small_data: Dataset, tmp_path: Path) -> None:
    """The log loss of the saved model is the lowest validation loss of the history, though later epochs were worse."""
    settings = dataclasses.replace(TINY, units=16, epochs=40, learning_rate=0.05, patience=2)
    metrics = train(
        ARCHITECTURES["gru"],
        settings,
        small_data,
        tmp_path / "run",
        3,
        options=TrainingOptions(quiet=True, extras=False, calibrate=False),
    )
    with (tmp_path / "run" / "history.csv").open(encoding="utf-8", newline="") as file:
        losses = [float(row["val_loss"]) for row in csv.DictReader(file)]
    assert losses[-1] > min(losses)
    assert len(losses) == losses.index(min(losses)) + 1 + settings.patience
    assert metrics.log_loss.value == pytest.approx(min(losses), rel=1e-3)


def test_each_epoch_reads_its_own_typing_errors(small_data: Dataset) -> None:
    """The ids are those of the mistyped texts, other ones in each epoch, and none are made unless it is asked for."""
    settings = dataclasses.replace(TINY, typos=0.5)
    prepared = prepare(small_data, settings, None, 1, quiet=True)
    of_epoch = ids_with_typos(prepared, settings, 1)
    first, second = ([row.tolist() for row in of_epoch(epoch)] for epoch in (0, 1))
    assert first != second
    assert [row.tolist() for row in of_epoch(0)] == first
    texts = [letters_only(text) for text in EpochTypos(0.5, 1).texts(small_data.splits["train"].texts, 1)]
    assert second == [row.tolist() for row in word_ids(prepared.vectorizer, texts, settings.max_length)]
    assert ids_with_typos(prepared, TINY, 1) is None


def test_typing_errors_change_a_training_and_one_seed_repeats_it(small_data: Dataset, tmp_path: Path) -> None:
    """A run records the share, two trainings with one seed agree, and one without typing errors predicts otherwise."""
    predictions = {}
    for name, share in (("first", 0.5), ("second", 0.5), ("none", 0.0)):
        settings = dataclasses.replace(TINY, typos=share)
        options = TrainingOptions(quiet=True, extras=False)
        train(ARCHITECTURES["gru"], settings, small_data, tmp_path / name, 1, options=options)
        assert read_json(tmp_path / name, "run.json")["hyperparameters"]["typos"] == share
        predictions[name] = (tmp_path / name / "predictions.csv").read_text()
    assert predictions["first"] == predictions["second"] != predictions["none"]


@pytest.mark.parametrize("name", ["gru", pytest.param("lstm", marks=pytest.mark.acceptance)])
def test_one_seed_gives_one_result(name: str, small_data: Dataset, tmp_path: Path) -> None:
    """Two trainings with one seed predict the same, one with another seed does not."""
    tables = []
    for number, seed in enumerate((5, 5, 6)):
        output = tmp_path / str(number)
        train(ARCHITECTURES[name], TINY, small_data, output, seed, options=TrainingOptions(quiet=True, extras=False))
        tables.append((output / "predictions.csv").read_bytes())
    assert tables[0] == tables[1]
    assert tables[0] != tables[2]


@pytest.mark.parametrize("freeze", [True, False])
def test_frozen_vectors_stay_and_others_learn(freeze: bool, small_data: Dataset, tmp_path: Path) -> None:
    """After a training with GloVe vectors, frozen ones are those of the file and others have moved."""
    glove = tmp_path / "glove.txt"
    glove.write_text("the 1 2 3\nmy -1 -2 -3\ni 0.5 0.5 0.5\n", encoding="utf-8")
    settings = dataclasses.replace(TINY, freeze_embedding=freeze)
    train(
        ARCHITECTURES["lstm"],
        settings,
        small_data,
        tmp_path / "run",
        seed=1,
        options=TrainingOptions(vectors=VectorOptions(glove), quiet=True, extras=False),
    )
    index, vectors = embedding_of(tmp_path / "run")
    assert np.array_equal(vectors[index["my"]], np.array([-1, -2, -3], np.float32)) is freeze
    record = read_json(tmp_path / "run", "run.json")
    assert record["glove"]["file"] == "glove.txt"
    assert record["hyperparameters"]["embedding_dimension"] == 3
    assert 0 < record["glove"]["coverage"]["types"] < record["glove"]["coverage"]["tokens"] < 1


def test_a_training_that_fails_leaves_nothing_behind(small_data: Dataset, tmp_path: Path) -> None:
    """After an error neither the run folder nor a part of it is there."""
    with pytest.raises(DataError):
        train(
            ARCHITECTURES["gru"],
            TINY,
            small_data,
            tmp_path / "run",
            seed=1,
            options=TrainingOptions(vectors=VectorOptions(tmp_path / "absent"), quiet=True, extras=False),
        )
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_replaced_only_by_force(gru_run: Path, small_data: Dataset) -> None:
    """Training into an existing folder is refused, and the folder stays as it was."""
    before = read_json(gru_run, "metrics.json")
    with pytest.raises(RunError, match="--force"):
        train(ARCHITECTURES["gru"], TINY, small_data, gru_run, 2, options=TrainingOptions(quiet=True, extras=False))
    assert read_json(gru_run, "metrics.json") == before


@pytest.fixture
def glove(tmp_path: Path) -> Path:
    """A GloVe file of three words."""
    path = tmp_path / "glove.txt"
    path.write_text("the 1 2 3\nmy -1 -2 -3\ni 0.5 0.5 0.5\n", encoding="utf-8")
    return path


def test_random_dimensions_stand_after_those_of_the_file(small_data: Dataset, glove: Path) -> None:
    """The vectors keep the numbers of the file, get small ones of the seed behind, and padding stays zero."""
    settings = dataclasses.replace(TINY, random_dimensions=4)
    first, same, other = (prepare(small_data, settings, VectorOptions(glove), seed, quiet=True) for seed in (1, 1, 2))
    assert first.vectors is not None
    row = first.vectors[first.vocabulary.index("my")]
    assert row[:3].tolist() == [-1, -2, -3]
    assert row.shape == (7,)
    assert 0 < np.abs(row[3:]).max() <= RANDOM_SCALE
    assert not first.vectors[0].any()
    np.testing.assert_array_equal(first.vectors, same.vectors)
    assert not np.array_equal(first.vectors[:, 3:], other.vectors[:, 3:])


def test_vectors_of_another_dimension_than_asked_are_refused(small_data: Dataset, glove: Path) -> None:
    """A file of 3-dimensional vectors is not taken for 100-dimensional ones, and the message says both."""
    with pytest.raises(DataError, match="3 numbers, expected 100"):
        prepare(small_data, TINY, VectorOptions(glove, dimension=100), 1, quiet=True)


def test_mixed_precision_keeps_weights_and_probabilities_in_float32(small_data: Dataset, tmp_path: Path) -> None:
    """A network that computes in bfloat16 has float32 weights, float32 probabilities that sum to 1, and says so."""
    computing = Computing(precision="mixed_bfloat16")
    try:
        train(
            ARCHITECTURES["gru"],
            TINY,
            small_data,
            tmp_path / "run",
            1,
            options=TrainingOptions(computing=computing, quiet=True, extras=False),
        )
    finally:
        keras.config.set_dtype_policy("float32")
    assert read_json(tmp_path / "run", "run.json")["precision"] == "mixed_bfloat16"
    classifier = RNNClassifier.load(tmp_path / "run")
    network = classifier.model.layers[-1]
    assert network.get_layer("embedding").compute_dtype == "bfloat16"
    assert {weight.dtype for weight in classifier.model.weights} == {"float32"}
    np.testing.assert_allclose(classifier.predict_proba(["what a day", "no"]).sum(axis=1), 1, atol=1e-5)


def test_the_kept_epoch_is_that_of_the_chosen_figure(small_data: Dataset, tmp_path: Path) -> None:
    """By accuracy, the saved model has the highest validation accuracy of the history, and the run says so."""
    settings = dataclasses.replace(TINY, units=16, epochs=25, learning_rate=0.05, patience=25, select_by="accuracy")
    metrics = train(
        ARCHITECTURES["gru"],
        settings,
        small_data,
        tmp_path / "run",
        3,
        options=TrainingOptions(quiet=True, extras=False),
    )
    with (tmp_path / "run" / "history.csv").open(encoding="utf-8", newline="") as file:
        history = list(csv.DictReader(file))
    accuracies = [float(row["val_accuracy"]) for row in history]
    assert metrics.accuracy.value == pytest.approx(max(accuracies), abs=1e-6)
    assert accuracies[-1] < max(accuracies)
    record = read_json(tmp_path / "run", "run.json")
    assert record["selected_by"] == "highest validation accuracy"
    assert record["kept_epoch"] == accuracies.index(max(accuracies)) + 1


@pytest.mark.parametrize("rows", [1, 3], ids=["one row", "one emotion"])
def test_data_of_one_emotion_are_trained_and_measured(tmp_path: Path, rows: int) -> None:
    """Five emotions that are absent from both splits are named, and nothing is divided by their number of texts."""
    frame = Split(["so glad", "lovely", "what a day"][:rows], [1] * rows)
    dataset = Dataset("mine", {"train": frame, "validation": frame}, {"train": "a.csv", "validation": "b.csv"})
    metrics = train(ARCHITECTURES["gru"], TINY, dataset, tmp_path / "run", 1, options=TrainingOptions(quiet=True))
    assert metrics.absent_classes == ["sadness", "love", "anger", "fear", "surprise"]
    assert np.isfinite(metrics.log_loss.value)
    assert verify_run(tmp_path / "run") == []
