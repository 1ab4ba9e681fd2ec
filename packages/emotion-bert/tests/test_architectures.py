"""Every architecture that a user is likely to name trains, and its run keeps the contract of classifiers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from architectures_for_tests import ARCHITECTURES, POSITIONS, ROBERTA, make_checkpoint, make_config, make_tokenizer
from checkpoints_for_tests import sample_texts
from transformers import AutoModelForSequenceClassification
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES

import emotion_bert
from classifier_contract import check_classifier, check_neighbours, check_probabilities
from emotion_bert.compression.onnx_export import save_onnx
from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import Computing, TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.models.registry import Hyperparameters, find_model
from emotion_bert.models.stored_weights import depth_of
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError
from emotion_core.inference.onnx.classifier import OnnxClassifier

SETTINGS = Hyperparameters(epochs=1, batch_size=16, learning_rate=1e-3, max_length=32)
QUIET = TrainingOptions(computing=Computing("cpu", "fp32"), quiet=True, extras=False)
FAST = ("bart", "gpt2", "xlm-roberta", "xlnet")
SOME = [pytest.param(name, marks=() if name in FAST else pytest.mark.acceptance) for name in sorted(ARCHITECTURES)]


UNLIMITED = ("bloom", "mt5", "t5", "xlnet")
"""Architectures that count distances instead of positions, or whose configuration states no limit."""


WITHOUT_GRAPH = {
    "longformer": "torch cannot write a graph of longformer",
    "mbart": "ONNX Runtime cannot compute the model",
    "xlnet": "torch cannot write a graph of xlnet",
}
"""Architectures of which there is no graph that works, and what is said of each."""


def checkpoint_of(name: str, folder: Path, side: str | None = None) -> Checkpoint:
    """A small checkpoint of an architecture."""
    make_checkpoint(name, folder / name, sample_texts(), side=side)
    return Checkpoint(find_model(str(folder / name)), str(folder / name))


def trained(name: str, small_data: Dataset, folder: Path, side: str | None = None) -> Path:
    """A run of an architecture."""
    train(checkpoint_of(name, folder, side), SETTINGS, small_data, folder / "run", 1, QUIET)
    return folder / "run"


def test_the_architectures_are_those_of_transformers() -> None:
    """At least 15, and each has a class for the classification of texts."""
    assert set(ARCHITECTURES) <= set(MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES)
    assert len(ARCHITECTURES) >= 15


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_text_alone_is_answered_as_in_any_batch(name: str, side: str, small_data: Dataset, tmp_path: Path) -> None:
    """Whichever side the tokenizer pads of itself, a run of it says the same of a text beside any others."""
    classifier = emotion_bert.load(trained(name, small_data, tmp_path, side), "cpu")
    check_probabilities(classifier)
    check_neighbours(classifier)


@pytest.mark.acceptance
@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_a_run_of_it_keeps_the_contract_of_classifiers(name: str, small_data: Dataset, tmp_path: Path) -> None:
    """Probabilities, copies, threads, and what a new process loads."""
    check_classifier(emotion_bert.load, trained(name, small_data, tmp_path), tmp_path)


@pytest.mark.acceptance
@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_a_graph_of_it_says_what_it_says(name: str, small_data: Dataset, tmp_path: Path) -> None:
    """In ONNX, texts alone and in batches get what torch gives them; or the export ends in one message."""
    run = trained(name, small_data, tmp_path)
    source, folder = TransformerSource.read(run, small_data, "cpu", quiet=True), tmp_path / "onnx"
    folder.mkdir()
    source.prepare(folder)
    if name in WITHOUT_GRAPH:
        with pytest.raises(ModelError, match=WITHOUT_GRAPH[name]):
            save_onnx(source, folder, CompressionOptions())
        return
    save_onnx(source, folder, CompressionOptions())
    exported = OnnxClassifier.load_folder(folder, source.cleaning, source.max_length, "cpu")
    check_probabilities(exported)
    check_neighbours(exported)
    expected, found = (each.predict_proba(source.probes) for each in (source.classifier(), exported))
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_the_longest_text_that_is_accepted_is_computed(name: str, tmp_path: Path) -> None:
    """At the limit of --max-length no position is missing, and one token more is refused if there is a limit."""
    checkpoint = checkpoint_of(name, tmp_path)
    counts_from_padding = ARCHITECTURES[name].tokens is ROBERTA and name not in ("bart", "mbart", "eurobert")
    longest = POSITIONS - 2 if counts_from_padding else POSITIONS
    load_tokenizer(checkpoint, longest)
    if name not in UNLIMITED:
        with pytest.raises(ModelError, match=f"takes {longest} tokens at most"):
            load_tokenizer(checkpoint, longest + 1)
    tokenizer = make_tokenizer(ARCHITECTURES[name], sample_texts(), "right")
    config = make_config(name, tokenizer)
    config.num_labels = 6
    model = AutoModelForSequenceClassification.from_config(config).eval()
    ids = torch.full((1, longest), len(tokenizer) - 1)
    if config.is_encoder_decoder:
        ids[0, -1] = config.eos_token_id
    with torch.inference_mode():
        assert model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.shape == (1, 6)


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - {"albert"}))  # whose layers are one
def test_the_depth_of_each_parameter_is_known(name: str) -> None:
    """By which --layer-decay lowers the learning rates: embeddings, two layers, and the head on top of these."""
    config = make_config(name, make_tokenizer(ARCHITECTURES[name], sample_texts(), "right"))
    with torch.device("meta"):
        model = AutoModelForSequenceClassification.from_config(config)
    embeddings = {id(parameter) for parameter in model.get_input_embeddings().parameters()}
    depths = {parameter: depth_of(parameter, 2) for parameter, _ in model.named_parameters()}
    assert set(depths.values()) == {0, 1, 2}
    assert {depths[key] for key, parameter in model.named_parameters() if id(parameter) in embeddings} == {0}
    assert 1 <= sum(depth == 1 for depth in depths.values()) <= sum(depth == 2 for depth in depths.values())
