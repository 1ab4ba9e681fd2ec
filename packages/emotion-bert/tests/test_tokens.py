"""A tokenizer that is none, or does not fit its model, is refused before a training; what can be mended is mended."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from architectures_for_tests import AS_BERT, AS_GPT, AS_ROBERTA, Architecture, make_checkpoint, make_tokenizer
from checkpoints_for_tests import sample_texts
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast
from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

import emotion_bert
from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import Computing, TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.models.registry import Hyperparameters, find_model
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError, RunError
from emotion_core.runs.layouts import TOKENIZER_FILES
from shared_checks import renew_hashes

SETTINGS = Hyperparameters(epochs=1, batch_size=16, learning_rate=1e-3, max_length=32)
QUIET = TrainingOptions(computing=Computing("cpu", "fp32"), quiet=True, extras=False)
NAMES = ("bert", "roberta", "gpt2")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small checkpoint of each of three kinds of tokenizer."""
    made = {}
    for name in NAMES:
        made[name] = tmp_path_factory.mktemp("checkpoints") / name
        make_checkpoint(name, made[name], sample_texts())
    return made


@pytest.fixture(params=NAMES)
def folder(request: pytest.FixtureRequest, folders: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of each, to be altered."""
    return shutil.copytree(folders[request.param], tmp_path / request.param)


@pytest.fixture
def bert(folders: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the checkpoint like BERT."""
    return shutil.copytree(folders["bert"], tmp_path / "bert")


def at(folder: Path) -> Checkpoint:
    """The checkpoint in a folder."""
    return Checkpoint(find_model(str(folder)), str(folder))


def fine_tune(folder: Path, data: Dataset, **settings: Any) -> Path:
    """A run of the checkpoint in a folder."""
    run = folder.parent / "run"
    train(at(folder), dataclasses.replace(SETTINGS, **settings), data, run, 1, QUIET)
    return run


def change(folder: Path, name: str, **entries: Any) -> None:
    """Set entries of a JSON file; None takes one out."""
    content = json.loads((folder / name).read_text(encoding="utf-8")) | entries
    kept = {key: value for key, value in content.items() if value is not None}
    (folder / name).write_text(json.dumps(kept), encoding="utf-8")


def without_any(folder: Path) -> None:
    """Take all files of the tokenizer away, as a Trainer without processing_class leaves a checkpoint."""
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()


def without_the_words(folder: Path) -> None:
    """Leave the configuration alone."""
    (folder / "tokenizer.json").unlink()


def with_half_of_it(folder: Path) -> None:
    """Leave a vocabulary without what else the class needs."""
    without_any(folder)
    (folder / "vocab.json").write_text('{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}', encoding="utf-8")


@pytest.mark.parametrize("damage", [without_any, without_the_words, with_half_of_it], ids=lambda each: each.__name__)
def test_a_folder_without_a_tokenizer_is_refused(
    folder: Path, damage: Callable[[Path], None], small_data: Dataset
) -> None:
    """The message has the folder, the files that are looked for, and what to do; nothing is trained."""
    damage(folder)
    with pytest.raises(ModelError, match=rf"{folder}: has no tokenizer\. Looked for tokenizer\.json"):
        fine_tune(folder, small_data)
    assert not (folder.parent / "run").exists()


def foreign(folder: Path) -> None:
    """A tokenizer that was learned on another script."""
    make_tokenizer(AS_BERT, ["привет как дела", "сегодня хороший день"] * 9, "right").save_pretrained(folder)


def of_few_words(folder: Path) -> None:
    """A tokenizer that knows whole words, and few of these texts."""
    tokenizer = Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "zebra": 2, "the": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)


def of_vanishing_words(folder: Path) -> None:
    """A tokenizer to which most letters are nothing, not even unknown."""
    tokenizer = Tokenizer(models.BPE({"<pad>": 0, "a": 1, "e": 2, "ae": 3}, [("a", "e")]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>").save_pretrained(folder)


@pytest.mark.parametrize("spoil", [foreign, of_few_words, of_vanishing_words], ids=lambda each: each.__name__)
def test_a_tokenizer_that_cannot_read_the_texts_is_refused(
    bert: Path, spoil: Callable[[Path], None], small_data: Dataset
) -> None:
    """Where most of the training texts become the unknown token or nothing, the message says how much is read."""
    spoil(bert)
    with pytest.raises(ModelError, match=r"its tokenizer reads \d+% of the letters of the training texts"):
        fine_tune(bert, small_data)


@pytest.mark.parametrize("technique", ["", "onnx"])
def test_a_run_whose_tokenizer_knows_no_words_is_not_loaded(
    technique: str, bert: Path, small_data: Dataset, tmp_path: Path
) -> None:
    """An older version made such runs of folders without a tokenizer; they are told, in either format."""
    run = fine_tune(bert, small_data)
    without_any(run / "model")
    PreTrainedTokenizerFast(tokenizer_object=special_alone(), **AS_BERT.tokens).save_pretrained(run / "model")
    if technique:
        (run / "model" / "inputs.json").write_text('{"tokenizer": "tokenizers", "padding": {}}', encoding="utf-8")
        (run / "model" / "model.safetensors").unlink()
        (run / "model" / "model.onnx").touch()
    renew_hashes(run, **({"format": "onnx"} if technique else {}))
    with pytest.raises((RunError, ModelError), match="has special tokens alone and knows no words"):
        emotion_bert.load(run)


def special_alone() -> Tokenizer:
    """A tokenizer of five special tokens."""
    tokens = {token: number for number, token in enumerate(AS_BERT.tokens.values())}
    tokenizer = Tokenizer(models.WordPiece(tokens, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(tokens))
    return tokenizer


@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("name", ["bert", "roberta"])
def test_a_length_without_room_for_words_is_refused(name: str, length: int, folders: dict[str, Path]) -> None:
    """Two special tokens stand round each text, and the message has the least length that makes sense."""
    with pytest.raises(ModelError, match=f"--max-length {length} leaves no room for words.*Choose 3 at least"):
        load_tokenizer(at(folders[name]), length)
    load_tokenizer(at(folders[name]), 3)


@pytest.mark.parametrize("stated", [0, -1, "512", "many", None, 1e30, True, [64]], ids=str)
def test_a_limit_that_is_no_length_is_passed_over(stated: Any, folder: Path, tmp_path: Path) -> None:
    """The positions of the model count; the tokenizer that is saved with the run states what makes sense."""
    change(folder, "tokenizer_config.json", model_max_length=stated)
    tokenizer = load_tokenizer(at(folder), 32)
    assert tokenizer("a b c " * 40, truncation=True)["input_ids"]
    assert tokenizer.model_max_length >= 32
    with pytest.raises(ModelError, match=r"takes 6[24] tokens at most"):
        load_tokenizer(at(folder), 100)


@pytest.mark.parametrize("name", ["bert", "roberta", "gpt2"])
def test_a_tokenizer_without_padding_token_gets_one(name: str, folders: dict[str, Path], tmp_path: Path) -> None:
    """The token that the model takes for padding, else that of the end; positions of RoBERTa stay as they were."""
    folder = shutil.copytree(folders[name], tmp_path / name)
    change(folder, "tokenizer_config.json", pad_token=None)
    tokenizer = load_tokenizer(at(folder), 32)
    assert tokenizer.pad_token == {"bert": "[PAD]", "roberta": "<pad>", "gpt2": "<|endoftext|>"}[name]


def test_a_tokenizer_that_cannot_pad_is_told(bert: Path) -> None:
    """Where there is no token that would do, the message says how to set one."""
    tokenizer = Tokenizer(models.WordLevel({"a": 0, "b": 1}))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(bert)
    change(bert, "config.json", pad_token_id=-1)
    with pytest.raises(ModelError, match="has no token to pad short texts with"):
        load_tokenizer(at(bert), 32)


@pytest.mark.parametrize("name", ["bert", "gpt2"])
def test_added_tokens_get_an_embedding(
    name: str, folders: dict[str, Path], small_data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A text with a token that was added to the tokenizer alone can be predicted, and the training says so."""
    folder = shutil.copytree(folders[name], tmp_path / name)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["zeppelin", "ofnx"])
    tokenizer.save_pretrained(folder)
    run = fine_tune(folder, small_data)
    assert "no embedding for 2 of its tokenizer's tokens" in capsys.readouterr().err
    classifier = emotion_bert.load(run, "cpu")
    assert classifier.predict_proba(["a zeppelin over ofnx"]).shape == (1, 6)
    assert classifier.model.get_input_embeddings().weight.shape[0] == len(tokenizer)


def test_the_tokenizer_of_another_model_is_refused(bert: Path, small_data: Dataset) -> None:
    """Words beyond the embedding that nobody added are those of a tokenizer that does not belong here."""
    weights = load_file(bert / "model.safetensors")
    key = next(key for key in weights if key.endswith("word_embeddings.weight"))
    weights[key] = weights[key][:50].clone()
    save_file(weights, bert / "model.safetensors", {"format": "pt"})
    change(bert, "config.json", vocab_size=50)
    with pytest.raises(ModelError, match=r"embeddings for 50 alone\. It is the tokenizer of another model"):
        fine_tune(bert, small_data)


def test_a_run_with_a_token_without_embedding_is_not_loaded(bert: Path, small_data: Dataset) -> None:
    """It would end in a traceback as soon as the token comes."""
    run = fine_tune(bert, small_data)
    tokenizer = AutoTokenizer.from_pretrained(run / "model")
    tokenizer.add_tokens(["zeppelin"])
    tokenizer.save_pretrained(run / "model")
    renew_hashes(run)
    with pytest.raises(ModelError, match=r"and the model has embeddings for \d+ alone"):
        emotion_bert.load(run)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_named(value: float, bert: Path, small_data: Dataset) -> None:
    """A checkpoint with NaN is not answered with advice about the learning rate; a run with it is not loaded."""
    good = shutil.copytree(bert, bert.parent / "good")
    weights = load_file(bert / "model.safetensors")
    key = next(key for key in weights if key.endswith("attention.self.query.weight"))
    weights[key][0, 0] = value
    save_file(weights, bert / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=rf"1 of its weights hold NaN or infinity \(.*{key}"):
        fine_tune(bert, small_data)
    run = fine_tune(good, small_data)
    weights = load_file(run / "model" / "model.safetensors")
    weights[next(key for key in weights if key.endswith("query.weight"))][0, 0] = value
    save_file(weights, run / "model" / "model.safetensors", {"format": "pt"})
    renew_hashes(run)
    with pytest.raises(ModelError, match="1 of its weights hold NaN or infinity"):
        emotion_bert.load(run)


def test_an_architecture_whose_answers_depend_on_the_batch_is_refused(small_data: Dataset, tmp_path: Path) -> None:
    """FNet mixes the padding into every token."""
    config = transformers.FNetConfig(
        vocab_size=400, hidden_size=16, intermediate_size=32, num_hidden_layers=2, max_position_embeddings=64
    )
    make_tokenizer(AS_BERT, sample_texts(), "right").save_pretrained(tmp_path / "fnet")
    transformers.FNetModel(config).save_pretrained(tmp_path / "fnet")
    with pytest.raises(ModelError, match="answers of fnet depend on the length of the other texts in a batch"):
        fine_tune(tmp_path / "fnet", small_data)


def test_an_architecture_that_fails_is_told_before_the_training(
    bert: Path, small_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever an architecture raises of the longest text ends in one message with its name and the length."""
    change(bert, "config.json", max_position_embeddings=40)
    weights = load_file(bert / "model.safetensors")
    key = next(key for key in weights if key.endswith("position_embeddings.weight"))
    weights[key] = weights[key][:40].clone()
    save_file(weights, bert / "model.safetensors", {"format": "pt"})
    monkeypatch.setattr("emotion_bert.tokens.lengths._positions", lambda config: 1000)
    with pytest.raises(ModelError, match=r"bert \(bert\): cannot be trained with texts of 50 tokens"):
        fine_tune(bert, small_data, max_length=50)


def test_trying_a_model_changes_no_weight_and_no_random_number(
    bert: Path, small_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training is to the bit what it is without the trial."""
    runs = [fine_tune(shutil.copytree(bert, bert.parent / "first" / "bert"), small_data)]
    monkeypatch.setattr("emotion_bert.finetuning.fine_tuning.try_out", lambda *arguments, **options: None)
    runs.append(fine_tune(shutil.copytree(bert, bert.parent / "second" / "bert"), small_data))
    first, second = (load_file(run / "model" / "model.safetensors") for run in runs)
    assert all(torch.equal(first[name], second[name]) for name in second)


def test_the_answers_do_not_depend_on_the_stated_side(folder: Path, small_data: Dataset) -> None:
    """Altered to pad on the left, a run says what it said."""
    run = fine_tune(folder, small_data)
    expected = emotion_bert.load(run, "cpu").predict_proba(["short", "a text that is a good deal longer than it"])
    change(run / "model", "tokenizer_config.json", padding_side="left")
    renew_hashes(run)
    found = emotion_bert.load(run, "cpu").predict_proba(["short", "a text that is a good deal longer than it"])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_text_without_tokens_is_predicted_by_a_decoder(folders: dict[str, Path], small_data: Dataset) -> None:
    """GPT-2 puts nothing round a text, so that an empty one has no token; it reads one of padding instead."""
    folder = shutil.copytree(folders["gpt2"], small_folder(folders) / "gpt2")
    classifier = emotion_bert.load(fine_tune(folder, small_data), "cpu")
    alone = classifier.predict_proba([""])
    np.testing.assert_allclose(classifier.predict_proba(["", "and more words"])[:1], alone, atol=1e-6)


def test_a_text_of_unknown_tokens_alone_is_unread(bert: Path, small_data: Dataset) -> None:
    """Of letters that the vocabulary lacks nothing is left but the unknown token, however many they are."""
    classifier = emotion_bert.load(fine_tune(bert, small_data), "cpu")
    texts = ["\u0e17 \u0e18", "\u05d0", "\u0e17 and words", "words", "?", "\u200b"]
    assert [reason is None for reason in classifier.unread(texts)] == [False, False, True, True, True, False]


def test_a_text_of_words_that_are_no_tokens_is_foreign(
    bert: Path, small_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vocabulary of the run's tokenizer tells which words the model has met; this one is too small to be asked."""
    classifier = emotion_bert.load(fine_tune(bert, small_data), "cpu")
    words = [word for word in classifier.vocabulary() if word.isalpha() and len(word) > 3][:5]
    texts = [" ".join(words), "Meine Oma fehlt unserer Familie jeden Dienstag"]
    assert classifier.foreign(texts) == [False, False]
    del classifier._known_words
    monkeypatch.setattr("emotion_core.data.known_words.FEWEST_OF_TOKENIZER", 1)
    assert classifier.foreign(texts) == [False, True]


def small_folder(folders: dict[str, Path]) -> Path:
    """An empty folder beside the checkpoints."""
    made = folders["gpt2"].parent / "apart"
    made.mkdir()
    return made


def test_model_folders_may_hold_what_tokenizers_read() -> None:
    """The allow-list has each file that a tokenizer of transformers names."""
    names: set[str] = set()
    for name in {name for name in TOKENIZER_MAPPING_NAMES.values() if name}:
        kind = getattr(transformers, name, None)
        if isinstance(kind, type) and issubclass(kind, PreTrainedTokenizerBase):
            names |= set(map(str, kind.vocab_files_names.values()))
    assert names <= set(TOKENIZER_FILES)


@pytest.mark.parametrize("architecture", [AS_BERT, AS_ROBERTA, AS_GPT])
def test_special_tokens_in_a_text_are_read_as_before(architecture: Architecture) -> None:
    """Only where the head looks for the token of the end are they split."""
    assert not make_tokenizer(architecture, sample_texts(), "right").split_special_tokens
