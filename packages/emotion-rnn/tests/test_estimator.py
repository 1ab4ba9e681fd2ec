"""The estimator of scikit-learn; what it shares with the other package's is tested in emotion-core."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import emotion_rnn
from emotion_core.data.dataset import Dataset
from emotion_rnn import EmotionClassifier, RNNClassifier
from emotion_rnn.hyperparameters import Hyperparameters
from estimator_checks import (
    NO_COUNT,
    NO_NAME,
    NO_PATH,
    NO_RATE,
    NO_SEED,
    NO_SHARE,
    NO_SWITCH,
    check_cross_validation,
    check_fit,
    check_parameters,
    check_refused_fit,
    check_settings,
)

TINY = {"epochs": 1, "batch_size": 16, "units": 2, "settings": {"embedding_dimension": 4}}


def test_a_fit_predicts_what_the_run_it_keeps_predicts(small_data: Dataset, tmp_path: Path) -> None:
    """Texts and three emotions by name: classes_ are these, and the kept run has the settings and the probabilities."""
    estimator = EmotionClassifier("lstm", **TINY, seed=7, output=tmp_path / "run")
    record = check_fit(estimator, emotion_rnn.load, small_data.splits["train"])
    assert (record["model"], record["seed"]) == ("lstm", 7)
    recorded = record["hyperparameters"]
    assert (recorded["epochs"], recorded["units"], recorded["embedding_dimension"]) == (1, 2, 4)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "cnn"}, "cnn: no such model. Choose one of lstm, gru"),
        ({"recipe": "best"}, "gru has no recipe 'best'"),
        ({"recipe": "tuned"}, "need --glove"),
        ({"settings": {"unit": 3}}, "'unit' is no setting; there are units"),
        ({"settings": {"units": 3}, "units": 4}, "'units' is given as a parameter, too"),
    ],
)
def test_a_parameter_that_does_not_fit_is_told(
    parameters: dict[str, object], message: str, small_data: Dataset
) -> None:
    """The message comes from fit, before anything is trained, as scikit-learn wants it."""
    check_refused_fit(EmotionClassifier(**parameters), message, small_data.splits["train"])


def test_every_parameter_is_checked_before_anything_else() -> None:
    """A value that a parameter cannot have is told with the parameter and what is expected."""
    wrong = {
        "model": NO_NAME,
        "recipe": NO_NAME,
        "epochs": NO_COUNT,
        "batch_size": NO_COUNT,
        "learning_rate": NO_RATE,
        "max_length": NO_COUNT,
        "typos": NO_SHARE,
        "units": NO_COUNT,
        "dropout": NO_SHARE,
        "settings": ["units=3", [("units", 3)], 3],
        "glove": NO_PATH,
        "calibrate": NO_SWITCH,
        "seed": NO_SEED,
        "device": ["tpu", "CPU", None, 0, ["cpu"]],
        "quiet": NO_SWITCH,
        "output": NO_PATH,
    }
    check_parameters(EmotionClassifier, wrong)


def test_every_setting_is_checked() -> None:
    """Settings that have no parameter of their own are checked as those that have."""
    check_settings(EmotionClassifier, Hyperparameters)


def test_a_run_is_loaded_by_the_package(gru_run: Path) -> None:
    """emotion_rnn.load gives the classifier of a run."""
    texts = ["what a day", "no"]
    expected = RNNClassifier.load(gru_run).predict_proba(texts)
    np.testing.assert_array_equal(emotion_rnn.load(gru_run).predict_proba(texts), expected)


def test_stating_an_estimator_is_quick() -> None:
    """TensorFlow is not imported before it is needed, in the fit."""
    code = "import emotion_rnn, sys; emotion_rnn.EmotionClassifier(); sys.exit('tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.acceptance
def test_folds_are_fitted_in_processes_of_their_own(small_data: Dataset) -> None:
    """Cross-validation with several processes gives back estimators that predict."""
    check_cross_validation(EmotionClassifier("gru", **TINY), small_data.splits["train"])
