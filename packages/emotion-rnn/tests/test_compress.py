"""Runs in ONNX: the graph says what Keras says, and is used without TensorFlow."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from conftest import TINY
from hypothesis import example, given
from hypothesis import strategies as st

import emotion_core
import emotion_rnn
from classifier_contract import TEXTS, check_classifier
from emotion_core.compression.compress import Asked, compress
from emotion_core.compression.measure import Variant
from emotion_core.compression.options import GateOptions
from emotion_core.compression.variant import PASSED
from emotion_core.data.cleaning import letters_only
from emotion_core.data.dataset import Dataset
from emotion_core.data.load import load_dataset
from emotion_core.errors import ModelError, RunError
from emotion_core.inference.encoding.words import Words
from emotion_core.inference.onnx.classifier import OnnxClassifier
from emotion_core.inference.predict import explained_rows
from emotion_core.labels import EMOTIONS
from emotion_core.reporting.compare import compare_runs
from emotion_core.runs.folder import read_json, read_metrics, verify_run
from emotion_rnn import RNNClassifier
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.cli.main import main
from emotion_rnn.compression.graph import quantize
from emotion_rnn.compression.onnx_export import save_onnx
from emotion_rnn.compression.source import HARD_TEXTS, RecurrentSource
from emotion_rnn.compression.techniques import TOOLBOX
from emotion_rnn.compression.weights import read_weights
from emotion_rnn.network.architecture import build_network, with_text_input
from emotion_rnn.network.backend import keras, tf
from emotion_rnn.network.options import Computing, TrainingOptions
from emotion_rnn.network.vectorizer import make_vectorizer
from emotion_rnn.training.train import train
from plain_texts import SERVICE, TEACHING
from shared_checks import HARD_TEXTS as STRANGE_TEXTS
from shared_checks import HEAVY_LIBRARIES, renew_hashes, run_python_of_card

pytestmark = pytest.mark.xdist_group("compress")

EXACT = 1e-6
SHORT_READING = dataclasses.replace(TINY, epochs=1, max_length=6)
NO_GATE = GateOptions(max_drop=1.0)
OLD = Path(__file__).parent / "runs_of_version_0_1" / "gru"


@pytest.fixture(scope="module")
def source(small_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> RecurrentSource:
    """A run of a GRU that reads six words of a text, to be compressed."""
    run = tmp_path_factory.mktemp("runs") / "gru"
    data = dataclasses.replace(small_data, neutral=TEACHING)
    train(ARCHITECTURES["gru"], SHORT_READING, data, run, 1, options=TrainingOptions(quiet=True))
    return RecurrentSource.read(run, small_data, "cpu", quiet=True)


@pytest.fixture(scope="module")
def variants(source: RecurrentSource, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Variant]]:
    """Every technique, applied to it."""
    output = tmp_path_factory.mktemp("variants")
    made = compress(TOOLBOX, source, Asked(list(TOOLBOX.techniques), output, NO_GATE))
    return output, {variant.name: variant for variant in made}


def test_every_technique_makes_a_run_that_is_used_like_any_other(
    variants: tuple[Path, dict[str, Variant]], source: RecurrentSource
) -> None:
    """Each variant is whole, smaller than the next larger one, and compared with the original by the same figures."""
    output, made = variants
    assert {name: (variant.state, variant.reason) for name, variant in made.items()} == dict.fromkeys(
        ("original", *TOOLBOX.techniques), (PASSED, None)
    )
    assert [verify_run(output / name) for name in TOOLBOX.techniques] == [[], []]
    assert read_metrics(output / "onnx").macro_f1.value == made["original"].result.metrics.macro_f1.value
    sizes = {name: (output / name / "model" / "model.onnx").stat().st_size for name in TOOLBOX.techniques}
    assert sizes["onnx-int8"] < sizes["onnx"] / 1.5
    ranked = compare_runs([source.run_dir, *(output / name for name in TOOLBOX.techniques)])
    assert {entry["run"] for entry in ranked} == {"gru", *TOOLBOX.techniques}


def test_the_neutral_gate_of_the_run_goes_along(
    variants: tuple[Path, dict[str, Variant]], source: RecurrentSource
) -> None:
    """Each variant tells neutral texts as the original does."""
    expected = emotion_rnn.load(source.run_dir).neutral_proba([SERVICE, *TEXTS])
    assert expected[0] > 0.5
    for name in TOOLBOX.techniques:
        np.testing.assert_array_equal(emotion_core.load(variants[0] / name).neutral_proba([SERVICE, *TEXTS]), expected)


@pytest.mark.parametrize("load", [emotion_core.load, emotion_rnn.load])
def test_a_graph_keeps_the_contract_of_classifiers(
    variants: tuple[Path, dict[str, Variant]], source: RecurrentSource, tmp_path: Path, load: object
) -> None:
    """It does what every classifier does, and says what the model says that it was exported from."""
    check_classifier(load, variants[0] / "onnx", tmp_path, original=source.classifier())


def test_the_graph_says_what_keras_says_to_a_millionth(
    variants: tuple[Path, dict[str, Variant]], source: RecurrentSource
) -> None:
    """Of texts beyond the limit, hard ones and empty ones, alone and in batches; and leaves the same ones unread."""
    graph, original = emotion_rnn.load(variants[0] / "onnx"), RNNClassifier.load(source.run_dir)
    texts = [*source.dataset.split("train").texts, *HARD_TEXTS, *STRANGE_TEXTS, *TEXTS, "love " * 5000, "love zzz " * 9]
    expected = original.predict_and_tell(texts)
    found = graph.predict_and_tell(texts)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=0, atol=EXACT)
    assert found.unread == expected.unread
    assert found.unread != [None] * len(texts)
    assert graph.truncated(texts) == original.truncated(texts)
    alone = np.concatenate([graph.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(alone, expected.probabilities, rtol=0, atol=EXACT)
    rows = ([*explained_rows(each, ({"text": text} for text in texts))] for each in (graph, original))
    assert len({tuple(row.problem for row in found) for found in rows}) == 1


@pytest.mark.parametrize("units", [3, 40])
@pytest.mark.parametrize("dense_units", [0, 5])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_becomes_a_graph(
    name: str, dense_units: int, units: int, source: RecurrentSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GRU and LSTM, with a dense layer or without, whatever the weights are: biases of both kinds and the last gate."""
    texts = source.dataset.split("train").texts
    vectorizer = make_vectorizer([letters_only(text) for text in texts], 50)
    settings = dataclasses.replace(SHORT_READING, units=units, dense_units=dense_units)
    keras.utils.set_random_seed(units)
    network = build_network(ARCHITECTURES[name], settings, len(vectorizer.get_vocabulary()), None)
    rng = np.random.default_rng(units)
    network.set_weights([rng.normal(0, 0.3, weight.shape).astype(np.float32) for weight in network.get_weights()])
    model = with_text_input(network, vectorizer, settings.max_length)
    classifier = RNNClassifier(model, "letters_only", settings.max_length)
    monkeypatch.setattr(RecurrentSource, "classifier", lambda _: classifier)
    details = save_onnx(source, tmp_path, NO_GATE)
    assert details["largest_difference"] <= EXACT
    assert len(np.unique(classifier.predict_proba(texts).round(3), axis=0)) > 50


def test_a_network_of_other_layers_is_refused(source: RecurrentSource) -> None:
    """The message names the layer, or the setting, that no graph is written for."""
    vectorizer = make_vectorizer(["a b c"], 50)

    def model_with(*layers: keras.Layer) -> keras.Model:
        head = keras.layers.Dense(6, activation="softmax")
        network = keras.Sequential([keras.Input((None,), dtype="int32"), *layers, head])
        return with_text_input(network, vectorizer, 9)

    embedding, once = keras.layers.Embedding, keras.layers.Bidirectional
    with pytest.raises(ModelError, match="a network of Embedding, GlobalAveragePooling1D, Dense"):
        read_weights(model_with(embedding(5, 3, mask_zero=True), keras.layers.GlobalAveragePooling1D()))
    with pytest.raises(ModelError, match="the layer SimpleRNN"):
        read_weights(model_with(embedding(5, 3, mask_zero=True), once(keras.layers.SimpleRNN(2))))
    with pytest.raises(ModelError, match=r"GRU has reset_after=False, and a graph is written for True alone"):
        read_weights(model_with(embedding(5, 3, mask_zero=True), once(keras.layers.GRU(2, reset_after=False))))


def test_a_graph_that_says_something_else_than_keras_is_refused(
    source: RecurrentSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong order of the gates shows in the probabilities, and no run comes of it."""
    monkeypatch.setitem(emotion_rnn.compression.graph.ORDER, "GRU", (1, 0, 2))
    with pytest.raises(ModelError, match="The probabilities of the graph differ by up to"):
        save_onnx(source, tmp_path, NO_GATE)


def test_weights_of_8_bits_are_within_half_a_step() -> None:
    """Each column has its scale, and one of zeros stays zeros."""
    value = np.random.default_rng(0).normal(0, [1, 100, 0], (50, 3)).astype(np.float32)
    held, scale = quantize(value, 0)
    assert held.dtype == np.int8
    assert (np.abs(held * scale - value) <= scale / 2 + 1e-6).all()
    assert not held[:, 2].any()


ANY_TEXT = st.text(
    st.one_of(
        st.sampled_from("abcABC \t\n\v\f\r\x00\x1c\x1f\x85\xa0\u2028\u3000\u0301İßKſ!\"#'-_~"),
        st.characters(exclude_categories=["Cs"]),
    )
)
VOCABULARY = ["a", "b", "ab", "abc", "c", "i\u0307", "k", "ß", "\u2028", "a\xa0b", "a\x00b"]


@pytest.fixture(scope="module")
def vectorizer() -> keras.layers.TextVectorization:
    """Keras's own, with a small vocabulary."""
    return keras.layers.TextVectorization(standardize="lower_and_strip_punctuation", vocabulary=VOCABULARY)


@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=8))
@example(texts=["", "   ", "A B c, D!", "a\x00b \x00 a\x85b a\xa0b", "a " * 500, "İ K ſ ß SS"])
def test_words_have_the_ids_that_keras_gives_them(vectorizer: keras.layers.TextVectorization, texts: list[str]) -> None:
    """Whatever the text, cleaned or not: case, signs, white space, NUL, unknown words and the limit."""
    padded = np.asarray(vectorizer(tf.constant([text.encode() for text in texts])))
    for max_length in (1, 3, 1000):
        expected = [row[:max_length][row[:max_length] != 0].tolist() for row in padded]
        words = Words(vectorizer.get_vocabulary(), max_length)
        assert words(texts)["input_ids"] == expected
        assert words.cut(texts) == [int((row != 0).sum()) > max_length for row in padded]


def same_ids(texts: list[str], vocabulary_size: int) -> None:
    """Compare the ids of cleaned and of raw texts."""
    made = make_vectorizer([letters_only(text) for text in texts], vocabulary_size)
    words = Words(made.get_vocabulary(), 10_000)
    for given_texts in (texts, [letters_only(text) for text in texts]):
        padded = np.asarray(made(tf.constant(given_texts)))
        assert words(given_texts)["input_ids"] == [row[row != 0].tolist() for row in padded]


def test_the_bundled_texts_have_the_ids_that_keras_gives_them() -> None:
    """Raw and cleaned, with words that the vocabulary leaves out."""
    same_ids([text for split in load_dataset("sample").splits.values() for text in split.texts], 300)


def test_the_emotion_tweets_have_the_ids_that_keras_gives_them() -> None:
    """All 18,000 of them."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data" / "emotion"
    folder = Path(os.environ.get("EMOTION_DATA_DIR", beside))
    if not folder.is_dir():
        pytest.skip("the emotion tweets are not here; set EMOTION_DATA_DIR to their folder")
    same_ids([text for split in load_dataset(folder).splits.values() for text in split.texts], 30_000)


def test_emotion_core_uses_a_graph_without_what_training_needs(variants: tuple[Path, dict[str, Variant]]) -> None:
    """``predict`` of both programs imports neither TensorFlow nor a tokenizer nor anything else that is heavy."""
    unwanted = (set(HEAVY_LIBRARIES) - {"numpy"}) | {"tokenizers", "onnx"}
    for module in ("emotion_core.cli.main", "emotion_rnn.cli.main"):
        program = (
            f"import sys; sys.modules |= dict.fromkeys({sorted(unwanted)!r})\nfrom {module} import main\n"
            "main(sys.argv[1:], standalone_mode=False)\n"
        )
        command = [sys.executable, "-c", program, "predict", str(variants[0] / "onnx-int8"), "i feel fine", "--json"]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["predicted_emotion"] in EMOTIONS


def test_a_graph_is_evaluated_by_emotion_core_as_it_was_measured(variants: tuple[Path, dict[str, Variant]]) -> None:
    """Without the libraries of the extra ``study``."""
    from emotion_core.cli.main import main as core

    told = CliRunner().invoke(
        core, ["evaluate", str(variants[0] / "onnx"), "--data", "sample", "--split", "test", "--json", "--quiet"]
    )
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["n"] == 150


@pytest.mark.parametrize(
    ("file", "old", "new", "match"),
    [
        ("inputs.json", '"max_length": 6', '"max_length": 7', "max_length: found 7, expected 6"),
        ("inputs.json", "letters_only", "social_media", "text_cleaning: found 'social_media'"),
        ("inputs.json", '"joy"', '"JOY"', "labels: found"),
        ("inputs.json", '"temperature": 1', '"temperature": 2', "temperature: found 2"),
        ("vocabulary.txt", "\n", "\nmore\n", "is not the vocabulary that was written with the graph"),
    ],
)
def test_a_graph_whose_folder_contradicts_its_record_is_refused(
    variants: tuple[Path, dict[str, Variant]], tmp_path: Path, file: str, old: str, new: str, match: str
) -> None:
    """Also where all hashes were made anew: what decides the answer stands in the folder, and is compared."""
    forged = shutil.copytree(variants[0] / "onnx", tmp_path / "forged")
    path = forged / "model" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    renew_hashes(forged)
    with pytest.raises(RunError, match=match):
        emotion_core.load(forged)


def test_the_code_in_the_card_of_a_graph_runs(
    variants: tuple[Path, dict[str, Variant]], capsys: pytest.CaptureFixture[str]
) -> None:
    """ONNX Runtime opens it alone and prints the emotion that we predict."""
    run_python_of_card(variants[0] / "onnx-int8")
    (predicted,) = emotion_core.load(variants[0] / "onnx-int8").predict(["i did not see that coming"])
    assert capsys.readouterr().out.split() == [predicted]


def test_a_run_of_version_0_1_becomes_a_graph(tmp_path: Path) -> None:
    """Its model has the layers of today's, and says the same."""
    old = RecurrentSource.read(OLD, load_dataset("sample"), "cpu", quiet=True)
    assert save_onnx(old, tmp_path, NO_GATE)["largest_difference"] <= EXACT
    onnx.checker.check_model(str(tmp_path / "model.onnx"))


@pytest.mark.acceptance
def test_a_run_that_was_trained_in_16_bits_becomes_a_graph(small_data: Dataset, tmp_path: Path) -> None:
    """Keras rounds more than the graph does, and the difference is recorded."""
    options = TrainingOptions(computing=Computing(precision="mixed_bfloat16"), quiet=True, extras=False)
    train(ARCHITECTURES["gru"], SHORT_READING, small_data, tmp_path / "run", 1, options)
    coarse = RecurrentSource.read(tmp_path / "run", small_data, "cpu", quiet=True)
    (tmp_path / "graph").mkdir()
    assert 0 < save_onnx(coarse, tmp_path / "graph", NO_GATE)["largest_difference"] < 0.02


def test_keras_alone_is_not_asked_for_a_graph(variants: tuple[Path, dict[str, Variant]]) -> None:
    """`RNNClassifier.load` names what loads it."""
    with pytest.raises(RunError, match=r"format 'onnx', expected 'keras'\. Use emotion_rnn\.load"):
        RNNClassifier.load(variants[0] / "onnx")
    assert isinstance(emotion_rnn.load(variants[0] / "onnx"), OnnxClassifier)


@pytest.mark.acceptance
def test_the_command_writes_runs_and_the_report(source: RecurrentSource, tmp_path: Path) -> None:
    """The table, the JSON and the picture are there, the gate marks what loses too much, and a variant is refused."""
    words = ["compress", str(source.run_dir), "--data", "sample", "--quiet", "--output", str(tmp_path / "out")]
    told = CliRunner().invoke(main, [*words, "--max-drop", "-1", "--strict", "--json"])
    assert told.exit_code == 1, told.output
    assert [variant["state"] for variant in json.loads(told.stdout)["variants"]] == [PASSED, "FAILED", "FAILED"]
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"onnx", "onnx-int8", "compression.csv", "compression.json", "trade_off.png"}
    again = CliRunner().invoke(main, ["compress", str(tmp_path / "out" / "onnx"), "--data", "sample"])
    assert again.exit_code == 2
    assert "is compressed already" in again.stderr
    record = read_json(tmp_path / "out" / "onnx", "run.json")
    assert record["files"]["model/vocabulary.txt"]
