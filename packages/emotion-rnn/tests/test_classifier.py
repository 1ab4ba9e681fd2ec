"""The saved classifier: loading it, and what it predicts."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY

import emotion_rnn
from classifier_contract import check_classifier
from emotion_core.classifier import apply_temperature
from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import Dataset
from emotion_core.errors import RunError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json
from emotion_rnn import RNNClassifier
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.network.backend import keras, tf
from emotion_rnn.network.options import TrainingOptions
from emotion_rnn.training.train import train
from shared_checks import (
    HARD_TEXTS,
    NO_TEXTS,
    predict_hard_texts,
    renew_hashes,
    run_python_of_card,
)


def test_the_reloaded_model_predicts_as_the_run_recorded(gru_run: Path, small_data: Dataset) -> None:
    """Loading the run and predicting its validation texts gives the probabilities in predictions.csv."""
    probabilities = RNNClassifier.load(gru_run).predict_proba(small_data.splits["validation"].texts)
    with (gru_run / "predictions.csv").open(encoding="utf-8", newline="") as file:
        recorded = [[float(row[f"probability_{name}"]) for name in EMOTIONS] for row in csv.DictReader(file)]
    np.testing.assert_allclose(probabilities, recorded, atol=1e-5)


def test_a_gru_keeps_the_contract_of_classifiers(gru_run: Path, tmp_path: Path) -> None:
    """It does what every classifier does."""
    check_classifier(emotion_rnn.load, gru_run, tmp_path)


def test_an_lstm_keeps_the_contract_of_classifiers(small_data: Dataset, tmp_path: Path) -> None:
    """It does what every classifier does."""
    settings = dataclasses.replace(TINY, epochs=1)
    train(ARCHITECTURES["lstm"], settings, small_data, tmp_path / "run", 1, options=TrainingOptions(quiet=True))
    check_classifier(emotion_rnn.load, tmp_path / "run", tmp_path)


def test_a_run_with_another_number_of_labels_ends_in_one_message(
    gru_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old run, where the installed labels are others, as in emotion-bert."""
    monkeypatch.setattr("emotion_rnn.classifier.N_EMOTIONS", 7)
    with pytest.raises(RunError, match="found 6 labels, expected"):
        RNNClassifier.load(gru_run)


def test_the_model_is_given_no_more_words_than_it_reads(gru_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of 100,000 words makes a batch no wider than the maximum, and has the probabilities of its first words."""
    classifier = RNNClassifier.load(gru_run)
    n_words, given, predict = (
        read_json(gru_run, "run.json")["hyperparameters"]["max_length"],
        [],
        classifier.model.predict_on_batch,
    )

    def traced(texts: tf.Tensor) -> np.ndarray:
        given.extend(text.decode().count(" ") + 1 for text in texts.numpy())
        return predict(texts)

    monkeypatch.setattr(classifier.model, "predict_on_batch", traced)
    long = "what a day this is " * 20_000
    probabilities = classifier.predict_proba([long, "what a day", " ".join(long.split()[:n_words])])
    assert max(given) == n_words
    np.testing.assert_allclose(probabilities[0], probabilities[2], atol=1e-6)


def test_a_text_of_unknown_words_is_foreign(gru_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vocabulary in the .keras file tells which words the network knows; this one is too small to be asked."""
    texts = ["i know that this day was so good", "Meine Oma fehlt mir jeden Tag ein bisschen mehr"]
    assert RNNClassifier.load(gru_run).foreign(texts) == [False, False]
    monkeypatch.setattr("emotion_core.data.known_words.FEWEST_OF_TRAINING", 1)
    assert RNNClassifier.load(gru_run).foreign(texts) == [False, True]


def test_the_keras_file_opens_in_plain_keras_with_safe_mode(gru_run: Path) -> None:
    """The .keras file alone, in safe mode and without this package's code, gives the probabilities at temperature 1."""
    model = keras.saving.load_model(gru_run / "model" / "model.keras", safe_mode=True)
    texts = ["What a day, can't believe it!", "so tired of all this"]
    classifier = RNNClassifier.load(gru_run)
    plain = model.predict_on_batch(tf.constant([letters_only(text) for text in texts]))
    scaled = apply_temperature(plain, classifier.temperature)
    np.testing.assert_allclose(classifier.predict_proba(texts), scaled, atol=1e-6)
    classifier.temperature = 1.0
    np.testing.assert_allclose(classifier.predict_proba(texts), plain, atol=1e-6)


def test_the_code_in_the_model_card_runs(gru_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the card says of Keras prints the emotion that the classifier predicts."""
    run_python_of_card(gru_run)
    (probabilities,) = RNNClassifier.load(gru_run).predict_proba(["i did not see that coming"])
    assert capsys.readouterr().out.splitlines()[-1] == EMOTIONS[probabilities.argmax()]


def test_the_loaded_classifier_has_the_temperature_of_the_run(warm_run: Path, tmp_path: Path) -> None:
    """It is the one that run.json records, and 1 for a run without one."""
    record = read_json(warm_run, "run.json")
    assert RNNClassifier.load(warm_run).temperature == record["calibration"]["temperature"] != 1
    copy = shutil.copytree(warm_run, tmp_path / "old")
    del record["calibration"]
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert RNNClassifier.load(copy).temperature == 1


def test_a_run_of_the_other_package_is_refused(gru_run: Path, tmp_path: Path) -> None:
    """The message names the package whose command to use."""
    copy = shutil.copytree(gru_run, tmp_path / "other")
    record = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    (copy / "run.json").write_text(json.dumps(record | {"package": "emotion-bert"}), encoding="utf-8")
    with pytest.raises(RunError, match="emotion-bert"):
        RNNClassifier.load(copy)


@pytest.mark.parametrize("stated", [None, "all", 0])
def test_a_run_that_does_not_say_how_much_it_reads_is_refused(gru_run: Path, tmp_path: Path, stated: object) -> None:
    """The message has the file and what was found."""
    copy = shutil.copytree(gru_run, tmp_path / "altered")
    record = read_json(copy, "run.json")
    record["hyperparameters"]["max_length"] = stated
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(RunError, match=rf"run\.json: found the max_length {stated!r}"):
        RNNClassifier.load(copy)


def test_a_truncated_model_file_is_named(gru_run: Path, tmp_path: Path) -> None:
    """A .keras file that was cut short ends in one message that names it."""
    copy = shutil.copytree(gru_run, tmp_path / "cut")
    path = copy / "model" / "model.keras"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    renew_hashes(copy)
    with pytest.raises(RunError, match=r"model\.keras: cannot be loaded"):
        RNNClassifier.load(copy)


def test_a_row_comes_out_for_each_text_however_hard_it_is(tmp_path: Path, gru_run: Path) -> None:
    """Each text keeps its place and its characters, and has an emotion if it has a Latin letter or an emoji."""
    rows = predict_hard_texts(RNNClassifier.load(gru_run), tmp_path)
    assert [row["text"] for row in rows] == list(HARD_TEXTS)
    expected = [text not in NO_TEXTS and bool(re.search("[A-Za-z\U0001f602]", text)) for text in HARD_TEXTS]
    assert [row["predicted_emotion"] in EMOTIONS for row in rows] == expected


def test_loading_predicting_and_training_leave_the_calling_program_as_it_is(tmp_path: Path) -> None:
    """Environment, log level, warnings, precision and random numbers are afterwards what they were."""
    code = f"""
import logging, os, random, warnings
import numpy as np

def state():
    numbers = random.getstate(), str(np.random.get_state())
    return dict(os.environ), logging.getLogger("tensorflow").level, list(warnings.filters), numbers

environment = dict(os.environ)
import keras
import emotion_rnn
from emotion_core.data.load import load_dataset
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.options import Computing, TrainingOptions
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.training.train import train

assert dict(os.environ) == environment, set(os.environ) ^ set(environment)
before, policy = state(), keras.config.dtype_policy().name
settings = Hyperparameters(units=2, embedding_dimension=4, epochs=1, batch_size=64)
computing = Computing(precision="mixed_bfloat16")
data, run = load_dataset("sample"), {str(tmp_path / "run")!r}
train(ARCHITECTURES["gru"], settings, data, run, 1, TrainingOptions(computing=computing, quiet=True))
emotion_rnn.load(run).predict_proba(["a text"])
after = state()
assert after == before, [(a, b) for a, b in zip(after, before) if a != b]
assert keras.config.dtype_policy().name == policy
"""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND")
    }
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_process_that_was_forked_after_a_prediction_is_told(gru_run: Path) -> None:
    """Instead of waiting for ever for threads that are not there, prediction and loading end with one message."""
    program = (
        "import os, sys, warnings, emotion_rnn\n"
        "warnings.simplefilter('ignore')\n"
        "classifier = emotion_rnn.load(sys.argv[1])\n"
        "classifier.predict_proba(['what a day'])\n"
        "if os.fork():\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))\n"
        "for call in (lambda: classifier.predict_proba(['what a day']), lambda: emotion_rnn.load(sys.argv[1])):\n"
        "    try:\n"
        "        call()\n"
        "    except ValueError as error:\n"
        "        print(error, flush=True)\n"
        "os._exit(0)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(gru_run)], capture_output=True, encoding="utf-8", timeout=300, check=True
    )
    assert told.stdout.count("was forked from one in which TensorFlow had computed") == 2
