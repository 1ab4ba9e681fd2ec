"""What every model has to beat: a linear SVM on TF-IDF, and the most frequent emotion."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Dataset, Split
from emotion_core.errors import DataError
from emotion_core.imports import PROGRAM, needs
from emotion_core.inference.tfidf.classifier import TfIdfClassifier
from emotion_core.inference.tfidf.vectors import TfIdf
from emotion_core.labels import N_EMOTIONS
from emotion_core.runs.definition import TRAINING_SPLITS, data_definition
from emotion_core.runs.layouts import TFIDF
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.writer import RunWriter
from emotion_core.training.finish import finish_training_run
from emotion_core.training.options import RunOptions

CLEANING = "letters_only"
SVM = {"C": 1.0, "loss": "squared_hinge"}
"""The defaults of scikit-learn, so that a reader knows what was compared with."""

ITERATIONS = 10_000
NEVER = -1.0
"""The margin of an emotion without training texts: what the SVM aims at for texts of other emotions."""


@dataclass(frozen=True)
class Baseline:
    """A model that trains in seconds.

    Attributes:
        name: of the model and of its run folder.
        fit: trains on a split with a seed.
        settings: that decide the result, by name.
        calibrated: fit a temperature on validation, if that is asked for.
    """

    name: str
    fit: Callable[[Split, int], TfIdfClassifier]
    settings: dict[str, Any]
    calibrated: bool


def train_baseline(baseline: Baseline, dataset: Dataset, output: Path, seed: int, options: RunOptions) -> Metrics:
    """Train on the train split and write the run folder ``output``.

    Nothing is chosen on the validation split but the temperature.

    Args:
        baseline: one of `BASELINES`.
        dataset: with the splits train and validation.
        output: the run folder to make.
        seed: of the training.
        options: whether to replace the run folder, to calibrate, to measure the speed and draw figures.

    Returns:
        The metrics on validation, measured on the saved and reloaded model.

    Raises:
        DataError: the training texts have a single emotion, or no words.
        RunError: the output is in the way or cannot be written.
        MissingLibraryError: scikit-learn is not installed.
    """
    options = dataclasses.replace(options, calibrate=options.calibrate and baseline.calibrated)
    with RunWriter(output, "train", force=options.force) as run:
        classifier = baseline.fit(dataset.split("train"), seed)
        classifier.save(run.model_dir)
        run.record = replace(
            run.record,
            package=PROGRAM,
            model=baseline.name,
            format=TFIDF.name,
            seed=seed,
            hyperparameters=baseline.settings,
            text_cleaning=CLEANING,
            parameters=classifier.n_weights,
            definition={
                "model": baseline.name,
                "settings": baseline.settings,
                "data": data_definition(dataset, *TRAINING_SPLITS),
                "calibrated": options.calibrate,
                "seed": seed,
            },
        )
        reloaded = TfIdfClassifier.load_folder(run.model_dir, CLEANING)
        return finish_training_run(run, reloaded, dataset, [], options)


def fit_svm(train: Split, seed: int) -> TfIdfClassifier:
    """A linear SVM on TF-IDF with the defaults of scikit-learn, one emotion against the rest.

    The softmax of its margins is what its probabilities are made of. That keeps their order and is not calibrated; the
    temperature, which is fitted on validation as for every model, does that.

    Args:
        train: texts of at least two emotions.
        seed: of the order in which the solver takes them, where it draws one.

    Raises:
        DataError: there is one emotion alone, or no text has a word.
    """
    needs("study", "sklearn", who="emotion-core baseline")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    present = np.unique(train.labels)
    if len(present) < 2:
        raise DataError("The train split has texts of one emotion alone, expected at least two. Add texts of others.")
    vectorizer = TfidfVectorizer()
    try:
        vectors = vectorizer.fit_transform(CLEANERS[CLEANING](text) for text in train.texts)
    except ValueError as error:
        raise DataError("The train split has no word of two letters or more. Give other texts.") from error
    svm = LinearSVC(**SVM, dual="auto", max_iter=ITERATIONS, random_state=seed).fit(vectors, train.labels)
    # Of two classes scikit-learn keeps one hyperplane, whose other side is the first class.
    sides = np.array([-1.0, 1.0])[:, None] if len(present) == 2 else np.ones((1, 1))
    coefficients = np.zeros((len(vectorizer.vocabulary_), N_EMOTIONS))
    coefficients[:, present] = (sides * svm.coef_).T
    intercepts = np.full(N_EMOTIONS, NEVER)
    intercepts[present] = sides[:, 0] * svm.intercept_
    words = vectorizer.get_feature_names_out().tolist()
    return TfIdfClassifier(TfIdf(words, vectorizer.idf_), coefficients, intercepts, CLEANING)


def fit_majority(train: Split, seed: int) -> TfIdfClassifier:
    """The most frequent emotion of the training texts, whatever a text says.

    Its probabilities are the shares of the emotions, counted with one text more of each, so that none is impossible
    (Laplace's rule of succession). They need no temperature.

    Args:
        train: the training texts.
        seed: changes nothing.
    """
    counts = np.bincount(train.labels, minlength=N_EMOTIONS).astype(np.float64) + 1
    shares = np.log(counts / counts.sum())
    return TfIdfClassifier(TfIdf([], np.zeros(0)), np.zeros((0, N_EMOTIONS)), shares, CLEANING)


BASELINES = (
    Baseline("tfidf-svm", fit_svm, SVM, calibrated=True),
    Baseline("majority", fit_majority, {}, calibrated=False),
)
