"""Tests of what the model packages' estimators have in common, on a classifier that is trained in milliseconds."""

from __future__ import annotations

import dataclasses
import tempfile

import numpy as np
import pandas as pd
import pytest
from conftest import WordClassifier
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from emotion_core import EMOTIONS, Classifier, DataError, EmotionEstimator, ModelError


@dataclasses.dataclass(frozen=True)
class Smoothing:
    """The settings of the estimator below."""

    alpha: float = 0.1
    fit_prior: bool = True


class Words(EmotionEstimator):
    """Naive Bayes on counts of words, with the parameters that every estimator has."""

    def __init__(self, alpha=None, settings=None, seed=42, output=None):
        self.alpha = alpha
        self.settings = settings
        self.seed = seed
        self.output = output

    def _train(self, dataset, output):
        self.dataset_, self.folder_ = dataset, output.parent
        self.settings_ = self._chosen(Smoothing(), self.settings)
        output.mkdir()
        train = dataset.split("train")
        return WordClassifier.fit(train.texts, train.labels, self.settings_.alpha)


class OnNumbers(Words):
    """The same on what scikit-learn's checks feed: a row of numbers becomes a text, and the labels are ids."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.one_d_array = tags.input_tags.string = False
        return tags

    def fit(self, X, y):
        """Count the columns, as every estimator of tables does."""
        validate_data(self, X)
        return super().fit(X, y)

    def _texts(self, X):
        rows = validate_data(self, X, reset=False, dtype=np.float64)
        spelled = str.maketrans("0123456789-.", "abcdefghijkl")
        return [" ".join(f"{value:.0f} {value:.6f}" for value in row).translate(spelled) for row in rows]


def expected_failures(estimator):
    """The checks that cannot pass, with the reasons."""
    return {
        "check_classifiers_classes": "its labels are 'one' and 'two', which are no emotions",
        "check_classifiers_regression_target": "a label that is no emotion is told with its row, in words of our own",
        "check_fit2d_1sample": "too few texts to hold some out are told in words of our own",
    }


@parametrize_with_checks([OnNumbers()], expected_failed_checks=expected_failures)
def test_scikit_learns_own_checks(estimator, check):
    """The estimator does what scikit-learn expects of any, but for what is listed above."""
    check(estimator)


def test_the_tags_say_that_it_takes_texts():
    """Other tools learn from the tags that X holds strings and has one dimension."""
    tags = get_tags(Words())
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (True, True, False)
    assert (tags.estimator_type, tags.target_tags.required) == ("classifier", True)


@pytest.fixture(scope="module")
def texts(sample):
    """The training texts of the sample."""
    return sample.split("train").frame()["text"]


@pytest.fixture(scope="module")
def names(sample):
    """Their emotions."""
    return [EMOTIONS[label] for label in sample.split("train").labels]


def test_names_and_ids_train_the_same_classifier(sample, texts, names):
    """classes_ are the labels as they were given, sorted, and the columns of probabilities are in their order."""
    ids = sample.split("train").frame()["label"]
    by_name, by_id = Words().fit(texts, names), Words().fit(texts.tolist(), ids)
    assert by_name.classes_.tolist() == sorted(EMOTIONS)
    assert by_id.classes_.tolist() == list(range(6))
    order = [EMOTIONS.index(name) for name in by_name.classes_]
    np.testing.assert_allclose(by_name.predict_proba(texts), by_id.predict_proba(texts)[:, order], rtol=1e-9)
    assert by_name.predict(texts).tolist() == [EMOTIONS[label] for label in by_id.predict(texts)]


def test_emotions_that_were_not_seen_share_out_their_probability(texts, names):
    """With three emotions in y there are three columns, in proportion to the model's own, and rows sum to 1."""
    chosen = [name in ("joy", "fear", "love") for name in names]
    fitted = Words().fit(texts[chosen], np.array(names)[chosen])
    assert fitted.classes_.tolist() == ["fear", "joy", "love"]

    class Flat(Classifier):
        def raw_probabilities(self, texts, progress):
            return np.tile(np.float32([0.1, 0.2, 0.1, 0.1, 0.1, 0.4]), (len(texts), 1))

    fitted.classifier_ = Flat()
    np.testing.assert_allclose(fitted.predict_proba(["any"]), [[0.25, 0.5, 0.25]], rtol=1e-6)
    assert fitted.predict(["any"]).tolist() == ["joy"]


def test_one_text_is_ranked_and_others_are_refused_as_by_a_classifier(texts, names):
    """A call gives the classes, best first; what is no list of texts is a TypeError that calls it X."""
    fitted = Words().fit(texts, names)
    told = fitted(texts[0])
    assert sorted(told) == sorted(EMOTIONS)
    assert next(iter(told)) == fitted.predict(texts[:1])[0]
    for nothing, message in (
        ("a day", "X: found one text"),
        (["a day", None], "X, row 1: found None"),
        (None, "X: found N"),
    ):
        with pytest.raises(TypeError, match=f"^{message}"):
            fitted.predict(nothing)
    with pytest.raises(TypeError, match="expected one text"):
        fitted(["a day"])


def test_validation_is_held_out_of_the_texts_with_the_seed(texts, names):
    """A tenth of the texts, of every emotion, goes to the validation split, another one with another seed."""
    splits = [Words(seed=seed).fit(texts, names).dataset_.splits for seed in (1, 1, 2)]
    assert {name: len(frame) for name, frame in splits[0].items()} == {"train": 540, "validation": 60}
    assert len(set(splits[0]["validation"].labels)) == 6
    held_out = [set(split["validation"].texts) for split in splits]
    assert held_out[0] == held_out[1] != held_out[2]


def test_the_temporary_folder_is_gone_after_a_fit_and_after_a_failed_one(texts, names, tmp_path, monkeypatch):
    """Whether or not the training succeeds, nothing stays in the folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Words().fit(texts, names).folder_.parent == tmp_path
    with pytest.raises(ModelError, match="'beta' is no setting; there are alpha, fit_prior"):
        Words(settings={"beta": 1}).fit(texts, names)
    assert list(tmp_path.iterdir()) == []


def test_the_run_folder_is_kept_where_output_says(texts, names, tmp_path):
    """With output, the training writes there."""
    Words(output=tmp_path / "kept").fit(texts, names)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_parameters_go_before_the_defaults(texts, names):
    """A parameter that is None leaves the default; a number of NumPy becomes one that JSON can hold."""
    assert Words().fit(texts, names).settings_ == Smoothing()
    chosen = Words(alpha=np.float64(2), settings={"fit_prior": False}).fit(texts, names).settings_
    assert chosen == Smoothing(2.0, fit_prior=False)
    assert type(chosen.alpha) is float
    with pytest.raises(ModelError, match="'alpha' is given as a parameter, too"):
        Words(alpha=1.0, settings={"alpha": 2.0}).fit(texts, names)


def test_scikit_learns_tools_take_it(texts, names):
    """Cross-validation, a grid search over its parameters, and a pipeline around it work on texts and names."""
    scores = cross_val_score(Words(), texts, names, cv=3, scoring="neg_log_loss")
    assert np.isfinite(scores).all()
    pipeline = make_pipeline(FunctionTransformer(lambda column: [text.lower() for text in column]), Words())
    search = GridSearchCV(pipeline, {"words__alpha": [0.1, 1e6]}, cv=2, error_score="raise").fit(texts, names)
    assert search.best_params_ == {"words__alpha": 0.1}
    assert search.score(texts, names) > 0.5


def test_a_clone_is_not_fitted_and_has_the_parameters(texts, names):
    """clone copies the parameters of a fitted estimator and nothing that it learned."""
    copy = clone(Words(alpha=2.0).fit(texts, names))
    assert copy.get_params() == Words(alpha=2.0).get_params()
    with pytest.raises(NotFittedError):
        copy.predict(["any"])


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ("one text", ["joy"], r'X: found one text, expected several. Put it into a list: \["one text"\]'),
        (
            pd.DataFrame({"text": ["a", "b"]}),
            ["joy", "fear"],
            r"X: found \w+ of shape \(2, 1\).*one column",
        ),
        (["a", 3], ["joy", "fear"], r"X, row 1: found int 3, expected a text"),
        (["a", " "], ["joy", "fear"], r"X and y, row 1: found an empty text"),
        (["a", "b"], ["joy", "glee"], r"X and y, row 1: found label 'glee', expected an id or a name"),
        (["a", "b"], ["joy"], r"found 2 texts in X and 1 labels in y"),
        (["a", "b"], ["joy", "Joy"], r"two names for one emotion: 'Joy', 'joy'"),
        (["a", "b"], ["joy", "fear"], r"The 2 rows cannot be split"),
    ],
)
def test_a_mistake_in_the_data_is_told(X, y, message):
    """What is wrong is said with its row before anything is trained."""
    with pytest.raises(DataError, match=message):
        Words().fit(X, y)
