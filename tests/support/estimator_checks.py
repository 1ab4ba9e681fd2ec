"""What the tests of both packages' estimators check in the same way."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_validate

from emotion_core.classifier import Classifier
from emotion_core.data.dataset import Split
from emotion_core.errors import ModelError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json, verify_run
from emotion_core.training.estimator import EmotionEstimator

SEEN = ["joy", "love", "sadness"]
"""The emotions that `check_fit` shows an estimator, in the order of its ``classes_``."""


def check_fit(estimator: EmotionEstimator, load: Callable[[Path], Classifier], train: Split) -> dict[str, Any]:
    """Fit a clone on three emotions, and see to it that it predicts what its run does.

    Args:
        estimator: with an ``output``.
        load: of the package.
        train: texts of all six emotions.

    Returns:
        The record of the run.
    """
    output = Path(str(estimator.output))
    chosen = train.take(np.flatnonzero(train.labels < len(SEEN)))
    fitted = clone(estimator).fit(chosen.texts, [EMOTIONS[label] for label in chosen.labels])
    assert fitted.classes_.tolist() == SEEN
    assert [path.name for path in output.parent.iterdir()] == [output.name]
    assert verify_run(output) == []

    texts = chosen.texts[::10]
    of_run = load(output).predict_proba(texts)[:, [EMOTIONS.index(name) for name in SEEN]]
    expected = of_run / of_run.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.predict_proba(texts), expected, rtol=1e-5)
    assert fitted.predict(texts).tolist() == [SEEN[row.argmax()] for row in expected]
    return read_json(output, "run.json")


def check_refused_fit(estimator: EmotionEstimator, message: str, train: Split) -> None:
    """Raise an AssertionError unless a fit ends with a ModelError whose message matches."""
    with pytest.raises(ModelError, match=message):
        estimator.fit(train.texts, train.labels)


NO_SWITCH: Sequence[object] = (1, "yes", None, np.array([True, False]))
NO_PATH: Sequence[object] = (3, "", " ", "a\0b", b"folder", ["folder"])
NO_COUNT: Sequence[object] = (0, -1, 1.5, "3", True, float("nan"), 10**20, [3])
NO_SHARE: Sequence[object] = (-0.1, 1, float("nan"), float("inf"), "0.3", True, 1j)
NO_RATE: Sequence[object] = (0, -1e-3, float("nan"), float("inf"), "1e-3", [1e-3])
NO_SEED: Sequence[object] = (-1, 2**32, 0.5, "42", None, True, np.random.RandomState(0))
NO_NAME: Sequence[object] = (3, "", b"name", ["name"])


def check_parameters(kind: type[EmotionEstimator], wrong: Mapping[str, Sequence[object]]) -> None:
    """Raise an AssertionError unless fit refuses each wrong value of each parameter and names both.

    Args:
        kind: of estimator, all of whose parameters have defaults.
        wrong: values by parameter, of all parameters.
    """
    assert set(wrong) == set(kind().get_params())
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(ModelError) as caught:
                kind(**{name: value}).fit(["looked at later"], ["joy"])
            assert re.match(f"{name}: found {re.escape(repr(value)[:40])}.*, expected ", str(caught.value)), value


def check_settings(kind: type[EmotionEstimator], hyperparameters: type) -> None:
    """Raise an AssertionError unless fit refuses a setting of a wrong type, whichever of the settings it is."""
    for field in dataclasses.fields(hyperparameters):
        for value in (object(), None, [1]):
            with pytest.raises(ModelError, match=f"^{field.name}: found .*, expected "):
                kind(settings={field.name: value}).fit(["looked at later"], ["joy"])


def check_copies(classifier: Classifier | EmotionEstimator, texts: Sequence[str], folder: Path) -> None:
    """Raise an AssertionError unless a pickled, a copied and a stored classifier predicts what the first one does."""
    expected = classifier.predict_proba(texts)
    joblib.dump(classifier, folder / "classifier.joblib")
    copies = (
        pickle.loads(pickle.dumps(classifier)),
        copy.deepcopy(classifier),
        joblib.load(folder / "classifier.joblib"),
        copy.deepcopy(pickle.loads(pickle.dumps(classifier))),
    )
    for other in copies:
        np.testing.assert_allclose(other.predict_proba(texts), expected, atol=1e-6)


def check_cross_validation(estimator: EmotionEstimator, train: Split) -> None:
    """Raise an AssertionError unless what two processes fit comes back and scores here what it scored there."""
    texts, labels = np.array(train.texts, object), np.array(train.labels)
    folds = list(StratifiedKFold(2).split(texts, labels))
    found = cross_validate(
        estimator, texts, labels, cv=folds, n_jobs=2, return_estimator=True, scoring="accuracy", error_score="raise"
    )
    for fitted, (_, held_out), score in zip(found["estimator"], folds, found["test_score"], strict=True):
        assert accuracy_score(labels[held_out], fitted.predict(texts[held_out])) == score
