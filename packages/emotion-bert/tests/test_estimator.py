"""The estimator of scikit-learn; what it shares with the other package's is tested in emotion-core."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import emotion_bert
from emotion_bert import EmotionClassifier
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.registry import Hyperparameters
from emotion_core.data.dataset import Dataset
from estimator_checks import (
    NO_COUNT,
    NO_NAME,
    NO_PATH,
    NO_RATE,
    NO_SEED,
    NO_SHARE,
    NO_SWITCH,
    check_copies,
    check_cross_validation,
    check_fit,
    check_parameters,
    check_refused_fit,
    check_settings,
)

TINY = {"epochs": 1, "batch_size": 16, "max_length": 32, "settings": {"patience": 1}}


def test_a_fit_predicts_what_the_run_it_keeps_predicts(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """Texts and three emotions by name: classes_ are these, and the kept run has the settings and the probabilities."""
    folder = checkpoints["cardiffroberta"].location
    estimator = EmotionClassifier(folder, **TINY, seed=7, output=tmp_path / "run")
    record = check_fit(estimator, emotion_bert.load, small_data.splits["train"])
    assert (record["checkpoint"]["source"], record["seed"]) == (folder, 7)
    recorded = record["hyperparameters"]
    assert (recorded["epochs"], recorded["max_length"], recorded["patience"]) == (1, 32, 1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "gpt"}, "gpt: no such model. Choose one of bertweet"),
        ({"recipe": "best"}, "minilm has no recipe 'best'"),
        ({"settings": {"units": 3}}, "'units' is no setting; there are epochs"),
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
        "model": NO_PATH,
        "recipe": NO_NAME,
        "epochs": NO_COUNT,
        "batch_size": NO_COUNT,
        "learning_rate": NO_RATE,
        "max_length": NO_COUNT,
        "typos": NO_SHARE,
        "settings": ["epochs=3", [("epochs", 3)], 3],
        "precision": ["fp16", None, 16],
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


def test_a_fitted_estimator_can_be_pickled_and_copied(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """It predicts the same after pickle, copy and joblib, as cross-validation in several processes needs it."""
    split, texts = small_data.splits["train"], ["what a day", "no"]
    fitted = EmotionClassifier(checkpoints["cardiffroberta"].location, **TINY).fit(split.texts, split.labels)
    check_copies(fitted, texts, tmp_path)


def test_stating_an_estimator_is_quick() -> None:
    """torch is not imported before it is needed, in the fit."""
    code = "import emotion_bert, sys; emotion_bert.EmotionClassifier(); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.acceptance
def test_folds_are_fitted_in_processes_of_their_own(checkpoints: dict[str, Checkpoint], small_data: Dataset) -> None:
    """Cross-validation with several processes gives back estimators that predict."""
    estimator = EmotionClassifier(checkpoints["cardiffroberta"].location, **TINY)
    check_cross_validation(estimator, small_data.splits["train"])
