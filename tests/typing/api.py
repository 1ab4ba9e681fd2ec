"""A user's code for every public name of the three packages: never run, accepted by mypy --strict.

A name that a type checker takes for Any fails here: ``assert_type`` finds it, and so does a ``type: ignore`` that is no
longer needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import emotion_bert
import emotion_core
import emotion_rnn
from emotion_core import (
    EMOTION_TO_ID,
    EMOTIONS,
    ID_TO_EMOTION,
    Classifier,
    Columns,
    DataError,
    Dataset,
    EmotionError,
    EmotionEstimator,
    LabelMap,
    MissingLibraryError,
    ModelError,
    RunError,
    Split,
    apply_temperature,
    audit_dataset,
    behave,
    compare_predictions,
    compare_runs,
    compute_metrics,
    evaluate_frame,
    fingerprint,
    fit_temperature,
    k_fold,
    letters_only,
    load,
    load_dataset,
    parse_label,
    predict_emotions,
    predict_frame,
    renormalize,
    social_media,
    split_texts,
    transfer,
)

assert_type(EMOTIONS, tuple[str, ...])
assert_type(EMOTION_TO_ID, dict[str, int])
assert_type(ID_TO_EMOTION, dict[int, str])
assert_type((emotion_core.__version__, emotion_rnn.__version__, emotion_bert.__version__), tuple[str, str, str])


def data(folder: Path) -> pd.DataFrame:
    """Load, check, describe and split data."""
    columns = Columns("body", label="mood", on_bad_rows="drop", label_map=LabelMap.read(folder / "map.json"))
    dataset = assert_type(load_dataset(folder, columns), Dataset)
    split = assert_type(dataset.split("train"), Split)
    assert_type(Split(split.texts, split.labels), Split)
    assert_type(dataset.describe(), dict[str, Any])
    assert_type(audit_dataset(dataset), dict[str, Any])
    assert_type(fingerprint(split), str)
    assert_type(split_texts(split, {"train": 0.8, "validation": 0.2}, seed=1), dict[str, Split])
    assert_type(k_fold(split, folds=5, seed=1), Iterator[tuple[Split, Split]])
    assert_type(parse_label("joy"), int)
    assert_type(letters_only(social_media("a text")), str)
    return assert_type(split.frame(), pd.DataFrame)


def runs(run: Path) -> tuple[Classifier, Classifier]:
    """Load the runs of both packages, each by two ways."""
    rnn = assert_type(emotion_rnn.load(run, device="cpu"), Classifier)
    assert_type(emotion_rnn.RNNClassifier.load(str(run)), emotion_rnn.RNNClassifier)
    bert = assert_type(emotion_bert.load(run, device="cpu"), Classifier)
    loaded = emotion_bert.TransformerClassifier.load_folder(run / "model", "social_media", 128)
    assert_type(loaded, emotion_bert.TransformerClassifier)
    assert_type(compare_runs([run, str(run)]), list[dict[str, Any]])
    assert_type(load(run, device="cpu"), Classifier)
    return rnn, bert


def predictions(classifier: Classifier, frame: pd.DataFrame, labels: NDArray[np.int64]) -> None:
    """Predict, calibrate, measure and compare."""
    probabilities = assert_type(classifier.predict_proba(["a text"], progress=print), NDArray[np.float32])
    temperature = assert_type(fit_temperature(probabilities, labels), float)
    assert_type(apply_temperature(probabilities, temperature), NDArray[np.float32])
    assert_type(renormalize(probabilities, ["joy", "anger"]), NDArray[np.float64])
    assert_type(classifier.predict(["a text"]), NDArray[np.str_])
    assert_type(classifier.classes_, NDArray[np.str_])
    assert_type(classifier("a text"), dict[str, float])
    assert_type(compute_metrics(labels, probabilities), dict[str, Any])
    predicted = probabilities.argmax(axis=1)
    assert_type(compare_predictions(labels, predicted, predicted), dict[str, Any])
    assert_type(predict_emotions(classifier, frame["text"], abstain_below=0.5), list[str | None])
    assert_type(predict_emotions(classifier, frame["text"], neutral_threshold=0.5), list[str | None])
    assert_type(predict_frame(classifier, frame, "text", only=("joy", "anger")), pd.DataFrame)
    assert_type(behave(classifier, ["negation"], examples=3, seed=1), dict[str, Any])
    told = transfer({"mine": classifier}, [load_dataset("sample")], split="test", abstain_below=0.6)
    assert_type(told, dict[str, Any])
    metrics, _ = evaluate_frame(classifier, frame, "text", "label", speed=True)
    assert_type(metrics, dict[str, Any])


def estimators(frame: pd.DataFrame) -> list[EmotionEstimator]:
    """Fit and predict as in scikit-learn."""
    gru = emotion_rnn.EmotionClassifier("gru", epochs=2, settings={"bidirectional": False}, output=Path("runs/gru"))
    minilm = emotion_bert.EmotionClassifier("minilm", recipe="tuned", typos=0.1, precision="bf16", quiet=False)
    assert_type(gru.fit(frame["text"], frame["label"]), emotion_rnn.EmotionClassifier)
    assert_type(minilm.fit(frame["text"], frame["label"]), emotion_bert.EmotionClassifier)
    assert_type(minilm.predict_proba(["a text"]), NDArray[np.float64])
    assert_type(minilm.predict(["a text"]), NDArray[Any])
    assert_type(minilm("a text"), dict[Any, float])
    assert_type(minilm.classifier_, Classifier)
    return [gru, minilm]


def failures(folder: Path) -> EmotionError | None:
    """Catch what can go wrong."""
    try:
        load_dataset(folder)
    except (DataError, MissingLibraryError, ModelError, RunError) as error:
        return assert_type(error, DataError | MissingLibraryError | ModelError | RunError)
    return None


def mistakes(run: Path) -> None:
    """What a type checker refuses."""
    load_dataset(1, 2, 3, nonsense=4)  # type: ignore[call-arg, arg-type]
    emotion_rnn.load(run, 1)  # type: ignore[arg-type]
    emotion_bert.load(run, gpu=True)  # type: ignore[call-arg]
    emotion_rnn.EmotionClassifier(epoch=3)  # type: ignore[call-arg]
    emotion_bert.load(run)(["a text"])  # type: ignore[arg-type]
    emotion_bert.nonsense  # type: ignore[attr-defined]  # noqa: B018


class Own(Classifier):
    """A user's classifier, which has all that those of the packages have."""

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """The same for every text."""
        return np.full((len(texts), 6), 1 / 6, dtype=np.float32)


assert_type(Own().predict_proba(["a text"]), NDArray[np.float32])
