"""Fewer layers and fewer tokens: what is kept, what is learnt of the full model, and that one follows the other."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from architectures_for_tests import make_checkpoint
from checkpoints_for_tests import MAKERS, sample_texts
from click.testing import CliRunner

from emotion_bert.compression.distillation import Distillation, EpochMixtures, kept_layers, save_fewer_layers
from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.compression.techniques import TECHNIQUES, TOOLBOX
from emotion_bert.compression.vocabulary import common_words, save_smaller_vocabulary
from emotion_bert.emotion_classifier import main
from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.models.loading import load_run
from emotion_bert.models.registry import MODELS, Hyperparameters
from emotion_core.data.dataset import Dataset
from emotion_core.data.typos.texts import EpochTypos
from emotion_core.errors import DataError, ModelError, RunError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_run, verify_run
from emotion_core.system.hashes import file_hash

pytestmark = pytest.mark.xdist_group("compress")

ONE_EPOCH = Hyperparameters(epochs=1, batch_size=16, learning_rate=1e-3, max_length=64)
SHORT = CompressionOptions(max_drop=1.0, distill_epochs=1)
UNSEEN = ["Flibbertigibbet zyx", "ÇA VA où 東京 привет", "xylophonists' jazz-quiz", "😂 1234567890 @#&"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, small_data: Dataset) -> dict[str, Path]:
    """A run of each named architecture, and one of BERT, whose tokenizer is WordPiece."""
    made = {}
    for name in (*MAKERS, "bert"):
        folder, made[name] = tmp_path_factory.mktemp("checkpoint"), tmp_path_factory.mktemp("runs") / name
        if name == "bert":
            make_checkpoint(name, folder, sample_texts())
        else:
            MAKERS[name](folder)
        checkpoint = Checkpoint(MODELS.get(name, MODELS["minilm"]), str(folder))
        train(checkpoint, ONE_EPOCH, small_data, made[name], seed=1, options=TrainingOptions(quiet=True, extras=False))
    return made


def read(run: Path, data: Dataset) -> TransformerSource:
    """A run, to be compressed."""
    return TransformerSource.read(run, data, "cpu", quiet=True)


def loaded(source: TransformerSource, folder: Path) -> TransformerClassifier:
    """What a technique has written of it."""
    return TransformerClassifier.load_folder(folder, source.cleaning, source.max_length, "cpu")


@pytest.mark.parametrize(
    ("layers", "wanted", "kept"), [(6, 0, [0, 2, 4]), (6, 2, [0, 3]), (12, 0, [0, 2, 4, 6, 8, 10]), (5, 0, [0, 1, 3])]
)
def test_the_layers_that_stay_are_evenly_spaced(layers: int, wanted: int, kept: list[int]) -> None:
    """Every second one by default, from the first."""
    assert kept_layers(layers, wanted) == kept


def test_as_many_layers_as_there_are_are_refused() -> None:
    """Then nothing would get smaller; the message has the option and the number."""
    with pytest.raises(ModelError, match=r"--layers: found 6, expected fewer than the 6"):
        kept_layers(6, 6)


def test_a_model_that_says_what_its_teacher_says_has_no_loss(runs: dict[str, Path], small_data: Dataset) -> None:
    """With all layers and the same weights; other weights have one, in the hidden states and in the logits."""
    teacher, student = (read(runs["bert"], small_data).model() for _ in range(2))
    inputs = {"input_ids": torch.arange(5, 25).view(2, 10), "attention_mask": torch.ones(2, 10, dtype=torch.long)}
    loss = Distillation(teacher, [0, 1])
    assert loss(student, inputs).item() == pytest.approx(0, abs=1e-6)
    with torch.no_grad():
        student.classifier.weight.add_(torch.randn_like(student.classifier.weight))
    assert loss(student, inputs).item() > 1e-4


@pytest.mark.parametrize("name", [*MAKERS, "bert"])
def test_half_of_the_layers_reload(name: str, runs: dict[str, Path], small_data: Dataset, tmp_path: Path) -> None:
    """Of two layers the first is left, and the training has changed it; its probabilities are those of six emotions."""
    source = read(runs[name], small_data)
    source.prepare(tmp_path)
    details = save_fewer_layers(source, tmp_path, SHORT)
    assert (details["kept_layers"], details["of_layers"]) == ([0], 2)
    made, teacher = loaded(source, tmp_path), source.model()
    assert (made.model.config.num_hidden_layers, made.model.num_parameters()) == (1, details["parameters"])
    before, after = (model.get_input_embeddings().weight for model in (teacher, made.model))
    assert before.shape == after.shape
    assert not torch.equal(before, after)
    assert made.predict_proba(UNSEEN).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("name", ["bert", "cardiffroberta", "modernbert"])
def test_half_of_the_neurons_go_from_the_layers_that_stay(
    name: str, runs: dict[str, Path], small_data: Dataset, tmp_path: Path
) -> None:
    """The saved config has half of the width, the record the share, and the model loads and predicts."""
    source = read(runs[name], small_data)
    source.prepare(tmp_path)
    details = save_fewer_layers(source, tmp_path, dataclasses.replace(SHORT, neurons=0.5))
    made = loaded(source, tmp_path)
    assert made.model.config.intermediate_size == source.model().config.intermediate_size // 2
    assert details["neurons_removed"] == 0.5
    assert made.predict_proba(UNSEEN).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("name", ["bert", "cardiffroberta", "modernbert"])
def test_with_fewer_tokens_training_texts_are_read_as_before_and_any_text_is(
    name: str, runs: dict[str, Path], small_data: Dataset, tmp_path: Path
) -> None:
    """WordPiece and byte-level BPE: the same probabilities to rounding, and nothing becomes unknown."""
    source = read(runs[name], small_data)
    source.prepare(tmp_path)
    details = save_smaller_vocabulary(source, tmp_path, SHORT)
    assert details["tokens"] < details["of_tokens"] == len(source.tokenizer().get_vocab())
    made, whole = loaded(source, tmp_path), source.classifier()
    assert made.model.get_input_embeddings().weight.shape[0] == len(made.tokenizer.get_vocab()) == details["tokens"]
    texts = small_data.split("train").texts
    np.testing.assert_allclose(made.predict_proba(texts), whole.predict_proba(texts), atol=1e-5)
    unknown = whole.tokenizer.unk_token_id
    for before, now in zip(whole.tokenizer(UNSEEN)["input_ids"], made.tokenizer(UNSEEN)["input_ids"], strict=True):
        assert now.count(made.tokenizer.unk_token_id) == before.count(unknown)


def test_common_words_are_read_in_the_pieces_they_had(
    runs: dict[str, Path], small_data: Dataset, tmp_path: Path
) -> None:
    """Those of a file of vectors, the first ones only; further ones may be read in more pieces."""
    few = dataclasses.replace(
        small_data, splits=small_data.splits | {"train": small_data.splits["train"].take(range(6))}
    )
    source = read(runs["bert"], few)
    whole = source.tokenizer()
    texts = " ".join([*few.split("train").texts, *source.hard_texts]).lower()
    rare = [token for token in whole.get_vocab() if token.isalpha() and len(token) > 3 and token not in texts][:2]
    file = tmp_path / "vectors.txt"
    file.write_text("".join(f"{word} 0.5 -0.5\n" for word in rare), encoding="utf-8")
    source.prepare(tmp_path)
    details = save_smaller_vocabulary(source, tmp_path, dataclasses.replace(SHORT, words=file, most_words=1))
    made = loaded(source, tmp_path).tokenizer
    assert (details["words"], details["words_file"]) == (1, "vectors.txt")
    assert made.tokenize(rare[0]) == [rare[0]]
    assert len(made.tokenize(rare[1])) > 1


def test_a_tokenizer_that_cannot_be_cut_is_refused(runs: dict[str, Path], small_data: Dataset, tmp_path: Path) -> None:
    """BERTweet's, which stands in no tokenizer.json, in one sentence."""
    source = read(runs["bertweet"], small_data)
    source.prepare(tmp_path)
    with pytest.raises(ModelError, match=r"does not stand in tokenizer\.json"):
        save_smaller_vocabulary(source, tmp_path, SHORT)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xff"])
def test_a_file_without_words_is_named(content: bytes | None, tmp_path: Path) -> None:
    """One that is missing, empty or no text."""
    if content is not None:
        (tmp_path / "words.txt").write_bytes(content)
    with pytest.raises(DataError, match=r"words\.txt: (cannot be read|holds no words)"):
        common_words(tmp_path / "words.txt", 10)


def test_all_leaves_out_what_is_made_on_request() -> None:
    """Layers trains for long, and vocabulary removes words; either is made if it is named."""
    assert set(TECHNIQUES) - set(TOOLBOX.usual) == {"layers", "vocabulary"}


@pytest.mark.acceptance
def test_techniques_follow_each_other(runs: dict[str, Path], tmp_path: Path) -> None:
    """Layers, vocabulary and onnx in turn, on the data that the run records: a run each, which knows what came before.

    The gate compares with the run that is compressed, so what was lost before is told beside it.
    """
    first, chain = runs["bert"], ("layers", "vocabulary", "onnx")
    run = first
    for technique in chain:
        output = tmp_path / technique
        words = ["compress", str(run), "--technique", technique, "--output", str(output), "--device", "cpu"]
        words += ["--distill-epochs", "1", "--max-drop", "1"]
        told = CliRunner().invoke(main, words)
        assert told.exit_code == 0, told.output
        assert ("was itself made from" in told.stderr) == (run != first)
        run = output / technique
        assert verify_run(run) == []
    record = read_run(run)
    assert record.model == f"{read_run(first).model}-layers-vocabulary-onnx"
    assert record.compression is not None
    steps = record.compression.before
    assert [(step.technique, step.of) for step in steps] == [
        ("layers", str(first)),
        ("vocabulary", str(tmp_path / "layers" / "layers")),
    ]
    assert all(step.macro_f1_difference is not None for step in steps)
    assert record.parameters == sum(
        weight.numel() for weight in load_run(run.parents[1] / "vocabulary" / "vocabulary", "cpu").model.parameters()
    )
    assert record.decided_by()["run"] == file_hash(tmp_path / "vocabulary" / "vocabulary" / "run.json")
    probabilities = load_run(run, "cpu").predict_proba(UNSEEN)
    assert probabilities.shape == (4, len(EMOTIONS))
    card = (run / "README.md").read_text(encoding="utf-8")
    assert f"`layers` on `{first}`" in card


def test_what_is_in_onnx_is_not_compressed_again(runs: dict[str, Path], small_data: Dataset, tmp_path: Path) -> None:
    """Only what layers and vocabulary make is an ordinary model; of the rest the message names the run it came from."""
    run = shutil.copytree(runs["bert"], tmp_path / "run")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    for technique, refused in (("onnx", True), ("layers", False)):
        record["compression"] = {"technique": technique, "of": "runs/minilm"}
        (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
        if refused:
            with pytest.raises(
                RunError, match=r"is compressed already\. Name the run that it was made from: runs/minilm"
            ):
                read(run, small_data)
        else:
            assert read(run, small_data).before[0].of == "runs/minilm"


def test_each_epoch_learns_from_other_texts_some_of_them_made_of_two() -> None:
    """The words of each come from one or two texts; an epoch gives the same each time, and another epoch others."""
    texts = [f"a{place} b{place} c{place} d{place}" for place in range(100)]
    varied = EpochMixtures(EpochTypos(0.0, 1), 1)
    first = varied.texts(texts, 0)
    assert first == varied.texts(texts, 0) != varied.texts(texts, 1)
    assert 30 <= sum(one != other for one, other in zip(texts, first, strict=True)) <= 60
    assert {word for text in first for word in text.split()} <= {word for text in texts for word in text.split()}
    assert all(len({word[1:] for word in text.split()}) <= 2 for text in first)


def test_a_text_without_words_stays_as_it_is() -> None:
    """Nothing can be made of it and another."""
    assert EpochMixtures(EpochTypos(0.0, 1), 1).texts([" ", " "], 0) == [" ", " "]
