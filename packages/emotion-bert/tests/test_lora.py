"""Low-rank adapters: what they train, and that the run is a plain model."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
import torch
from conftest import TINY
from safetensors.torch import load_file

from emotion_bert.checkpoints import Checkpoint, load_model
from emotion_bert.classifier import TransformerClassifier
from emotion_bert.lora import add_adapters
from emotion_bert.train import train
from emotion_core.dataset import Dataset
from emotion_core.errors import ModelError

RANK = 2


def test_adapters_change_the_linear_layers_by_their_rank_and_nothing_else_of_the_encoder(
    checkpoint: Checkpoint, small_data: Dataset, tmp_path: Path
) -> None:
    """In the saved plain model the linear layers differ by matrices of the rank, the rest of the encoder not at all."""
    pytest.importorskip("peft", reason="peft is not installed (emotion-bert[lora])")
    settings = dataclasses.replace(TINY, epochs=1, lora_rank=RANK, learning_rate=0.01)
    train(checkpoint, settings, small_data, tmp_path / "run", 1, quiet=True)
    before = load_model(checkpoint)
    after = load_file(tmp_path / "run" / "model" / "model.safetensors")
    linear = {name for name, module in before.named_modules() if isinstance(module, torch.nn.Linear)}
    assert set(after) == set(before.state_dict())
    changed = 0
    for name, weights in before.base_model.state_dict(prefix=f"{before.base_model_prefix}.").items():
        difference = after[name] - weights
        if name.removesuffix(".weight") in linear:
            assert torch.linalg.matrix_rank(difference, atol=1e-5) == RANK
            changed += 1
        else:
            assert not difference.any(), name
    assert changed > 0
    head = "classifier.out_proj.weight" if "classifier.out_proj.weight" in after else "classifier.weight"
    assert (after[head] != before.state_dict()[head]).any()


def test_a_run_of_adapters_loads_without_peft(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run folder of a training of adapters is loaded like any other, where peft is not installed."""
    pytest.importorskip("peft", reason="peft is not installed (emotion-bert[lora])")
    settings = dataclasses.replace(TINY, epochs=1, lora_rank=RANK)
    metrics = train(checkpoints["bertweet"], settings, small_data, tmp_path / "run", 1, quiet=True)
    monkeypatch.setitem(sys.modules, "peft", None)
    frame = small_data.splits["validation"]
    predicted = TransformerClassifier.load(tmp_path / "run").predict_proba(frame["text"].tolist()).argmax(axis=1)
    assert (predicted == frame["label"].to_numpy()).mean() == pytest.approx(metrics["accuracy"]["value"])


def test_without_peft_the_extra_is_named(checkpoints: dict[str, Checkpoint], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where peft is not installed, the message says how to install it."""
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ModelError, match=r"pip install 'emotion-bert\[lora\]'"):
        add_adapters(load_model(checkpoints["bertweet"]), RANK)
