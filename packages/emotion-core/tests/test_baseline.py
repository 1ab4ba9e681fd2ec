"""The baselines: TF-IDF with a linear SVM, and the most frequent emotion."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC
from test_light import WITHOUT

from classifier_contract import TEXTS, check_classifier
from emotion_core import EMOTIONS, RunError, letters_only, load
from emotion_core.data.dataset import Dataset, Split
from emotion_core.errors import DataError, ModelError
from emotion_core.evaluation.metrics import compute_metrics
from emotion_core.inference.loading import load_own
from emotion_core.inference.tfidf.classifier import WEIGHTS_FILE, WORDS_FILE
from emotion_core.inference.tfidf.vectors import TfIdf
from emotion_core.runs.folder import HISTORY_FILE, MODEL_DIR, read_metrics, read_run, verify_run
from emotion_core.serving.models import load_models
from emotion_core.training.baseline import BASELINES, fit_majority, fit_svm, train_baseline
from emotion_core.training.ensemble import write_ensemble
from emotion_core.training.options import RunOptions
from shared_checks import renew_hashes, run_python_of_card

QUICK = RunOptions(extras=False, quiet=True)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, sample):
    """The run of each baseline on the sample, by its name."""
    folder = tmp_path_factory.mktemp("baselines")
    for baseline in BASELINES:
        train_baseline(baseline, sample, folder / baseline.name, 42, QUICK)
    return {baseline.name: folder / baseline.name for baseline in BASELINES}


@given(
    fitted=st.lists(st.text(st.sampled_from("aAbéß_1 -.,!\n\tİǅж中\u0301\U0001f602")), min_size=1),
    others=st.lists(st.text(), max_size=4),
)
def test_vectors_are_those_of_scikit_learn(fitted, others):
    """Whatever the script: words, counts, weights and length are the same, and so are those of texts not seen."""
    fitted = [*fitted, "two words"]
    vectorizer = TfidfVectorizer().fit(fitted)
    ours = TfIdf(vectorizer.get_feature_names_out().tolist(), vectorizer.idf_)
    texts = [*fitted, *others, " ".join(fitted).upper(), ""]
    found = np.zeros((len(texts), len(ours.words)))
    for row, text in zip(found, texts, strict=True):
        columns, values = ours.vector(text)
        row[columns] = values
    np.testing.assert_allclose(found, vectorizer.transform(texts).toarray(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("seen", [range(6), (1, 3), (0, 2, 5)], ids=["six", "two", "three"])
def test_margins_are_those_of_scikit_learn(sample, seen):
    """For two emotions, which have one hyperplane there, as well; others have the margin of none of their texts."""
    train, validation = (sample.split(name) for name in ("train", "validation"))
    train = train.take(np.flatnonzero(np.isin(train.labels, list(seen))))
    ours = fit_svm(train, 42)
    vectorizer = TfidfVectorizer()
    vectors = vectorizer.fit_transform([letters_only(text) for text in train.texts])
    theirs = LinearSVC(random_state=42).fit(vectors, train.labels)
    margins = theirs.decision_function(vectorizer.transform([letters_only(text) for text in validation.texts]))
    margins = np.stack([-margins, margins], axis=1) if len(seen) == 2 else margins
    found = np.array([
        values @ ours.coefficients[columns] + ours.intercepts
        for columns, values in (ours.vectors.vector(letters_only(text)) for text in validation.texts)
    ])  # fmt: skip
    np.testing.assert_allclose(found[:, list(seen)], margins, rtol=0, atol=1e-9)
    others = [label for label in range(6) if label not in seen]
    assert (found[:, others] == -1).all()
    powers = np.exp(found)
    np.testing.assert_allclose(
        ours.predict_proba(validation.texts), powers / powers.sum(axis=1, keepdims=True), atol=1e-6
    )


def test_the_majority_says_what_most_training_texts_have():
    """Its probabilities are the shares with one text more of each emotion, whatever the text says."""
    classifier = fit_majority(Split(["a", "b", "c", "d"], [3, 3, 1, 3]), 42)
    np.testing.assert_allclose(classifier.predict_proba(["привет", "b"]), [[0.1, 0.2, 0.1, 0.4, 0.1, 0.1]] * 2)
    assert classifier.unread(["привет", ""]) == [None, None]


@pytest.mark.parametrize("name", ["tfidf-svm", "majority"])
def test_a_baseline_keeps_the_contract(trained, tmp_path, name):
    """Loaded from its run it is a classifier like any other."""
    check_classifier(load, trained[name], tmp_path)
    assert verify_run(trained[name]) == []


@pytest.mark.parametrize("name", ["tfidf-svm", "majority"])
def test_numpy_alone_says_what_the_run_says(trained, capsys, name):
    """The code in the card opens the two files and names the same emotion."""
    run_python_of_card(trained[name])
    assert capsys.readouterr().out.strip() == load(trained[name]).predict(["i did not see that coming"])[0]


def test_the_run_is_one_of_a_training(trained, sample):
    """Only training texts are learned, only validation texts measured; the temperature of the SVM is fitted there."""
    run = trained["tfidf-svm"]
    record, metrics = read_run(run), read_metrics(run)
    words = {word for text in sample.split("train").texts for word in letters_only(text).split()}
    assert set(json.loads((run / MODEL_DIR / WORDS_FILE).read_text(encoding="utf-8"))) <= words
    validation = sample.split("validation")
    measured = compute_metrics(validation.labels, load(run).predict_proba(validation.texts))
    assert metrics.log_loss.value == pytest.approx(measured["log_loss"]["value"], rel=1e-6)
    assert record.calibration.log_loss_after < record.calibration.log_loss_before
    assert read_run(trained["majority"]).calibration is None
    assert (record.kind, record.seed, record.format, metrics.data.trained_on) == ("train", 42, "tfidf", 0)
    assert not (run / HISTORY_FILE).exists()


def test_it_is_used_without_the_libraries_that_trained_it(trained, tmp_path):
    """NumPy and click are enough to predict with it."""
    code = f"""
import sys
sys.modules |= dict.fromkeys({WITHOUT!r})
from emotion_core import load
print(*load({str(trained["tfidf-svm"])!r}).predict({TEXTS!r}))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout
    assert told.split() == load(trained["tfidf-svm"]).predict(TEXTS).tolist()


def test_the_command_makes_runs_that_the_others_take(succeed, refuse, tmp_path, monkeypatch):
    """They are predicted with, evaluated, and compared; an existing one is replaced only with --force."""
    monkeypatch.chdir(tmp_path)
    told = succeed("baseline", "--data", "sample", "--quiet").stdout
    assert [line.partition(":")[0] for line in told.splitlines()] == ["runs/tfidf-svm", "runs/majority"]
    assert "exists already" in refuse("baseline", "--data", "sample")
    compared = json.loads(succeed("compare", "runs/tfidf-svm", "runs/majority", "--json").stdout)
    assert [entry["run"] for entry in compared] == ["tfidf-svm", "majority"]


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["good day", "bad day"], [1, 1], "texts of one emotion alone"),
        (["a b", "c"], [1, 2], "no word of two letters or more"),
    ],
)
def test_texts_of_which_nothing_can_be_learned_are_refused(texts, labels, message):
    """Before scikit-learn says so in words of its own."""
    with pytest.raises(DataError, match=message):
        fit_svm(Split(texts, labels), 42)


def altered(run, tmp_path, change):
    """A copy of the run with altered weights or words, whose hashes fit."""
    copy = shutil.copytree(run, tmp_path / "altered")
    change(copy / MODEL_DIR)
    renew_hashes(copy)
    return copy


def weights_of(**arrays):
    """A function that writes arrays in the place of the weights."""
    return lambda folder: np.savez(folder / WEIGHTS_FILE, **arrays)


ZEROS = {"idf": np.zeros(2692), "coefficients": np.zeros((2692, 6)), "intercepts": np.zeros(6)}


@pytest.mark.parametrize(
    "change",
    [
        weights_of(**ZEROS | {"idf": np.zeros(3)}),
        weights_of(**ZEROS | {"intercepts": np.full(6, np.nan)}),
        weights_of(**ZEROS | {"coefficients": np.zeros((2692, 6), "S8")}),
        weights_of(**ZEROS | {"idf": np.array([print] * 2692)}),
        weights_of(idf=np.zeros(2692)),
        lambda folder: (folder / WEIGHTS_FILE).write_bytes(b"nothing"),
        lambda folder: (folder / WORDS_FILE).write_text('{"word": 1}', encoding="utf-8"),
        lambda folder: (folder / WORDS_FILE).write_text("[" * 100_000, encoding="utf-8"),
    ],
    ids=["shape", "NaN", "kind", "pickled", "missing", "no archive", "no list", "deep"],
)
def test_altered_files_are_refused(trained, tmp_path, change):
    """Nothing is unpickled, and what cannot be weights and words of each other is one message."""
    with pytest.raises(RunError, match=r"altered/model: (cannot be loaded|the weights do not fit)"):
        load(altered(trained["tfidf-svm"], tmp_path, change))


def test_a_gpu_is_not_asked(trained):
    """NumPy has none."""
    with pytest.raises(ModelError, match="on a CPU"):
        load(trained["majority"], device="gpu")


def test_baselines_are_members_of_an_ensemble(trained, tmp_path, sample):
    """Like other runs of one package; the ensemble gives the mean."""
    runs = list(trained.values())
    write_ensemble(tmp_path / "both", runs, Dataset("sample", sample.splits), load_own, QUICK)
    members = [load(run) for run in runs]
    for member in members:
        member.temperature = 1.0
    both = load(tmp_path / "both")
    both.temperature = 1.0
    expected = np.mean([member.predict_proba(TEXTS) for member in members], axis=0)
    np.testing.assert_allclose(both.predict_proba(TEXTS), expected, atol=1e-6)
    assert set(both.predict(TEXTS)) <= set(EMOTIONS)


def test_baselines_are_served(trained):
    """A service loads them as it does runs in ONNX; no text is too long for them."""
    served = load_models(list(trained.values()))
    assert [(model.name, model.format, model.max_tokens) for model in served] == [
        ("tfidf-svm", "tfidf", None),
        ("majority", "tfidf", None),
    ]
